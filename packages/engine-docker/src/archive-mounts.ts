import { type Container, type MountSettings } from "dockerode";
import { type Readable } from "node:stream";
import { LapcatError } from "@lapcat/diagnostic";
import { type MountSpec, type PodSpec, type VolumeName, type VolumeSpec } from "@lapcat/engine";
import { entriesFor, hasLink, rootOwner, type ArchiveEntry } from "./archive.ts";
import { noCopy } from "./claims.ts";
import { containerName, labelsOf } from "./container-config.ts";
import { createVolume, keptVolume, type Kept } from "./engine-volume.ts";
import { engineError, isMissing } from "./errors.ts";
import { atLeast, type Host } from "./host.ts";
import { makeIdle } from "./idle-container.ts";
import { isDirectory, isLink, type PathStat, statIn } from "./path-stat.ts";
import { type VolumeEntries } from "./volume-archive.ts";
import { escapeError, escapes, prefixes } from "./volumes.ts";

/** A part of a volume that others write to, as a volume of its own. */
interface Part {
  readonly mount: MountSpec;
  readonly source: string;
  readonly kept: Kept;
  readonly subPath: string;
}

/** The keeper has every volume mounted; `made` is told of each volume that is made for a part, and removes it. */
interface Setting {
  readonly host: Host;
  readonly keeper: Container;
  readonly pod: PodSpec;
  readonly kept: ReadonlyMap<VolumeName, Kept>;
  readonly made: string[];
  readonly putAll: (volumes: readonly VolumeEntries[]) => Promise<void>;
}

/** How the engine mounts a pod's volumes, and parts of them that nobody can put a link in the place of. */
export class ArchiveMounts {
  readonly #parts: Part[] = [];
  readonly #host: Host;
  readonly #keeper: Container;
  readonly #pod: PodSpec;
  readonly #kept: ReadonlyMap<VolumeName, Kept>;
  readonly #made: string[];
  readonly #putAll: Setting["putAll"];

  constructor({ host, keeper, pod, kept, made, putAll }: Setting) {
    this.#host = host;
    this.#keeper = keeper;
    this.#pod = pod;
    this.#kept = kept;
    this.#made = made;
    this.#putAll = putAll;
  }

  /** Older engines take a part of a volume as a volume of its own; the daemon ignores the option it does not know. */
  get #mountsSubPaths(): boolean {
    return this.#host.product === "docker" && atLeast(this.#host.apiVersion, "1.45");
  }

  /** A single file of a `files` volume, which only newer engines mount, as an entry to be copied to the mount path. */
  fileOf({ volume, subPath, path }: MountSpec): readonly ArchiveEntry[] | undefined {
    const { spec } = keptVolume(this.#kept, this.#pod, volume);
    if (subPath === undefined || spec.kind !== "files" || this.#mountsSubPaths) return undefined;
    const wanted = prefixes(subPath).at(-1);
    const file = spec.files.find((each) => prefixes(each.path).at(-1) === wanted);
    if (file === undefined || file.content.kind === "link") return undefined;
    return entriesFor([{ ...file, path: path.slice(1) }], "", rootOwner, undefined);
  }

  async settingsOf(mount: MountSpec): Promise<MountSettings> {
    const kept = keptVolume(this.#kept, this.#pod, mount.volume);
    const shared = { Target: mount.path, ReadOnly: mount.readOnly || kept.spec.kind === "files" };
    if (mount.subPath !== undefined && escapes(mount.subPath)) throw escapeError(mount);
    const subPath = prefixes(mount.subPath ?? "").at(-1);
    if (kept.spec.kind === "host") return this.#hostMount(kept.spec, subPath, shared);
    if (subPath === undefined) return { Type: "volume", Source: kept.source, VolumeOptions: noCopy, ...shared };
    const directory = await this.#subDirectory(mount, kept, subPath);
    if (this.#mountsSubPaths) {
      return {
        Type: "volume",
        Source: kept.source,
        VolumeOptions: { ...noCopy, Subpath: subPath } as typeof noCopy,
        ...shared,
      };
    }
    if (!directory) {
      throw new LapcatError({
        code: "engine.refused",
        message: `this engine (API ${this.#host.apiVersion}) cannot mount the single file ${subPath} of the volume ${mount.volume}`,
        hint: "mount the whole volume, or use an engine with API 1.45 or newer (Docker 26)",
      });
    }
    const source = containerName(this.#pod, `s${this.#made.length}`);
    this.#made.push(source);
    if (kept.spec.kind !== "files") this.#parts.push({ mount, source, kept, subPath });
    await createVolume(this.#host.docker, source, labelsOf(this.#pod, "volume"), {
      type: "none",
      o: "bind",
      device: `${kept.mountpoint ?? ""}/${subPath}`,
    });
    return { Type: "volume", Source: source, VolumeOptions: noCopy, ...shared };
  }

  #hostMount(
    { path }: Extract<VolumeSpec, { kind: "host" }>,
    subPath: string | undefined,
    shared: Pick<MountSettings, "Target" | "ReadOnly">,
  ): MountSettings {
    // What is there is for the engine's machine to know; a link in it could lead anywhere.
    if (subPath !== undefined) {
      throw new LapcatError({
        code: "engine.refused",
        message: `a subPath of the hostPath ${path} can only be mounted by an engine that shares lapcat's filesystem`,
        hint: `name ${path}/${subPath} as the hostPath`,
      });
    }
    return { Type: "bind", Source: path, ...shared };
  }

  /**
   * The engine looks a part up by its name when it is first mounted, and an earlier step may by then have put a link to anywhere in its
   * place. So all parts are mounted now, by a container that does nothing, and stay so; that none is something else is made sure of.
   */
  async holdParts(): Promise<Container | undefined> {
    if (this.#parts.length === 0) return undefined;
    const at = (index: number): string => `/s/${index}`;
    const holder = await makeIdle(
      this.#host,
      this.#pod,
      "holder",
      this.#parts.map(({ source }, index) => ({ source, at: at(index) })),
    );
    try {
      await holder.start();
      for (const [index, part] of this.#parts.entries()) {
        if (part.kept.spec.kind === "claim" && !(await this.#isPart(part, holder, at(index))))
          throw escapeError(part.mount);
      }
      return holder;
    } catch (cause) {
      await holder.remove({ force: true, v: true });
      throw cause;
    }
  }

  /** Others may be writing into it, so a directory that changed between two looks is looked at again. */
  async #isPart({ kept, subPath }: Part, holder: Container, at: string): Promise<boolean> {
    for (let look = 0; look < 5; look++) {
      const mounted = await statIn(holder, at, this.#pod);
      const named = await statIn(this.#keeper, `${kept.at}/${subPath}`, this.#pod);
      if (mounted !== undefined && mounted.mode === named?.mode && mounted.mtime === named.mtime) return true;
    }
    return false;
  }

  /** Makes the directory when absent; says whether it is one. Links are refused: the engine's mount would follow them. */
  async #subDirectory(mount: MountSpec, { spec, at }: Kept, subPath: string): Promise<boolean> {
    const missing: ArchiveEntry[] = [];
    let directory = true;
    for (const path of prefixes(subPath)) {
      const stat = missing.length > 0 ? undefined : await statIn(this.#keeper, `${at}/${path}`, this.#pod);
      // Nothing has run yet that could have put a link into a scratch volume.
      if (spec.kind === "claim" && missing.length === 0 && (await this.#isLinked(`${at}/${path}`, stat)))
        throw escapeError(mount);
      if (stat === undefined) missing.push({ path, kind: "directory", mode: 0o777, ...rootOwner });
      else directory = isDirectory(stat);
    }
    await this.#putAll([{ at, entries: missing }]);
    return directory;
  }

  /** Podman's stat has followed every link already, so there the directory above has to tell. */
  async #isLinked(path: string, stat: PathStat | undefined): Promise<boolean> {
    if (this.#host.product === "docker") return stat !== undefined && isLink(stat);
    const slash = path.lastIndexOf("/");
    try {
      const archive = await this.#keeper.getArchive({ path: path.slice(0, slash) });
      return await hasLink(archive as Readable, path.slice(slash + 1));
    } catch (cause) {
      if (isMissing(cause)) return false;
      throw engineError(cause, `look at ${path} in a volume of ${this.#pod.name}`);
    }
  }
}

import { type default as Docker, type Container, type MountSettings } from "dockerode";
import { type Readable } from "node:stream";
import { LapcatError } from "@lapcat/diagnostic";
import { type FileContent, type MountSpec, type PodSpec, type VolumeName, type VolumeSpec } from "@lapcat/engine";
import { appendFile } from "./append-file.ts";
import { entriesFor, firstMember, hasLink, rootOwner, type ArchiveEntry, type Owner } from "./archive.ts";
import { noCopy } from "./claims.ts";
import { containerName, labelsOf } from "./container-config.ts";
import { engineError, isMissing, leadsNowhere } from "./errors.ts";
import { atLeast, type Host } from "./host.ts";
import { makeIdle } from "./idle-container.ts";
import { putIntoVolumes, type VolumeEntries } from "./volume-archive.ts";
import { escapeError, escapes, prefixes, volumeOf } from "./volumes.ts";

/** A volume of the engine, mounted into the keeper at `at`. `mountpoint` is its place on the engine's machine. */
export interface Kept {
  readonly spec: VolumeSpec;
  readonly source: string;
  readonly mountpoint: string | undefined;
  readonly at: string;
}

export async function createVolume(
  docker: Docker,
  name: string,
  labels: Record<string, string>,
  options: Record<string, string>,
): Promise<string> {
  const created = (await docker.createVolume({ Name: name, Labels: labels, DriverOpts: options })) as unknown as {
    readonly Mountpoint?: string;
  };
  return created.Mountpoint ?? (await docker.getVolume(name).inspect()).Mountpoint;
}

/** Go's os.ModeSymlink and os.ModeDir, as the engine's path stat carries them. */
const goSymlink = 0x0800_0000;
const goDirectory = 0x8000_0000;

interface PathStat {
  readonly mode: number;
  /** To the nanosecond. */
  readonly mtime: string;
  readonly linkTarget: string;
}

/** A part of a volume that others write to, as a volume of its own. */
interface Part {
  readonly mount: MountSpec;
  readonly source: string;
  readonly kept: Kept;
  readonly subPath: string;
}

/** The ways in and out of a pod's volumes, through the container that has them all. */
export class VolumeReach {
  readonly #parts: Part[] = [];
  readonly #host: Host;
  readonly #keeper: Container;
  readonly #pod: PodSpec;
  readonly #kept: ReadonlyMap<VolumeName, Kept>;

  constructor(host: Host, keeper: Container, pod: PodSpec, kept: ReadonlyMap<VolumeName, Kept>) {
    this.#host = host;
    this.#keeper = keeper;
    this.#pod = pod;
    this.#kept = kept;
  }

  #volume(name: VolumeName): Kept {
    const found = this.#kept.get(name);
    if (found === undefined) throw new Error(`pod ${this.#pod.name} has no volume ${volumeOf(this.#pod, name).name}`);
    return found;
  }

  async put(volume: VolumeName, entries: readonly ArchiveEntry[]): Promise<void> {
    const { at } = this.#volume(volume);
    for (const entry of entries) await this.#keepInside(volume, entry.path);
    await this.putAll([{ at, entries }]);
  }

  async putAll(volumes: readonly VolumeEntries[]): Promise<void> {
    try {
      await putIntoVolumes(this.#host.product, this.#keeper, volumes);
    } catch (cause) {
      throw engineError(cause, `put files into a volume of ${this.#pod.name}`);
    }
  }

  async read(volume: VolumeName, path: string, limit: number): Promise<FileContent | undefined> {
    const found = await this.#resolve(volume, path, true);
    if (found === undefined) return undefined;
    try {
      const archive = await this.#keeper.getArchive({ path: found });
      const member = await firstMember(archive as Readable, limit);
      if (member.kind === "file") return { bytes: member.bytes, truncated: member.truncated };
      // A link in the last place: one more look, at where it leads.
      if (member.kind === "other") return undefined;
      const target = await this.#resolve(volume, path);
      if (target === undefined || target === found) return undefined;
      const end = await firstMember((await this.#keeper.getArchive({ path: target })) as Readable, limit);
      return end.kind === "file" ? { bytes: end.bytes, truncated: end.truncated } : undefined;
    } catch (cause) {
      if (isMissing(cause) || leadsNowhere(cause)) return undefined;
      throw engineError(cause, `read ${path} from a volume of ${this.#pod.name}`);
    }
  }

  async append(volume: VolumeName, path: string, content: Uint8Array, owner: Owner): Promise<void> {
    await this.#keepInside(volume, path);
    await appendFile(this.#keeper, `${this.#volume(volume).at}/${prefixes(path).at(-1) ?? ""}`, content, owner);
  }

  /** Rejects when a link on the way to `path` leads out of the volume. */
  async #keepInside(volume: VolumeName, path: string): Promise<void> {
    const parent = prefixes(path).at(-2);
    if (
      parent !== undefined &&
      (await this.#resolve(volume, parent)) === undefined &&
      (await this.#stat(`${this.#volume(volume).at}/${parent}`)) !== undefined
    ) {
      throw new LapcatError({ code: "path.escape", message: `${path} leads out of the volume ${volume}` });
    }
  }

  /** The path in the keeper that `path` leads to with every link followed; undefined when absent or outside. `keepLast` trusts the last part unseen. */
  async #resolve(volume: VolumeName, path: string, keepLast = false): Promise<string | undefined> {
    const { at } = this.#volume(volume);
    let done = at;
    const rest = path.split("/").filter((part) => part !== "" && part !== ".");
    for (let hops = 0; rest.length > 0 && hops < 64; hops++) {
      const part = rest.shift() ?? "";
      if (part === "..") {
        if (done === at) return undefined;
        done = done.slice(0, done.lastIndexOf("/"));
        continue;
      }
      const next = `${done}/${part}`;
      if (keepLast && rest.length === 0) return next;
      const stat = await this.#stat(next);
      if (stat === undefined) return undefined;
      if ((stat.mode & goSymlink) === 0) {
        done = next;
        continue;
      }
      // The engine has followed it to its end already, within the keeper.
      if (!stat.linkTarget.startsWith(`${at}/`)) return undefined;
      rest.unshift(...stat.linkTarget.slice(at.length + 1).split("/"));
      done = at;
    }
    return rest.length === 0 ? done : undefined;
  }

  async #stat(path: string, container: Container = this.#keeper): Promise<PathStat | undefined> {
    try {
      const response = (await container.infoArchive({ path })) as {
        readonly headers?: Record<string, string | undefined>;
      };
      const header = response.headers?.["x-docker-container-path-stat"];
      return header === undefined
        ? undefined
        : (JSON.parse(Buffer.from(header, "base64").toString("utf8")) as PathStat);
    } catch (cause) {
      if (isMissing(cause) || leadsNowhere(cause)) return undefined;
      throw engineError(cause, `look at ${path} in a volume of ${this.#pod.name}`);
    }
  }

  /** Older engines take a part of a volume as a volume of its own; the daemon ignores the option it does not know. */
  get #mountsSubPaths(): boolean {
    return this.#host.product === "docker" && atLeast(this.#host.apiVersion, "1.45");
  }

  /** A single file of a `files` volume, which only newer engines mount, as an entry to be copied to the mount path. */
  fileOf({ volume, subPath, path }: MountSpec): readonly ArchiveEntry[] | undefined {
    const { spec } = this.#volume(volume);
    if (subPath === undefined || spec.kind !== "files" || this.#mountsSubPaths) return undefined;
    const wanted = prefixes(subPath).at(-1);
    const file = spec.files.find((each) => prefixes(each.path).at(-1) === wanted);
    if (file === undefined || file.content.kind === "link") return undefined;
    return entriesFor([{ ...file, path: path.slice(1) }], "", rootOwner, undefined);
  }

  async mountSettings(mount: MountSpec, made: string[]): Promise<MountSettings> {
    const kept = this.#volume(mount.volume);
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
    const source = containerName(this.#pod, `s${made.length}`);
    made.push(source);
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
      const mounted = await this.#stat(at, holder);
      const named = await this.#stat(`${kept.at}/${subPath}`);
      if (mounted !== undefined && mounted.mode === named?.mode && mounted.mtime === named.mtime) return true;
    }
    return false;
  }

  /** Makes the directory when absent; says whether it is one. Links are refused: the engine's mount would follow them. */
  async #subDirectory(mount: MountSpec, { spec, at }: Kept, subPath: string): Promise<boolean> {
    const missing: ArchiveEntry[] = [];
    let directory = true;
    for (const path of prefixes(subPath)) {
      const stat = missing.length > 0 ? undefined : await this.#stat(`${at}/${path}`);
      // Nothing has run yet that could have put a link into a scratch volume.
      if (spec.kind === "claim" && missing.length === 0 && (await this.#isLink(`${at}/${path}`, stat)))
        throw escapeError(mount);
      if (stat === undefined) missing.push({ path, kind: "directory", mode: 0o777, ...rootOwner });
      else directory = (stat.mode & goDirectory) !== 0;
    }
    await this.putAll([{ at, entries: missing }]);
    return directory;
  }

  /** Podman's stat has followed every link already, so there the directory above has to tell. */
  async #isLink(path: string, stat: PathStat | undefined): Promise<boolean> {
    if (this.#host.product === "docker") return stat !== undefined && (stat.mode & goSymlink) !== 0;
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

import { type default as Docker, type Container, type MountSettings } from "dockerode";
import { type Readable } from "node:stream";
import { LapcatError } from "@lapcat/diagnostic";
import { type FileContent, type MountSpec, type PodSpec, type VolumeName, type VolumeSpec } from "@lapcat/engine";
import { anchorProcess } from "./anchor.ts";
import { entriesFor, firstMember, hasLink, rootOwner, type ArchiveEntry } from "./archive.ts";
import { noCopy } from "./claims.ts";
import { containerName, labelsOf } from "./container-config.ts";
import { engineError, isMissing, leadsNowhere } from "./errors.ts";
import { atLeast, type Host } from "./host.ts";
import { putIntoVolumes, type VolumeEntries } from "./volume-archive.ts";
import { escapeError, escapes, volumeOf, type Placement } from "./volumes.ts";

/** A volume of the engine, mounted into the keeper at `at`. `mountpoint` is its place on the engine's machine. */
interface Kept {
  readonly spec: VolumeSpec;
  readonly source: string;
  readonly mountpoint: string | undefined;
  readonly at: string;
}

/**
 * Volumes as the engine's own, reached by archives through a container that mounts them all and need not run. Only where a volume lives
 * in memory does it run: such a volume is lost when nobody holds it.
 */
export async function placeByArchive(host: Host, pod: PodSpec): Promise<Placement> {
  const made: string[] = [];
  let keeper: Container | undefined;
  const remove = async (): Promise<void> => {
    await keeper?.remove({ force: true, v: true }).catch(unlessMissing);
    await Promise.all(made.map((volume) => host.docker.getVolume(volume).remove({ force: true }).catch(unlessMissing)));
  };
  try {
    const kept = new Map<VolumeName, Kept>();
    const prepared = await Promise.all(pod.volumes.map((spec, index) => makeVolume(host, pod, spec, index, made)));
    for (const each of prepared) kept.set(each.spec.name, each);
    keeper = await makeKeeper(host, pod, prepared);
    const reach = new Reach(host, keeper, pod, kept);
    await reach.putAll(prepared.map((each) => ({ at: each.at, entries: initialEntries(each.spec, pod) })));
    const mountsOf = new Map<string, readonly MountSettings[]>();
    const copiesOf = new Map<string, readonly ArchiveEntry[]>();
    for (const container of pod.containers) {
      const copied = container.mounts.filter((mount) => reach.fileOf(mount) !== undefined);
      const mounted = container.mounts.filter((mount) => !copied.includes(mount));
      copiesOf.set(
        container.name,
        copied.flatMap((mount) => reach.fileOf(mount) ?? []),
      );
      mountsOf.set(container.name, await Promise.all(mounted.map((mount) => reach.mountSettings(mount, made))));
    }
    return {
      mounts: (container) => mountsOf.get(container.name) ?? [],
      copies: (container) => copiesOf.get(container.name) ?? [],
      put: (volume, files) => reach.put(volume, files),
      read: (volume, path, limit) => reach.read(volume, path, limit),
      remove,
    };
  } catch (cause) {
    await remove();
    throw engineError(cause, `make the volumes of ${pod.name}`);
  }
}

function unlessMissing(cause: unknown): void {
  if (!isMissing(cause)) throw cause;
}

const inMemory = (spec: VolumeSpec): boolean => spec.kind === "scratch" && spec.medium === "memory";

async function makeVolume(host: Host, pod: PodSpec, spec: VolumeSpec, index: number, made: string[]): Promise<Kept> {
  const at = `/v/${index}`;
  if (spec.kind === "host") return { spec, source: spec.path, mountpoint: undefined, at };
  if (spec.kind === "claim") {
    const { volume, mountpoint } = await host.claims.prepare(spec, pod.run, false);
    return { spec, source: volume, mountpoint, at };
  }
  const source = containerName(pod, `v${index}`);
  const size = spec.kind === "scratch" && spec.sizeLimit !== undefined ? `,${sizeOption(host, spec.sizeLimit)}` : "";
  made.push(source);
  const mountpoint = await createVolume(
    host.docker,
    source,
    labelsOf(pod, "volume"),
    inMemory(spec) ? { type: "tmpfs", device: "tmpfs", o: `mode=0777${size}` } : {},
  );
  return { spec, source, mountpoint, at };
}

/** Podman takes `size` for a quota of its own, whatever the type; the kernel knows the same in pages. */
function sizeOption({ product }: Host, bytes: number): string {
  return product === "podman" ? `nr_blocks=${Math.ceil(bytes / 4096)}` : `size=${bytes}`;
}

async function createVolume(
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

async function makeKeeper(host: Host, pod: PodSpec, kept: readonly Kept[]): Promise<Container> {
  const keeper = await host.docker.createContainer({
    name: containerName(pod, "keeper"),
    Image: await host.anchor.ready(),
    Entrypoint: [...anchorProcess],
    Labels: labelsOf(pod, "keeper"),
    HostConfig: {
      NetworkMode: "none",
      LogConfig: { Type: "none", Config: {} },
      Mounts: kept
        .filter(({ spec }) => spec.kind !== "host")
        .map(({ source, at }) => ({
          Type: "volume",
          Source: source,
          Target: at,
          ReadOnly: false,
          VolumeOptions: noCopy,
        })),
    },
  });
  if (kept.some(({ spec }) => inMemory(spec))) {
    try {
      await keeper.start();
    } catch (cause) {
      await keeper.remove({ force: true });
      throw cause;
    }
  }
  return keeper;
}

/** What a fresh pod puts into a volume; paths are relative to it. */
function initialEntries(spec: VolumeSpec, pod: PodSpec): readonly ArchiveEntry[] {
  const open = (path: string): ArchiveEntry => ({ path, kind: "directory", mode: 0o777, ...rootOwner });
  switch (spec.kind) {
    case "host":
      return [];
    case "files":
      return entriesFor(spec.files, "", rootOwner, 0o755);
    case "claim":
    case "scratch": {
      for (const directory of spec.directories) {
        if (escapes(directory)) {
          throw new LapcatError({
            code: "path.escape",
            message: `the directory ${JSON.stringify(directory)} of ${pod.name} leads out of the volume ${spec.name}`,
          });
        }
      }
      const all = spec.directories.flatMap((directory) => prefixes(directory).map(open));
      return spec.kind === "scratch" ? [open(""), ...all] : all;
    }
  }
}

function prefixes(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** Go's os.ModeSymlink and os.ModeDir, as the engine's path stat carries them. */
const goSymlink = 0x0800_0000;
const goDirectory = 0x8000_0000;

interface PathStat {
  readonly mode: number;
  readonly linkTarget: string;
}

class Reach {
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
    for (const entry of entries) {
      const parent = prefixes(entry.path).at(-2);
      if (
        parent !== undefined &&
        (await this.#resolve(volume, parent)) === undefined &&
        (await this.#stat(`${at}/${parent}`)) !== undefined
      ) {
        throw new LapcatError({ code: "path.escape", message: `${entry.path} leads out of the volume ${volume}` });
      }
    }
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

  async #stat(path: string): Promise<PathStat | undefined> {
    try {
      const response = (await this.#keeper.infoArchive({ path })) as {
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
    if (kept.spec.kind === "host") {
      return { Type: "bind", Source: subPath === undefined ? kept.source : `${kept.source}/${subPath}`, ...shared };
    }
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
    await createVolume(this.#host.docker, source, labelsOf(this.#pod, "volume"), {
      type: "none",
      o: "bind",
      device: `${kept.mountpoint ?? ""}/${subPath}`,
    });
    return { Type: "volume", Source: source, VolumeOptions: noCopy, ...shared };
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

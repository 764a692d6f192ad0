import { type Container } from "dockerode";
import { type Readable } from "node:stream";
import { LapcatError } from "@lapcat/diagnostic";
import { type FileContent, type PodSpec, type VolumeName } from "@lapcat/engine";
import { appendFile } from "./append-file.ts";
import { firstMember, type ArchiveEntry, type Owner } from "./archive.ts";
import { type Kept, keptVolume } from "./engine-volume.ts";
import { engineError, isMissing, leadsNowhere } from "./errors.ts";
import { type Host } from "./host.ts";
import { isLink, type PathStat, statIn } from "./path-stat.ts";
import { putIntoVolumes, type VolumeEntries } from "./volume-archive.ts";
import { prefixes } from "./volumes.ts";

/** The ways in and out of a pod's volumes, through the container that has them all. */
export class VolumeReach {
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
    return keptVolume(this.#kept, this.#pod, name);
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
      if (!isLink(stat)) {
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

  #stat(path: string): Promise<PathStat | undefined> {
    return statIn(this.#keeper, path, this.#pod);
  }
}

import { type MountSettings } from "dockerode";
import { LapcatError } from "@lapcat/diagnostic";
import { type ContainerSpec, type FileContent, type MountSpec, type PodSpec, type VolumeName } from "@lapcat/engine";
import { type ArchiveEntry, type Owner } from "./archive.ts";

/** Where a pod's volumes are, and the ways in and out of them. */
export interface Placement {
  /** How a container gets to see its volumes. */
  mounts(container: ContainerSpec): readonly MountSettings[];
  /** What this engine cannot mount and a container gets as a copy instead; paths are relative to its root. */
  copies(container: ContainerSpec): readonly ArchiveEntry[];
  /** Entries' paths are relative to the volume. */
  put(volume: VolumeName, entries: readonly ArchiveEntry[]): Promise<void>;
  read(volume: VolumeName, path: string, limit: number): Promise<FileContent | undefined>;
  /** Makes the file and its directories when absent, with this owner. */
  append(volume: VolumeName, path: string, content: Uint8Array, owner: Owner): Promise<void>;
  /** When no container uses them any more. */
  remove(): Promise<void>;
}

/** The volume's spec by name; a pod that mounts what it does not declare is a mistake of ours. */
export function volumeOf(pod: PodSpec, name: VolumeName): PodSpec["volumes"][number] {
  const found = pod.volumes.find((volume) => volume.name === name);
  if (found === undefined) throw new Error(`pod ${pod.name} has no volume ${name}`);
  return found;
}

export function escapes(path: string): boolean {
  return path.startsWith("/") || path.split("/").includes("..");
}

export function escapeError(mount: MountSpec): LapcatError {
  return new LapcatError({
    code: "path.escape",
    message: `subPath ${JSON.stringify(mount.subPath)} leads out of the volume ${mount.volume}`,
    hint: "a subPath is relative, without .., and passes no link out of its volume",
  });
}

/** The path and all that lead to it, the shortest first. */
export function prefixes(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

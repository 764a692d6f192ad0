import { type Container } from "dockerode";
import { pack, type ArchiveEntry } from "./archive.ts";

/** Entries for a volume that `container` has mounted at `at`; their paths are relative to it, and "" is its own directory. */
export interface VolumeEntries {
  readonly at: string;
  readonly entries: readonly ArchiveEntry[];
}

/**
 * Docker takes files for several volumes at once, from the root on, and there alone changes the mode of a volume's own directory.
 * Podman looks for a volume only in the path of the request.
 */
export async function putIntoVolumes(
  product: "docker" | "podman",
  container: Container,
  volumes: readonly VolumeEntries[],
): Promise<void> {
  const parts =
    product === "podman"
      ? volumes.map(({ at, entries }) => ({ path: at, entries }))
      : [{ path: "/", entries: volumes.flatMap(({ at, entries }) => below(at.slice(1), entries)) }];
  for (const { path, entries } of parts) {
    if (entries.length > 0) await container.putArchive(await pack(entries), { path });
  }
}

function below(directory: string, entries: readonly ArchiveEntry[]): readonly ArchiveEntry[] {
  return entries.map((entry) => ({ ...entry, path: entry.path === "" ? directory : `${directory}/${entry.path}` }));
}

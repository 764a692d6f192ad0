import { lstatSync, readlinkSync, statfsSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type PodSpec } from "@lapcat/engine";
import { placeByArchive } from "./archive-placement.ts";
import { placeByBind } from "./bind-placement.ts";
import { type BindDirectories, type Host } from "./host.ts";
import { ownDirectory } from "./rooted-files.ts";
import { type Placement } from "./volumes.ts";

/**
 * The one place where it is decided how files go in and out: through directories of this machine that are bound into the containers
 * (70 ms less for every file), or through volumes and the engine's archive calls, which work everywhere.
 */
export function place(host: Host, pod: PodSpec): Promise<Placement> {
  const { directories } = host;
  const needsMemory = pod.volumes.some(
    (volume) =>
      (volume.kind === "scratch" && volume.medium === "memory") ||
      (volume.kind === "files" && volume.files.some((file) => file.secret)),
  );
  // A directory cannot be kept small; a volume of its own in memory can.
  const isLimited = pod.volumes.some(
    (volume) => volume.kind === "scratch" && volume.medium === "memory" && volume.sizeLimit !== undefined,
  );
  const wantsParts = pod.containers.some(({ mounts }) => mounts.some(({ subPath = "" }) => subPath !== ""));
  return directories === undefined ||
    isLimited ||
    (wantsParts && !seesOurProcess()) ||
    (needsMemory && directories.memory === undefined)
    ? placeByArchive(host, pod)
    : placeByBind(host, directories, pod);
}

export type PlacementChoice = "auto" | "bind" | "archive";

/** What the engine says of itself, as far as it matters here. */
export interface EngineTraits {
  readonly hostname: string;
  readonly rootDirectory: string;
  readonly operatingSystem: string;
  readonly securityOptions: readonly string[];
}

/**
 * Bind directories only where nothing can go wrong: both of us are root on one Linux, with one filesystem and without user namespaces
 * or SELinux. Rootless engines leave files that only they can remove. Should all this hold and the engine still not see our
 * directory, it refuses the first mount, and `openPod` turns to archives.
 */
export function bindDirectories(
  choice: PlacementChoice,
  local: boolean,
  traits: EngineTraits,
): BindDirectories | undefined {
  const uid = process.getuid?.();
  if (choice === "archive" || !local || process.platform !== "linux" || uid !== 0) return undefined;
  const foreign = traits.securityOptions.some((each) => /name=(?:rootless|userns|selinux)/u.test(each));
  const elsewhere =
    traits.operatingSystem.includes("Docker Desktop") ||
    traits.hostname !== hostname() ||
    lstatSync(traits.rootDirectory, { throwIfNoEntry: false }) === undefined;
  if (choice === "auto" && (foreign || elsewhere)) return undefined;
  const disk = ownDirectory(join(tmpdir(), `lapcat-${uid}`), uid);
  if (disk === undefined) return undefined;
  return { disk, memory: isTmpfs("/dev/shm") ? ownDirectory(`/dev/shm/lapcat-${uid}`, uid) : undefined };
}

/** The kernel's own process namespace, where a process has the same number for everybody. Parts of volumes are given to the engine by ours. */
function seesOurProcess(): boolean {
  return readlinkSync("/proc/self/ns/pid") === "pid:[4026531836]";
}

const tmpfsMagic = 0x01021994;

function isTmpfs(path: string): boolean {
  try {
    return statfsSync(path).type === tmpfsMagic;
  } catch {
    return false;
  }
}

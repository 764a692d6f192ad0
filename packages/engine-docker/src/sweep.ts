import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isRunId, type RunId, type SweepExtent, type SweepReport } from "@lapcat/engine";
import { engineError, isConflict, isMissing } from "./errors.ts";
import { type BindDirectories, type Host } from "./host.ts";
import { claimLabel, containerLabel, labelFilter, runLabel } from "./labels.ts";
import { removeContainer } from "./end-container.ts";

export async function sweepRun(
  host: Host,
  run: RunId,
  extent: SweepExtent,
  directories: readonly BindDirectories[],
): Promise<SweepReport> {
  const { docker } = host;
  const filters = labelFilter(run);
  try {
    const containers = await docker.listContainers({ all: true, filters });
    const [leaning, anchors] = [
      containers.filter((each) => each.Labels[containerLabel] !== "anchor"),
      containers.filter((each) => each.Labels[containerLabel] === "anchor"),
    ];
    await Promise.all(leaning.map((each) => removeContainer(docker.getContainer(each.Id))));
    await Promise.all(anchors.map((each) => removeContainer(docker.getContainer(each.Id))));
    const { Volumes: all } = await docker.listVolumes({ filters });
    const volumes = (all ?? []).filter(({ Labels }) => extent === "all" || Labels?.[claimLabel] === undefined);
    await Promise.all(volumes.map((each) => removeVolume(host, each.Name)));
    await Promise.all(roots(directories).map((root) => rm(join(root, run), { recursive: true, force: true })));
    host.claims.forget(run);
    return { containers: containers.length, volumes: volumes.length, networks: 0 };
  } catch (cause) {
    throw engineError(cause, `remove what the run ${run} left`);
  }
}

async function removeVolume({ docker }: Host, name: string): Promise<void> {
  try {
    await docker.getVolume(name).remove({ force: true });
  } catch (cause) {
    if (!isMissing(cause) && !isConflict(cause)) throw cause;
  }
}

export async function leftoverRuns(
  { docker }: Host,
  directories: readonly BindDirectories[],
): Promise<readonly RunId[]> {
  const filters = labelFilter(undefined);
  try {
    const [containers, { Volumes: volumes }] = await Promise.all([
      docker.listContainers({ all: true, filters }),
      docker.listVolumes({ filters }),
    ]);
    const runs = new Set<string>();
    for (const { Labels } of containers) runs.add(Labels[runLabel] ?? "");
    for (const { Labels } of volumes ?? []) runs.add(Labels?.[runLabel] ?? "");
    for (const root of roots(directories)) for (const name of readdirSync(root)) runs.add(name);
    // What has our label but no id of ours is somebody else's.
    return [...runs].filter(isRunId).toSorted();
  } catch (cause) {
    throw engineError(cause, "look for what earlier runs left");
  }
}

function roots(directories: readonly BindDirectories[]): readonly string[] {
  return directories.flatMap(({ disk, memory }) => (memory === undefined ? [disk] : [disk, memory]));
}

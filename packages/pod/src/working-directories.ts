import { internalPaths } from "@lapcat/tekton";
import { type ContainerSpec, type VolumeName, type VolumeSpec } from "@lapcat/engine";
import { below } from "./paths.ts";

/** The volumes with the steps' working directories below `/workspace` in them, where they can be made (pod/workingdir_init.go). */
export function withWorkingDirectories(
  volumes: readonly VolumeSpec[],
  steps: readonly ContainerSpec[],
): readonly VolumeSpec[] {
  const wanted = new Map<VolumeName, Set<string>>();
  for (const step of steps) {
    const path = step.workingDir;
    if (path === undefined || (below(internalPaths.workspace, path) ?? "") === "") continue;
    const places = step.mounts.flatMap((mount) => {
      const rest = below(mount.path, path);
      return rest === undefined ? [] : [{ mount, rest }];
    });
    const nearest = places.toSorted((one, other) => other.mount.path.length - one.mount.path.length)[0];
    if (nearest === undefined || nearest.mount.readOnly) continue;
    const inVolume = [nearest.mount.subPath ?? "", nearest.rest].filter((part) => part !== "").join("/");
    if (inVolume === "") continue;
    wanted.set(nearest.mount.volume, (wanted.get(nearest.mount.volume) ?? new Set()).add(inVolume));
  }
  return volumes.map((volume) => {
    if (volume.kind !== "scratch" && volume.kind !== "claim") return volume;
    return { ...volume, directories: [...new Set([...volume.directories, ...(wanted.get(volume.name) ?? [])])] };
  });
}

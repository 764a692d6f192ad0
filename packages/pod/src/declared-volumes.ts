import { asVolumeName, type VolumeName, type VolumeSpec } from "@lapcat/engine";
import { type BoundTaskRun } from "@lapcat/plan";
import { type TaskSpec, type Volume } from "@lapcat/tekton";
import { type Place } from "./complaints.ts";
import { internalVolumes } from "./internal-volumes.ts";
import { type Volumes } from "./mounts.ts";
import { type PodContext } from "./pod-context.ts";
import { podVolume, type PodVolume } from "./volumes.ts";
import { volumeOfSource } from "./workspaces.ts";

export interface DeclaredVolumes {
  readonly specs: readonly VolumeSpec[];
  readonly byName: Volumes;
}

/** The volumes of the Task, of the podTemplate, and of the bound workspaces. */
export function declaredVolumes(
  bound: BoundTaskRun,
  spec: TaskSpec,
  volumeOf: ReadonlyMap<string, VolumeName>,
  pod: PodContext,
): DeclaredVolumes {
  const scopes = new Map(
    bound.workspaces.flatMap(({ source }) =>
      source.kind === "claim" ? [[source.claimName, source.scope] as const] : [],
    ),
  );
  const scopeOf = (claimName: string): "run" | "kept" => scopes.get(claimName) ?? "kept";
  const byName = new Map<VolumeName, PodVolume>();
  const internal = new Set<string>(Object.values(internalVolumes));
  const add = (volume: Volume, at: Place): void => {
    const name = asVolumeName(volume.name);
    if (byName.has(name) || internal.has(name)) {
      pod.complaints.error("field.duplicate", `two volumes are named ${JSON.stringify(name)}`, [...at, "name"]);
      return;
    }
    const made = podVolume(volume, at, scopeOf, pod);
    // A volume that cannot be had is complained about once, not at every mount too.
    byName.set(name, made ?? { spec: { kind: "scratch", name, medium: "disk", directories: [] }, readOnly: false });
  };
  spec.volumes?.forEach((volume, index) => add(volume, ["volumes", index]));
  bound.podTemplate.volumes?.forEach((volume) => add(volume, ["volumes"]));
  const added = new Set<VolumeName>();
  for (const { name, source } of bound.workspaces) {
    const volume = volumeOf.get(name);
    if (volume === undefined || added.has(volume)) continue;
    added.add(volume);
    const declaration = spec.workspaces?.findIndex((each) => each.name === name) ?? -1;
    add(volumeOfSource(volume, source), ["workspaces", ...(declaration === -1 ? [] : [declaration])]);
  }
  return { specs: [...byName.values()].map((each) => each.spec), byName };
}

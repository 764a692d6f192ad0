import { type BoundWorkspace, workspaceVolumes as volumeNames, type WorkspaceSource } from "@lapcat/plan";
import {
  mountPathOf,
  workspaceVolumeName,
  type Sidecar,
  type Step,
  type TaskSpec,
  type Volume,
  type VolumeMount,
} from "@lapcat/tekton";
import { asVolumeName, type VolumeName } from "@lapcat/engine";

/** The volume of each workspace by its name. */
export function workspaceVolumes(workspaces: readonly BoundWorkspace[]): ReadonlyMap<string, VolumeName> {
  return new Map(Array.from(volumeNames(workspaces), ([name, volume]) => [name, asVolumeName(volume)]));
}

/**
 * The Task with its workspaces mounted: into every step and sidecar, but one that a step or sidecar lists is mounted
 * only into those that list it. What a step or sidecar itself mounts at the same path stands.
 */
export function withWorkspaceMounts(
  spec: TaskSpec,
  workspaces: readonly BoundWorkspace[],
  volumeOf: ReadonlyMap<string, VolumeName>,
): TaskSpec {
  const lists = (container: Pick<Step, "workspaces">, name: string): boolean =>
    container.workspaces?.some((usage) => usage.name === name) === true;
  const containers = [...(spec.steps ?? []), ...(spec.sidecars ?? [])];
  const mounts = workspaces.map((workspace) => {
    const declaration = spec.workspaces?.find(({ name }) => name === workspace.name) ?? { name: workspace.name };
    const mount: VolumeMount = {
      name: volumeOf.get(workspace.name) ?? workspaceVolumeName(workspace.name),
      mountPath: mountPathOf(declaration),
      ...(workspace.subPath === undefined || workspace.subPath === "" ? {} : { subPath: workspace.subPath }),
      ...(declaration.readOnly === true ? { readOnly: true } : {}),
    };
    return {
      workspace: workspace.name,
      mount,
      isolated: containers.some((container) => lists(container, workspace.name)),
    };
  });
  const shared = mounts.filter(({ isolated }) => !isolated).map(({ mount }) => mount);
  const ownOf = (container: Pick<Step, "workspaces">): readonly VolumeMount[] =>
    mounts.flatMap(({ workspace, mount, isolated }) => {
      const usage = isolated ? container.workspaces?.find(({ name }) => name === workspace) : undefined;
      if (usage === undefined) return [];
      return [
        usage.mountPath === undefined || usage.mountPath === "" ? mount : { ...mount, mountPath: usage.mountPath },
      ];
    });
  const withMounts = <C extends Step | Sidecar>(container: C, added: readonly VolumeMount[]): C =>
    added.length === 0 ? container : { ...container, volumeMounts: [...(container.volumeMounts ?? []), ...added] };
  const free = (sidecar: Sidecar): readonly VolumeMount[] =>
    shared.filter(({ mountPath }) => sidecar.volumeMounts?.some((each) => each.mountPath === mountPath) !== true);
  return {
    ...spec,
    ...(spec.steps === undefined ? {} : { steps: spec.steps.map((step) => withMounts(step, ownOf(step))) }),
    ...(spec.sidecars === undefined
      ? {}
      : { sidecars: spec.sidecars.map((sidecar) => withMounts(sidecar, [...free(sidecar), ...ownOf(sidecar)])) }),
    ...(shared.length === 0
      ? {}
      : {
          stepTemplate: { ...spec.stepTemplate, volumeMounts: [...(spec.stepTemplate?.volumeMounts ?? []), ...shared] },
        }),
  };
}

/** What a workspace is bound to, as the Pod volume that a Task could have declared itself. */
export function volumeOfSource(name: VolumeName, source: WorkspaceSource): Volume {
  switch (source.kind) {
    case "emptyDir":
      return {
        name,
        emptyDir: {
          ...(source.medium === "memory" ? { medium: "Memory" } : {}),
          ...(source.sizeLimit === undefined ? {} : { sizeLimit: source.sizeLimit }),
        },
      };
    case "claim":
      return { name, persistentVolumeClaim: { claimName: source.claimName, readOnly: source.readOnly } };
    case "configMap":
      return { name, configMap: source.configMap };
    case "secret":
      return { name, secret: source.secret };
    case "projected":
      return { name, projected: source.projected };
    case "csi":
      return { name, csi: source.csi };
  }
}

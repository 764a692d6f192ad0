import { type Pipeline, type PipelineSpec, type PipelineTask } from "../pipeline.ts";
import { type WorkspaceBinding } from "../runs.ts";
import { type Advice, at, type Place } from "./advice.ts";
import { settingIn } from "./setting.ts";

/**
 * workspace.ValidateOnlyOnePVCIsUsed: with `coschedule: workspaces`, which is the default, a cluster refuses a TaskRun of a Pipeline
 * that mounts two PersistentVolumeClaims. A TaskRun by itself is not refused, but its volumes may lie in different zones.
 */
export function adviseOnClaims(advice: Advice): void {
  if ((settingIn(advice.resources, "feature-flags", "coschedule") ?? "workspaces") !== "workspaces") return;
  for (const { resource, origin } of advice.resources) {
    if (resource.kind !== "TaskRun" && resource.kind !== "PipelineRun") continue;
    const bindings = resource.spec.workspaces ?? [];
    const place: Place = { origin, path: ["spec", "workspaces"] };
    if (resource.kind === "TaskRun") sayTwo(advice, place, bindings, bindings, "this TaskRun");
    else {
      const pipelines = advice.known.pipelines.get(resource.spec.pipelineRef?.name ?? "") ?? [];
      for (const task of tasksOf(resource.spec.pipelineSpec, pipelines)) {
        const bound = bindings.filter((binding) => uses(task, binding.name));
        if (sayTwo(advice, place, bindings, bound, `the task ${task.name}`)) break;
      }
    }
  }
}

function tasksOf(own: PipelineSpec | undefined, pipelines: readonly Pipeline[]): readonly PipelineTask[] {
  const spec = own ?? pipelines.at(-1)?.spec;
  return [...(spec?.tasks ?? []), ...(spec?.finally ?? [])];
}

/** Bound by name, or by a variable in a Task written in the Pipeline. */
function uses({ workspaces = [], taskSpec }: PipelineTask, name: string): boolean {
  if (workspaces.some((each) => (each.workspace || each.name) === name)) return true;
  return taskSpec !== undefined && JSON.stringify(taskSpec).includes(`$(workspaces.${name}.`);
}

function sayTwo(
  { say }: Advice,
  place: Place,
  all: readonly WorkspaceBinding[],
  bound: readonly WorkspaceBinding[],
  who: string,
): boolean {
  const [first, ...rest] = bound.flatMap((binding) => {
    const claim = claimOf(binding);
    return claim === undefined ? [] : [{ binding, claim }];
  });
  const second = rest.find(({ claim }) => claim !== first?.claim);
  if (first === undefined || second === undefined) return false;
  const names = `${first.binding.name} and ${second.binding.name}`;
  say(
    at(place, all.indexOf(second.binding)),
    "workspace.claims",
    `${who} mounts two PersistentVolumeClaims, of the workspaces ${names}`,
    {
      hint: "a cluster refuses that in a PipelineRun unless coschedule is changed: use one claim with two subPaths",
    },
  );
  return true;
}

function claimOf({ name, persistentVolumeClaim, volumeClaimTemplate }: WorkspaceBinding): string | undefined {
  if (persistentVolumeClaim !== undefined) return `claim ${persistentVolumeClaim.claimName}`;
  return volumeClaimTemplate === undefined ? undefined : `template ${name}`;
}

import { type Diagnostic } from "@lapcat/diagnostic";
import { error, type Place } from "./place.ts";
import { type PlannedPipelineRun, type RunPlan } from "./run-plan.ts";

/** A task somewhere in a tree of runs, and what its runs are called: those of a matrix end in `-0`, `-1`, … */
interface Named {
  readonly plan: RunPlan;
  /** The way to it: `child/task`. */
  readonly way: string;
  readonly name: string;
  readonly isMatrix: boolean;
  /** Of the Pipeline around it. */
  readonly place: Place | undefined;
}

/**
 * Tasks of different runs of a tree whose runs would have one name: `a-b`, and `b` of the Pipeline in `a`. A cluster takes one run for both.
 * Those of one Pipeline are found when they are bound.
 */
export function clashingNames(
  plan: RunPlan,
  childOf: (plan: RunPlan, planned: PlannedPipelineRun) => RunPlan | undefined,
): readonly Diagnostic[] {
  const namesIn = (within: RunPlan, way: string, around: Place | undefined): readonly Named[] =>
    [...within.tasks, ...within.finally].flatMap((planned) => {
      const isMatrix = planned.pipelineTask.matrix !== undefined;
      const own = { plan: within, way: `${way}${planned.name}`, name: planned.taskRunName, isMatrix, place: around };
      const child = planned.kind === "pipeline" ? childOf(within, planned) : undefined;
      if (planned.kind === "task" || child === undefined) return [own];
      return [own, ...namesIn(child, `${own.way}/`, planned.place)];
    });
  const all = namesIn(plan, "", undefined);
  if (all.every((each) => each.plan === plan)) return [];
  const [names, matrices, numbered] = [new Map<string, Named>(), new Map<string, Named>(), new Map<string, Named>()];
  return all.flatMap((each): readonly Diagnostic[] => {
    const { name, isMatrix, way } = each;
    const stem = /^(?<stem>.+)-\d+$/u.exec(name)?.groups?.["stem"] ?? "";
    const candidates = [names.get(name), matrices.get(stem), isMatrix ? numbered.get(name) : undefined];
    const other = candidates.find((one) => one !== undefined && one.plan !== each.plan);
    names.set(name, each);
    numbered.set(stem, each);
    if (isMatrix) matrices.set(name, each);
    const place = each.place ?? other?.place;
    if (other === undefined || place === undefined) return [];
    const message = `runs of the tasks "${other.way}" and "${way}" would have one name: their names begin with "${name}"`;
    return [error("field.duplicate", place, ["name"], message, "call one of the tasks otherwise")];
  });
}

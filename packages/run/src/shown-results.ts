import { type PipelineTaskName, type PlannedTask, replaceOutside } from "@lapcat/plan";
import { mergeReplacements, noReplacements, type Replacements } from "@lapcat/substitution";
import { type PipelineTask } from "@lapcat/tekton";
import { type View } from "./view.ts";

/** Puts results that others took into what a status shows of a task. */
export interface ShownResults {
  /** Of one that has children: results that its Task and those before it took. */
  before(name: PipelineTaskName, task: PipelineTask): PipelineTask;
  /** Of one that was skipped: all results that Tasks took. */
  all(task: PipelineTask): PipelineTask;
}

/**
 * What the embedded Task of each task that is done took is filled in wherever it is spoken of, also where a task could not take all of
 * its own: first for those that were started, then for the others, in the Pipeline's order (GetChildReferences).
 */
export function shownResults(view: View, inOrder: readonly PlannedTask[]): ShownResults {
  let known: ReadonlyMap<PipelineTaskName, Replacements> | undefined;
  const fill = (
    task: PipelineTask,
    of: (found: ReadonlyMap<PipelineTaskName, Replacements>) => Replacements,
  ): PipelineTask => {
    if (!JSON.stringify([task.displayName, task.when]).includes("$(tasks.")) return task;
    known ??= found(view, inOrder);
    return replaceOutside(task, of(known));
  };
  return {
    before: (name, task) => fill(task, (found) => found.get(name) ?? noReplacements),
    all: (task) => fill(task, (found) => [...found.values()].at(-1) ?? noReplacements),
  };
}

function found(view: View, inOrder: readonly PlannedTask[]): ReadonlyMap<PipelineTaskName, Replacements> {
  const isStarted = ({ name }: PlannedTask): boolean => view.phaseOf(name) !== "unscheduled";
  const order = [...inOrder.filter(isStarted), ...inOrder.filter((each) => !isStarted(each))];
  let all = noReplacements;
  return new Map(
    order.map((planned) => {
      const isDone = view.progress.ends.has(planned.name) || view.state.skipped.has(planned.name);
      if (isDone) all = mergeReplacements(all, view.taken(planned, "spec"));
      return [planned.name, all];
    }),
  );
}

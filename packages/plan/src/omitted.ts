import { type TaskOutcome } from "./outcomes.ts";
import { type PipelineTaskName, type PlannedTask, type RunPlan } from "./run-plan.ts";

/** A task of the Pipeline that this run leaves out. */
export interface OmittedTask {
  readonly planned: PlannedTask;
  /** What it came to elsewhere, where that was given. */
  readonly outcome: TaskOutcome | undefined;
}

/** The plan without a task: nobody waits for it, and what was given in its place is taken as if it had come from it. */
export function withoutTask(plan: RunPlan, name: PipelineTaskName, outcome: TaskOutcome | undefined): RunPlan {
  const planned = [...plan.tasks, ...plan.finally].find((each) => each.name === name);
  if (planned === undefined) return plan;
  const left = (tasks: readonly PlannedTask[]): readonly PlannedTask[] =>
    tasks
      .filter((each) => each !== planned)
      .map((each) =>
        each.predecessors.includes(name)
          ? { ...each, predecessors: each.predecessors.filter((before) => before !== name) }
          : each,
      );
  return {
    ...plan,
    tasks: left(plan.tasks),
    finally: left(plan.finally),
    omitted: new Map([...(plan.omitted ?? []), [name, { planned, outcome }]]),
  };
}

import {
  bindTask,
  type BindOutcome,
  type Outcomes,
  type PipelineTaskName,
  type PlannedTask,
  takenResults,
  type TaskOutcome,
} from "@lapcat/plan";
import { type Replacements } from "@lapcat/substitution";
import { type Instant } from "./event.ts";
import { type Phase, type Progress, progressOf } from "./progress.ts";
import { type RunState, type StopCause, type TaskRunState } from "./run-state.ts";
import { outcomeOfTask } from "./task-outcome.ts";

/** A state at an instant, with what several questions ask worked out once. */
export interface View {
  readonly state: RunState;
  readonly now: Instant;
  readonly progress: Progress;
  taskRunsOf(task: PipelineTaskName): readonly TaskRunState[];
  phaseOf(task: PipelineTaskName): Phase;
  /** What the tasks so far make of this one; for `finally` the aggregate is known once the DAG is done. */
  bind(planned: PlannedTask, aggregate?: Outcomes["aggregate"]): BindOutcome;
  /** The results that it takes, or its embedded Task alone, if they are all there. */
  taken(planned: PlannedTask, by: "task" | "spec"): Replacements;
}

export function viewOf(state: RunState, now: Instant): View {
  const { plan } = state;
  const progress = progressOf(state);
  const { taskRunsOf, ends } = progress;
  const known = new Map<PipelineTaskName, TaskOutcome | undefined>();
  const outcomes = {
    get(task: PipelineTaskName): TaskOutcome | undefined {
      if (!known.has(task)) known.set(task, outcomeOfTask(state, progress, task));
      return known.get(task);
    },
  };
  const bindings = new Map<string, BindOutcome>();
  return {
    state,
    now,
    progress,
    taskRunsOf: (task) => (taskRunsOf.get(task) ?? []).flatMap((name) => state.taskRuns.get(name) ?? []),
    phaseOf: (task) => ends.get(task) ?? (taskRunsOf.has(task) ? "running" : "unscheduled"),
    bind(planned, aggregate = "None") {
      const key = `${planned.name} ${planned.memberOf} ${aggregate}`;
      const outcome = bindings.get(key) ?? bindTask(plan, planned, { tasks: outcomes, aggregate }, 0);
      bindings.set(key, outcome);
      return outcome;
    },
    taken: (planned, by) => takenResults(plan, planned, { tasks: outcomes, aggregate: "None" }, by),
  };
}

/** Why the run wants the TaskRuns of a task to end, if it does. */
export function stopCauseOf(
  { cancel, reached, finallyStartedAt }: RunState,
  { memberOf }: PlannedTask,
): Exclude<StopCause, "task-timed-out"> | undefined {
  if (cancel === "Cancelled") return "run-cancelled";
  if (reached.has("pipeline")) return "run-timed-out";
  if (memberOf === "finally") return reached.has("finally") ? "run-timed-out" : undefined;
  if (cancel === "CancelledRunFinally") return "run-cancelled";
  return reached.has("tasks") && finallyStartedAt === undefined ? "run-timed-out" : undefined;
}

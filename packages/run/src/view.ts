import {
  bindTask,
  type BindOutcome,
  instanceCount,
  type Outcomes,
  type PipelineTaskName,
  type PlannedTask,
  type TaskOutcome,
} from "@lapcat/plan";
import { type Instant } from "./event.ts";
import { endOf, type RunState, type StopCause, type TaskRunState } from "./run-state.ts";

/** How far a task is: all its TaskRuns have to end before it is done. */
export type Phase = "unscheduled" | "running" | "succeeded" | "failed";

/** A state at an instant, with what several questions ask worked out once. */
export interface View {
  readonly state: RunState;
  readonly now: Instant;
  taskRunsOf(task: PipelineTaskName): readonly TaskRunState[];
  phaseOf(task: PipelineTaskName): Phase;
  /** What the tasks so far make of this one; for `finally` the aggregate is known once the DAG is done. */
  bind(planned: PlannedTask, aggregate?: Outcomes["aggregate"]): BindOutcome;
}

export function viewOf(state: RunState, now: Instant): View {
  const { plan } = state;
  const planned = new Map([...plan.tasks, ...plan.finally].map((each) => [each.name, each]));
  const grouped = new Map<PipelineTaskName, TaskRunState[]>();
  for (const each of state.taskRuns.values()) {
    const group = grouped.get(each.task);
    if (group === undefined) grouped.set(each.task, [each]);
    else group.push(each);
  }
  const taskRunsOf = (task: PipelineTaskName): readonly TaskRunState[] => grouped.get(task) ?? [];
  const phases = new Map<PipelineTaskName, Phase>();
  const phaseOf = (task: PipelineTaskName): Phase => {
    const known = phases.get(task) ?? phase(task);
    phases.set(task, known);
    return known;
  };
  const phase = (task: PipelineTaskName): Phase => {
    const taskRuns = taskRunsOf(task);
    if (taskRuns.length === 0) return "unscheduled";
    const ends = taskRuns.map(endOf);
    if (ends.includes(undefined) || taskRuns.length < instancesOf(task)) return "running";
    return ends.every((each) => each?.status === "True") ? "succeeded" : "failed";
  };
  // Those of a matrix may be started one by one; once they are to be stopped, the others are not started any more.
  const instancesOf = (task: PipelineTaskName): number => {
    const one = planned.get(task);
    if (one?.pipelineTask.matrix === undefined || stopCauseOf(state, one) !== undefined) return 1;
    return instanceCount(plan, one, { tasks: outcomesOf(one.resultsFrom), aggregate: "None" });
  };
  const outcomesOf = (names: Iterable<PipelineTaskName>): Map<PipelineTaskName, TaskOutcome> => {
    const found = new Map<PipelineTaskName, TaskOutcome>();
    for (const name of names) {
      const outcome = phaseOf(name) === "unscheduled" ? undefined : outcomeOf(taskRunsOf(name), phaseOf(name));
      if (outcome !== undefined) found.set(name, outcome);
    }
    return found;
  };
  let all: ReadonlyMap<PipelineTaskName, TaskOutcome> | undefined;
  const bindings = new Map<string, BindOutcome>();
  const bind = (one: PlannedTask, aggregate: Outcomes["aggregate"] = "None"): BindOutcome => {
    all ??= outcomesOf(planned.keys());
    const key = `${one.name} ${one.memberOf} ${aggregate}`;
    const outcome = bindings.get(key) ?? bindTask(plan, one, { tasks: all, aggregate }, 0);
    bindings.set(key, outcome);
    return outcome;
  };
  return { state, now, taskRunsOf, phaseOf, bind };
}

function outcomeOf(taskRuns: readonly TaskRunState[], phase: Phase): TaskOutcome {
  const ends = taskRuns.map(endOf);
  const failed = ends.some((each) => each?.status === "False");
  const first = ends.find((each) => each?.status !== "True") ?? ends[0];
  return {
    status: phase === "succeeded" ? "Succeeded" : failed ? "Failed" : "None",
    reason: first?.reason ?? "Running",
    finished: phase === "succeeded" || phase === "failed",
    taskRuns: taskRuns.map((each) => ({ name: each.name, results: acceptedResults(each) })),
  };
}

/** Results of the last attempt; those of another type than declared were refused when it ended. */
export function acceptedResults({ attempts }: TaskRunState): TaskOutcome["taskRuns"][number]["results"] {
  const last = attempts.at(-1);
  const declared = new Map(
    (last?.pod?.taskSpec.results ?? []).map((each) => [
      each.name,
      each.type ?? (each.properties === undefined ? "string" : "object"),
    ]),
  );
  return (last?.results ?? []).filter(({ name, type }) => (declared.get(name) ?? type) === type);
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

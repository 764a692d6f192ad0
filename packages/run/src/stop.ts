import { type TaskRunName } from "@lapcat/plan";
import { type Instant, type RunEvent } from "./event.ts";
import { type Intent } from "./intent.ts";
import { progressOf } from "./progress.ts";
import { pausedSince } from "./pause.ts";
import { eachOf } from "./retry.ts";
import { currentAttempt, type RunState } from "./run-state.ts";
import { overdue } from "./skip-reason.ts";
import { type View } from "./view.ts";

type TimeoutReached = Extract<RunEvent, { type: "timeout.reached" }>;

/** Attempts that run longer than they may. A time has passed when more than it has passed. */
export function overdueAttempts(state: RunState, now: Instant): readonly TimeoutReached[] {
  return eachOf(state, progressOf(state).deadlines.due(now), (_, { name }, { attempt }) => ({
    type: "timeout.reached",
    of: "task",
    taskRun: name,
    attempt,
  }));
}

/**
 * Budgets of the run that are used up. As upstream, the tasks' budget is also looked at while `finally` runs: it counts for the run's end
 * (PipelineRun.HaveTasksTimedOut), though it stops nothing then.
 */
export function overdueBudgets(view: View): readonly TimeoutReached[] {
  return (["tasks", "finally", "pipeline"] as const)
    .filter((of) => !view.state.reached.has(of) && overdue(view, of))
    .map((of) => ({ type: "timeout.reached", of }));
}

/** What runs and is to end; a child PipelineRun ends what runs in it. */
export function stops(state: RunState): readonly Intent[] {
  const { stopping } = progressOf(state);
  return Array.from(stopping).flatMap(([taskRun, intent]) => intent ?? stopOfChild(state, taskRun) ?? []);
}

function stopOfChild(state: RunState, name: TaskRunName): Intent | undefined {
  const taskRun = state.taskRuns.get(name);
  const { attempt, stop, child } = (taskRun && currentAttempt(taskRun)) ?? {};
  if (attempt === undefined || child === undefined) return undefined;
  // Where the run goes on to its `finally`, so does the child.
  const mode = stop === "run-cancelled" && state.cancel === "CancelledRunFinally" ? state.cancel : "Cancelled";
  if (child.cancel === mode || child.cancel === "Cancelled") return undefined;
  const event: RunEvent = { type: "child.told", taskRun: name, attempt, event: { type: "cancel.requested", mode } };
  return { do: "record", event };
}

/** The next instant at which an attempt will have run too long. */
export function nextOverdueAttempt(state: RunState): Instant | undefined {
  return progressOf(state).deadlines.earliest();
}

/** The next instant at which a budget of the run will be used up. */
export function nextOverdueBudget(state: RunState): Instant | undefined {
  const { plan, startedAt, finallyStartedAt, reached } = state;
  const { pipeline, tasks, finally: ending } = plan.timeouts;
  const passed = (from: Instant | undefined, budget: number | undefined): Instant | undefined =>
    from === undefined || budget === undefined ? undefined : from + pausedSince(state, from) + budget + 1;
  return earliest([
    reached.has("pipeline") ? undefined : passed(startedAt, pipeline),
    reached.has("tasks") ? undefined : passed(startedAt, tasks),
    reached.has("finally") ? undefined : passed(finallyStartedAt, ending),
  ]);
}

export function earliest(instants: readonly (Instant | undefined)[]): Instant | undefined {
  const known = instants.flatMap((each) => each ?? []);
  return known.length === 0 ? undefined : Math.min(...known);
}

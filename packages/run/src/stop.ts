import { type Instant, type RunEvent } from "./event.ts";
import { type Intent } from "./intent.ts";
import { eachCurrent } from "./retry.ts";
import { type RunState } from "./run-state.ts";
import { overdue } from "./skip.ts";
import { type View } from "./view.ts";

type TimeoutReached = Extract<RunEvent, { type: "timeout.reached" }>;

/** Attempts that run longer than they may. A time has passed when more than it has passed. */
export function overdueAttempts(state: RunState, now: Instant): readonly TimeoutReached[] {
  return eachCurrent(state, ({ timeout }, { name }, { attempt, startedAt, stop, podFinishedAt, finished }) => {
    if (
      timeout === undefined ||
      startedAt === undefined ||
      stop !== undefined ||
      podFinishedAt !== undefined ||
      finished !== undefined
    )
      return undefined;
    return now - startedAt > timeout ? { type: "timeout.reached", of: "task", taskRun: name, attempt } : undefined;
  });
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

/** What runs and is to end. */
export function stops(state: RunState): readonly Intent[] {
  return eachCurrent(state, (_, { name }, { attempt, stop, podFinishedAt, finished }): Intent | undefined => {
    if (stop === undefined || podFinishedAt !== undefined || finished !== undefined) return undefined;
    return {
      do: "stop-task",
      taskRun: name,
      attempt,
      because: stop === "task-timed-out" ? "TaskRunTimeout" : "TaskRunCancelled",
    };
  });
}

/** The next instant at which an attempt will have run too long. */
export function nextOverdueAttempt(state: RunState): Instant | undefined {
  return earliest(
    eachCurrent(state, ({ timeout }, _, { startedAt, stop, podFinishedAt, finished }) =>
      stop === undefined && podFinishedAt === undefined && finished === undefined
        ? passed(startedAt, timeout)
        : undefined,
    ),
  );
}

/** The next instant at which a budget of the run will be used up. */
export function nextOverdueBudget({ plan, startedAt, finallyStartedAt, reached }: RunState): Instant | undefined {
  const { pipeline, tasks, finally: ending } = plan.timeouts;
  return earliest([
    reached.has("pipeline") ? undefined : passed(startedAt, pipeline),
    reached.has("tasks") ? undefined : passed(startedAt, tasks),
    reached.has("finally") ? undefined : passed(finallyStartedAt, ending),
  ]);
}

function passed(from: Instant | undefined, budget: number | undefined): Instant | undefined {
  return from === undefined || budget === undefined ? undefined : from + budget + 1;
}

export function earliest(instants: readonly (Instant | undefined)[]): Instant | undefined {
  const known = instants.flatMap((each) => each ?? []);
  return known.length === 0 ? undefined : Math.min(...known);
}

import { type PlannedTask, type TaskRunName } from "@lapcat/plan";
import { type RunEvent } from "./event.ts";
import { cancelled, isCancelled, outcomeOf } from "./outcome.ts";
import { progressOf } from "./progress.ts";
import { type AttemptState, currentAttempt, type RunState, type TaskRunState } from "./run-state.ts";
import { stopCauseOf } from "./view.ts";

type TaskFinished = Extract<RunEvent, { type: "task.finished" }>;

/**
 * Attempts whose Pod has ended, with what they came to; every failure but a cancellation is tried again while retries are left (PL-9).
 * One that was interrupted is tried again where that is wanted, and uses up no retry.
 */
export function endedAttempts(state: RunState): readonly TaskFinished[] {
  return eachOf(state, progressOf(state).ended, (planned, taskRun, attempt) => {
    const { status, reason, message } = outcomeOf(state.plan, planned, taskRun, attempt);
    const outcome = { status, reason, message };
    const isOwnFailure = attempt.interrupted === undefined || attempt.stop !== undefined;
    const mayRetry = isOwnFailure
      ? failedAttempts(taskRun, attempt.attempt) < planned.retries
      : attempt.interrupted?.retry === true;
    const willRetry = outcome.status === "False" && !isCancelled(outcome) && mayRetry;
    return { type: "task.finished", taskRun: taskRun.name, attempt: attempt.attempt, ...outcome, willRetry };
  });
}

/** TaskRuns that the run ends between two attempts: the next one ends without a Pod. */
export function cancelledRetries(state: RunState): readonly TaskFinished[] {
  return eachOf(state, progressOf(state).retrying, (planned, taskRun, attempt) => {
    const cause = stopCauseOf(state, planned);
    if (cause === undefined || attempt.finished?.willRetry !== true) return undefined;
    const outcome = cancelled(state.plan, taskRun.name, cause, attempt.finished);
    return { type: "task.finished", taskRun: taskRun.name, attempt: attempt.attempt + 1, ...outcome, willRetry: false };
  });
}

/** How many attempts, of those before this one if it is named, failed of themselves. */
export function failedAttempts({ attempts }: TaskRunState, before: number = Number.POSITIVE_INFINITY): number {
  return attempts.filter(
    ({ attempt, interrupted, stop }) => attempt < before && (interrupted === undefined || stop !== undefined),
  ).length;
}

/** The attempt that follows a failed one. */
export function nextAttempt(taskRun: TaskRunState): number | undefined {
  const last = currentAttempt(taskRun);
  return last?.finished?.willRetry === true ? last.attempt + 1 : undefined;
}

/** Asks of some TaskRuns, in the order of creation. */
export function eachOf<T>(
  state: RunState,
  names: Iterable<TaskRunName>,
  ask: (planned: PlannedTask, taskRun: TaskRunState, attempt: AttemptState) => T | undefined,
): readonly T[] {
  const { index, created } = progressOf(state);
  const inOrder = [...names].sort((a, b) => (created.get(a) ?? 0) - (created.get(b) ?? 0));
  return inOrder.flatMap((name) => {
    const taskRun = state.taskRuns.get(name);
    const attempt = taskRun && currentAttempt(taskRun);
    const planned = taskRun && index.planned.get(taskRun.task);
    const answer = planned && taskRun && attempt && ask(planned, taskRun, attempt);
    return answer === undefined ? [] : [answer];
  });
}

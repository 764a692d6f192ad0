import { type PlannedTask } from "@lapcat/plan";
import { type RunEvent } from "./event.ts";
import { cancelled, outcomeOf } from "./outcome.ts";
import { type AttemptState, currentAttempt, type RunState, type TaskRunState } from "./run-state.ts";
import { stopCauseOf } from "./view.ts";

type TaskFinished = Extract<RunEvent, { type: "task.finished" }>;

/** Attempts whose Pod has ended, with what they came to; every failure but a cancellation is tried again while retries are left (PL-9). */
export function endedAttempts(state: RunState): readonly TaskFinished[] {
  return eachCurrent(state, (planned, taskRun, attempt) => {
    if (attempt.podFinishedAt === undefined || attempt.finished !== undefined) return undefined;
    const outcome = outcomeOf(state.plan.kind, planned, taskRun, attempt);
    const willRetry =
      outcome.status === "False" && outcome.reason !== "TaskRunCancelled" && attempt.attempt < planned.retries;
    return { type: "task.finished", taskRun: taskRun.name, attempt: attempt.attempt, ...outcome, willRetry };
  });
}

/** TaskRuns that the run ends between two attempts: the next one ends without a Pod. */
export function cancelledRetries(state: RunState): readonly TaskFinished[] {
  return eachCurrent(state, (planned, taskRun, attempt) => {
    const cause = stopCauseOf(state, planned);
    if (cause === undefined || attempt.finished?.willRetry !== true) return undefined;
    const outcome = cancelled(state.plan.kind, taskRun.name, cause, attempt.finished);
    return { type: "task.finished", taskRun: taskRun.name, attempt: attempt.attempt + 1, ...outcome, willRetry: false };
  });
}

/** The attempt that follows a failed one. */
export function nextAttempt(taskRun: TaskRunState): number | undefined {
  const last = currentAttempt(taskRun);
  return last?.finished?.willRetry === true ? last.attempt + 1 : undefined;
}

export function eachCurrent<T>(
  state: RunState,
  ask: (planned: PlannedTask, taskRun: TaskRunState, attempt: AttemptState) => T | undefined,
): readonly T[] {
  const planned = new Map([...state.plan.tasks, ...state.plan.finally].map((each) => [each.name, each]));
  return [...state.taskRuns.values()].flatMap((taskRun) => {
    const task = planned.get(taskRun.task);
    const attempt = currentAttempt(taskRun);
    const answer = task === undefined || attempt === undefined ? undefined : ask(task, taskRun, attempt);
    return answer === undefined ? [] : [answer];
  });
}

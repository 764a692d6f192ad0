import { within } from "./child-event.ts";
import { liveChildren } from "./children.ts";
import { type Instant, type Recorded, type RunEvent } from "./event.ts";
import { progressOf } from "./progress.ts";
import { currentAttempt, type RunState } from "./run-state.ts";

export interface ResumeOptions {
  /** Whether another attempt is made in the place of one that was interrupted; else it has failed. */
  readonly retry: boolean;
  /** lapcat's version. */
  readonly lapcat: string;
}

/**
 * With what the log of an interrupted run goes on, once what was left of its Pods is removed: none that had no end has one any more.
 * None of it where the run has not begun, or is over.
 */
export function resumption(
  state: RunState,
  last: Recorded | undefined,
  now: Instant,
  options: ResumeOptions,
): readonly RunEvent[] {
  return last === undefined ? [] : factsOf(state, Math.max(0, now - last.at), options);
}

function factsOf(state: RunState, interruptedFor: number, options: ResumeOptions): readonly RunEvent[] {
  if (state.startedAt === undefined || state.finished !== undefined) return [];
  const { retry, lapcat } = options;
  const interruptions = [...progressOf(state).live].flatMap((name): readonly RunEvent[] => {
    const taskRun = state.taskRuns.get(name);
    const attempt = taskRun && currentAttempt(taskRun);
    if (attempt === undefined || attempt.child !== undefined) return [];
    if (attempt.podFinishedAt !== undefined || attempt.finished !== undefined) return [];
    return [{ type: "pod.interrupted", taskRun: name, attempt: attempt.attempt, retry }];
  });
  const ofChildren = liveChildren(state).flatMap(({ name, child }) =>
    factsOf(child, interruptedFor, options).map((event) => within([name], event)),
  );
  return [{ type: "run.resumed", lapcat, interruptedFor }, ...interruptions, ...ofChildren];
}

/** Whether a task may still get a Pod. */
export function isOpen(state: RunState, task: RunState["plan"]["tasks"][number]["name"]): boolean {
  return state.finished === undefined && !progressOf(state).ends.has(task) && !state.skipped.has(task);
}

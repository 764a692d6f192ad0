import { isAfter } from "@lapcat/tekton";
import { inside, liveChildren, sharedRoom, startOfChild } from "./children.ts";
import { type Instant, type RunEvent } from "./event.ts";
import { type Intent } from "./intent.ts";
import { pausedSince } from "./pause.ts";
import { cancelledRetries, endedAttempts } from "./retry.ts";
import { completed, isComplete, outOfTime } from "./run-outcome.ts";
import { endOf, type RunState } from "./run-state.ts";
import { dagSkips, finallySkips, type DagSkips } from "./skip.ts";
import { fatal, retries, starts, uncreatable } from "./start.ts";
import { earliest, nextOverdueAttempt, nextOverdueBudget, overdueAttempts, overdueBudgets, stops } from "./stop.ts";
import { type View, viewOf } from "./view.ts";

/**
 * What follows from what happened. Facts that follow are asked for alone, so that the next answer knows them; then what is
 * to be done, in the order of the plan; at most `room` TaskRuns are asked to be started. An intent is asked for until a fact tells that it was performed.
 */
export function decide(state: RunState, now: Instant, room: number = Number.POSITIVE_INFINITY): readonly Intent[] {
  const own = decideOwn(state, now, room);
  if (own.some((each) => each.do === "record")) return own;
  const children = liveChildren(state).map(({ name, child }) => inside(name, ofChild(child, now, room)));
  return children.length === 0 ? own : sharedRoom([own, ...children], room);
}

function ofChild(child: RunState, now: Instant, room: number): readonly Intent[] {
  return child.startedAt === undefined ? [record(startOfChild(child))] : decide(child, now, room);
}

/** The same without what follows in the child PipelineRuns. */
export function decideOwn(state: RunState, now: Instant, room: number = Number.POSITIVE_INFINITY): readonly Intent[] {
  if (state.startedAt === undefined || state.finished !== undefined) return [];
  const ofTaskRuns = [...endedAttempts(state), ...overdueAttempts(state, now)];
  if (ofTaskRuns.length > 0) return ofTaskRuns.map(record);
  const between = cancelledRetries(state);
  if (between.length > 0) return between.map(record);
  const view = viewOf(state, now);
  return state.plan.kind === "TaskRun" ? ofTaskRun(view, room) : ofPipelineRun(view, room);
}

function ofTaskRun(view: View, room: number): readonly Intent[] {
  const [planned] = view.state.plan.tasks;
  const [taskRun] = view.state.taskRuns.values();
  const end = taskRun === undefined ? undefined : endOf(taskRun);
  if (end !== undefined)
    return [
      record({ type: "run.finished", status: end.status, reason: end.reason, message: end.message, results: [] }),
    ];
  if (taskRun === undefined && view.state.cancel !== undefined && planned !== undefined) {
    const message = `TaskRun "${planned.taskRunName}" was cancelled. ${view.state.plan.written.statusMessage ?? ""}`;
    return [record({ type: "run.finished", status: "False", reason: "TaskRunCancelled", message, results: [] })];
  }
  return toDo(view, dagSkips(view), room);
}

function ofPipelineRun(view: View, room: number): readonly Intent[] {
  const end = abrupt(view);
  if (end !== undefined) return view.progress.live.size > 0 ? toEnd(view) : [record(end)];
  const dag = dagSkips(view);
  const fault = uncreatable(view, dag);
  if (fault !== undefined) {
    const { reason, message } = fault;
    if (view.progress.live.size > 0) return toEnd(view);
    return [record({ type: "run.finished", status: "False", reason, message, results: [] })];
  }
  const facts = [...(isLongOverdue(view) ? [] : newSkips(view, dag)), ...overdueBudgets(view)];
  if (facts.length > 0) return facts.map(record);
  const { finallyStartedAt, plan } = view.state;
  if (dag.done && plan.finally.length > 0 && finallyStartedAt === undefined)
    return [record({ type: "finally.started" })];
  if (isComplete(view, dag)) return [record(completed(view, dag))];
  return toDo(view, dag, room);
}

function toDo(view: View, dag: DagSkips, room: number): readonly Intent[] {
  return [
    ...stops(view.state),
    ...starts(view, dag, room),
    ...wake(earliest([nextOverdueAttempt(view.state), nextOverdueBudget(view.state)])),
  ];
}

/** Ends that wait for nothing but what still runs: cancelled, out of time, or beyond help. */
function abrupt(view: View): Extract<RunEvent, { type: "run.finished" }> | undefined {
  const { cancel, reached, plan } = view.state;
  if (plan.failure !== undefined) return { type: "run.finished", status: "False", ...plan.failure, results: [] };
  const failed = (reason: string, message: string): Extract<RunEvent, { type: "run.finished" }> => ({
    type: "run.finished",
    status: "False",
    reason,
    message,
    results: [],
  });
  if (cancel === "Cancelled") return failed("Cancelled", `PipelineRun "${plan.identity.name}" was cancelled`);
  if (reached.has("pipeline")) return isLongOverdue(view) ? { ...outOfTime(view), results: [] } : outOfTime(view);
  // Without `finally` the tasks' time ends the run at once.
  if (reached.has("tasks") && plan.finally.length === 0) return completed(view, dagSkips(view));
  const problem = fatal(view);
  if (problem !== undefined) return failed(problem.reason, problem.message);
  if (isAfter("missing-result-of-one-task", plan.tekton)) return undefined;
  const [missing] = dagSkips(view).invalid.values();
  return missing === undefined ? undefined : failed("InvalidTaskResultReference", missing);
}

/** What runs is stopped, or is let run to its end and retries, as the end asks for; nothing new is begun. */
function toEnd(view: View): readonly Intent[] {
  return [...stops(view.state), ...retries(view), ...wake(nextOverdueAttempt(view.state))];
}

/** Skips that are not told yet, or that are told with another reason by now. */
function newSkips(view: View, dag: DagSkips): readonly RunEvent[] {
  return [...dag.untold, ...finallySkips(view, dag)].flatMap(([task, { reason, whenExpressions }]) =>
    view.state.skipped.get(task)?.reason === reason ? [] : [{ type: "task.skipped", task, reason, whenExpressions }],
  );
}

/** After twice its time, a machine that slept perhaps, a run is ended without a look at its tasks (HasTimedOutForALongTime). */
function isLongOverdue({ state, now }: View): boolean {
  const { pipeline } = state.plan.timeouts;
  const { startedAt } = state;
  if (pipeline === undefined || startedAt === undefined) return false;
  return now - startedAt - pausedSince(state, startedAt) >= 2 * pipeline;
}

function wake(at: Instant | undefined): readonly Intent[] {
  return at === undefined ? [] : [{ do: "wake", at }];
}

function record(event: RunEvent): Intent {
  return { do: "record", event };
}

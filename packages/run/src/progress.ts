import {
  hasCel,
  instanceCount,
  type PipelineTaskName,
  type PlannedTask,
  type TaskOutcome,
  type TaskRunName,
} from "@lapcat/plan";
import { type SkipReason } from "@lapcat/tekton";
import { deadlines, type Deadlines } from "./deadlines.ts";
import { type RunEvent } from "./event.ts";
import { type Intent } from "./intent.ts";
import { planIndex, type PlanIndex } from "./plan-index.ts";
import { rankSet, type RankSet } from "./rank-set.ts";
import {
  type AttemptState,
  currentAttempt,
  endOf,
  type RunState,
  type Skip,
  type StopCause,
  type TaskRunState,
} from "./run-state.ts";
import { outcomeOfTask } from "./task-outcome.ts";

/** How far a task is: all its TaskRuns have to end before it is done. */
export type Phase = "unscheduled" | "running" | "succeeded" | "failed";

/**
 * What follows from a state alone and is asked for at every decision: so that a decision looks at what changed and not at
 * the whole run. It is kept beside the newest state of a line, changed in place and handed on by `evolve`; for any other state it is
 * worked out from the state, so nobody can tell.
 */
export interface Progress {
  readonly index: PlanIndex;
  readonly taskRunsOf: Map<PipelineTaskName, TaskRunName[]>;
  /** The place of each TaskRun in the order of creation. */
  readonly created: Map<TaskRunName, number>;
  /** Of tasks that are done. */
  readonly ends: Map<PipelineTaskName, "succeeded" | "failed">;
  /** Done, or skipped at some time. */
  readonly settled: Set<PipelineTaskName>;
  /** TaskRuns by what is to be looked at: Pods that ended, attempts that end early, those to be tried again, those that have no end. */
  readonly ended: Set<TaskRunName>;
  /** With what is asked for, where that is always the same, so that it is made once however often it is asked; in the order of creation. */
  readonly stopping: Map<TaskRunName, Intent | undefined>;
  readonly retrying: Set<TaskRunName>;
  readonly live: Set<TaskRunName>;
  /** How many predecessors are neither done nor skipped; how many producers of results are not done. */
  readonly unmet: Map<PipelineTaskName, number>;
  readonly unproduced: Map<PipelineTaskName, number>;
  /** Ranks of those of the DAG that may start: nothing to wait for, not skipped, and not started, or a matrix in part. */
  readonly ready: RankSet;
  /** Tasks at which the question whether they are skipped or fail the run was not asked since something about them changed. */
  readonly unasked: Set<PlannedTask>;
  /** Tasks of which it is known that the results they take fail no run. */
  readonly sound: Set<PlannedTask>;
  readonly deadlines: Deadlines;
  readonly counts: Counts;
  /** The place of the last of those that are to be stopped. */
  readonly latest: { stop: number };
}

/** Of the DAG. */
interface Counts {
  unscheduled: number;
  ended: number;
  failed: number;
  /** Failures that stop the run. */
  fatal: number;
  skipped: number;
  /** Told as skipped once, and started nevertheless: the reason for which a predecessor was skipped had changed to one that stops nobody. */
  revived: number;
  readonly skips: Map<SkipReason, number>;
}

const newest = new WeakMap<RunState, Progress>();

export function progressOf(state: RunState): Progress {
  const progress = newest.get(state) ?? build(state);
  newest.set(state, progress);
  return progress;
}

/** Hands the progress on to the state that follows. */
export function carryProgress(before: RunState, after: RunState, event: RunEvent): void {
  if (before === after) return;
  const progress = newest.get(before);
  if (progress === undefined) return;
  newest.delete(before);
  if (event.type === "task.omitted") return;
  if (event.type === "cancel.requested" || (event.type === "timeout.reached" && event.of !== "task")) return;
  newest.set(after, progress);
  if (event.type === "task.skipped")
    noteSkip(progress, before, event.task, event.reason, before.skipped.get(event.task));
  else if ("taskRun" in event) {
    const taskRun = after.taskRuns.get(event.taskRun);
    if (taskRun === undefined) return;
    noteTaskRun(progress, after, taskRun);
    noteEnd(progress, after, progress.index.planned.get(taskRun.task));
  }
}

function build(state: RunState): Progress {
  const { plan } = state;
  const index = planIndex(plan);
  const all = [...plan.tasks, ...plan.finally];
  const progress: Progress = {
    index,
    taskRunsOf: new Map(),
    created: new Map(),
    ends: new Map(),
    settled: new Set(),
    ended: new Set(),
    stopping: new Map(),
    retrying: new Set(),
    live: new Set(),
    unmet: new Map(all.map(({ name, predecessors }) => [name, predecessors.length])),
    unproduced: new Map(
      all.map(({ name, resultsFrom }) => [name, resultsFrom.filter((each) => plan.omitted?.has(each) !== true).length]),
    ),
    ready: rankSet(all.length),
    unasked: new Set(
      all.filter((each) => each.predecessors.length === 0 || each.resultsFrom.length === 0 || hasCel(each)),
    ),
    sound: new Set(),
    deadlines: deadlines(),
    counts: { unscheduled: plan.tasks.length, ended: 0, failed: 0, fatal: 0, skipped: 0, revived: 0, skips: new Map() },
    latest: { stop: 0 },
  };
  plan.tasks.forEach(({ predecessors }, rank) => {
    if (predecessors.length === 0) progress.ready.add(rank);
  });
  for (const taskRun of state.taskRuns.values()) noteTaskRun(progress, state, taskRun);
  // Whether a task is done is asked when all its TaskRuns are known.
  for (const each of all) noteEnd(progress, state, each);
  for (const [task, { reason }] of state.skipped) noteSkip(progress, state, task, reason, undefined);
  return progress;
}

function noteTaskRun(progress: Progress, state: RunState, taskRun: TaskRunState): void {
  const { name, task } = taskRun;
  const planned = progress.index.planned.get(task);
  const attempt = currentAttempt(taskRun);
  if (planned === undefined || attempt === undefined) return;
  const names = progress.taskRunsOf.get(task);
  if (names === undefined) {
    progress.taskRunsOf.set(task, [name]);
    progress.unasked.delete(planned);
    if (planned.memberOf === "tasks") {
      progress.counts.unscheduled -= 1;
      if (planned.pipelineTask.matrix === undefined) progress.ready.delete(rankOf(progress, planned));
      if (state.skipped.has(task)) progress.counts.revived += 1;
    }
  } else if (!progress.created.has(name)) names.push(name);
  if (!progress.created.has(name)) progress.created.set(name, progress.created.size);
  const { podFinishedAt, finished, stop, startedAt } = attempt;
  const runs = podFinishedAt === undefined && finished === undefined;
  member(progress.live, name, endOf(taskRun) === undefined);
  member(progress.ended, name, podFinishedAt !== undefined && finished === undefined);
  if (!runs || stop === undefined) progress.stopping.delete(name);
  else if (!progress.stopping.has(name)) noteStop(progress, name, attempt, stop);
  member(progress.retrying, name, finished?.willRetry === true);
  if (runs && stop === undefined && startedAt !== undefined && planned.timeout !== undefined)
    progress.deadlines.set(name, startedAt + planned.timeout + 1);
  else progress.deadlines.delete(name);
}

function noteStop(
  { stopping, created, latest }: Progress,
  taskRun: TaskRunName,
  { attempt, child }: AttemptState,
  stop: StopCause,
): void {
  const rankOfEach = (name: TaskRunName): number => created.get(name) ?? 0;
  const because = stop === "task-timed-out" ? "TaskRunTimeout" : "TaskRunCancelled";
  stopping.set(taskRun, child === undefined ? { do: "stop-task", taskRun, attempt, because } : undefined);
  const rank = rankOfEach(taskRun);
  if (stopping.size === 1 || rank > latest.stop) {
    latest.stop = rank;
    return;
  }
  const inOrder = [...stopping].sort(([a], [b]) => rankOfEach(a) - rankOfEach(b));
  stopping.clear();
  for (const [name, intent] of inOrder) stopping.set(name, intent);
}

function member<T>(set: Set<T>, item: T, isIn: boolean): void {
  if (isIn) set.add(item);
  else set.delete(item);
}

/** A task is done when all its TaskRuns are. */
function noteEnd(progress: Progress, state: RunState, planned: PlannedTask | undefined): void {
  const names = planned && progress.taskRunsOf.get(planned.name);
  if (planned === undefined || names === undefined) return;
  if (progress.ends.has(planned.name) || names.some((each) => progress.live.has(each))) return;
  if (names.length < instancesOf(progress, state, planned)) return;
  const taskRuns = names.flatMap((each) => state.taskRuns.get(each) ?? []);
  const end = taskRuns.every((each) => endOf(each)?.status === "True") ? "succeeded" : "failed";
  progress.ends.set(planned.name, end);
  progress.ready.delete(rankOf(progress, planned));
  if (planned.memberOf === "tasks") {
    progress.counts.ended += 1;
    if (end === "failed") progress.counts.failed += 1;
    if (end === "failed" && planned.onError !== "continue") progress.counts.fatal += 1;
  }
  for (const each of progress.index.consumers.get(planned.name) ?? []) {
    const left = (progress.unproduced.get(each.name) ?? 0) - 1;
    progress.unproduced.set(each.name, left);
    if (left === 0) ask(progress, each);
  }
  noteDone(progress, state, planned.name);
}

/** Those of a matrix may be started one by one; once they are to be stopped, the others are not started any more. */
function instancesOf(progress: Progress, state: RunState, planned: PlannedTask): number {
  if (planned.pipelineTask.matrix === undefined || isStopped(state, planned)) return 1;
  const tasks = new Map<PipelineTaskName, TaskOutcome>();
  for (const name of planned.resultsFrom) {
    const outcome = outcomeOfTask(state, progress, name);
    if (outcome !== undefined) tasks.set(name, outcome);
  }
  return instanceCount(state.plan, planned, { tasks, aggregate: "None" });
}

function isStopped({ cancel, reached }: RunState, { memberOf }: PlannedTask): boolean {
  if (cancel === "Cancelled" || reached.has("pipeline")) return true;
  return memberOf === "finally" ? reached.has("finally") : cancel === "CancelledRunFinally" || reached.has("tasks");
}

function noteSkip(
  progress: Progress,
  state: RunState,
  task: PipelineTaskName,
  reason: SkipReason,
  last: Skip | undefined,
): void {
  const planned = progress.index.planned.get(task);
  if (planned === undefined) return;
  progress.ready.delete(rankOf(progress, planned));
  if (planned.memberOf === "tasks" && !progress.taskRunsOf.has(task)) {
    if (last !== undefined) countSkip(progress, last.reason, -1);
    countSkip(progress, reason, 1);
  }
  noteDone(progress, state, task);
  for (const each of progress.index.successors.get(task) ?? []) ask(progress, each);
}

function countSkip({ counts }: Progress, reason: SkipReason, by: 1 | -1): void {
  counts.skipped += by;
  counts.skips.set(reason, (counts.skips.get(reason) ?? 0) + by);
}

function rankOf({ index }: Progress, { name }: PlannedTask): number {
  return index.ranks.get(name) ?? 0;
}

/** Done or skipped: nobody waits for it any more. */
function noteDone(progress: Progress, { skipped }: RunState, task: PipelineTaskName): void {
  if (progress.settled.has(task)) return;
  progress.settled.add(task);
  for (const each of progress.index.successors.get(task) ?? []) {
    const left = (progress.unmet.get(each.name) ?? 0) - 1;
    progress.unmet.set(each.name, left);
    if (left > 0) continue;
    const mayStart =
      each.pipelineTask.matrix === undefined ? !progress.taskRunsOf.has(each.name) : !progress.ends.has(each.name);
    if (mayStart && !skipped.has(each.name)) progress.ready.add(rankOf(progress, each));
    ask(progress, each);
  }
}

function ask(progress: Progress, planned: PlannedTask): void {
  if (!progress.taskRunsOf.has(planned.name)) progress.unasked.add(planned);
}

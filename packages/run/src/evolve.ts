import { planChild, withoutTask } from "@lapcat/plan";
import { type Artifacts, mergeArtifacts, noArtifacts } from "@lapcat/tekton";
import { type AttemptKey, type Instant, type Recorded, type RunEvent } from "./event.ts";
import { carryProgress } from "./progress.ts";
import { planIndex } from "./plan-index.ts";
import {
  type AttemptState,
  begin,
  type ContainerState,
  currentAttempt,
  type RunState,
  type StopCause,
  type TaskRunState,
} from "./run-state.ts";

/** What a fact means. Total: a fact about something unknown changes nothing. */
export function evolve(state: RunState, recorded: Recorded): RunState {
  const after = meaning(state, recorded);
  carryProgress(state, after, recorded.event);
  return after;
}

function meaning(state: RunState, { v, seq, at, event }: Recorded): RunState {
  switch (event.type) {
    case "run.started":
      return { ...state, startedAt: at };
    case "run.resumed":
      return { ...state, pauses: [...state.pauses, { endedAt: at, length: event.interruptedFor }] };
    case "image.pulled":
    case "warning.noticed":
    case "breakpoint.reached":
    case "sidecar.ready":
    case "custom-run.started":
      return state;
    case "task.skipped":
      return {
        ...state,
        skipped: state.skipped.with(event.task, {
          reason: event.reason,
          whenExpressions: event.whenExpressions,
        }),
      };
    case "task.omitted":
      return { ...state, plan: withoutTask(state.plan, event.task, event.given) };
    case "task.started":
      return started(state, event, at, seq);
    case "child.started":
      return childStarted(state, event, at, seq);
    case "child.told":
      return withAttempt(state, event, (attempt) => {
        if (attempt.child === undefined) return attempt;
        const child = evolve(attempt.child, { v, seq, at, event: event.event });
        return { ...attempt, child, ...(child.finished !== undefined && { podFinishedAt: child.finished.at }) };
      });
    case "pod.created":
      return withAttempt(state, event, (attempt) => ({
        ...attempt,
        pod: { name: event.pod, taskSpec: event.taskSpec, containers: event.containers },
      }));
    case "pod.failed":
      return withAttempt(state, event, (attempt) => ({
        ...attempt,
        podFailed: { reason: event.reason, message: event.message },
      }));
    case "step.started": {
      const { containerId } = event;
      const started = { startedAt: at, finishedAt: undefined, end: undefined };
      return withContainer(state, event, { ...started, ...(containerId !== undefined && { containerId }) });
    }
    case "sidecar.started":
      return withContainer(state, event, { startedAt: at, finishedAt: undefined, end: undefined });
    case "step.finished":
      return withArtifacts(withContainer(state, event, { finishedAt: at, end: endOfStep(event) }), event);
    case "sidecar.finished": {
      const { exitCode, reason, message } = event;
      const end = { exitCode, reason, terminationReason: undefined, ...(message !== undefined && { message }) };
      return withContainer(state, event, { finishedAt: at, end });
    }
    case "result.written":
      return withAttempt(state, event, (attempt) => ({
        ...attempt,
        results: withResult(attempt.results, { name: event.name, type: event.resultType, value: event.value }),
      }));
    case "artifacts.written":
      return withArtifacts(state, event);
    case "pod.finished":
      return withAttempt(state, event, (attempt) => ({ ...attempt, podFinishedAt: at }));
    case "pod.interrupted":
      return withAttempt(state, event, (attempt) => ({
        ...attempt,
        containers: lostContainers(attempt, at),
        interrupted: { retry: event.retry },
        podFinishedAt: at,
      }));
    case "custom-run.finished":
      return withAttempt(state, event, (attempt) => ({
        ...attempt,
        custom: { status: event.status, reason: event.reason, message: event.message },
        podFinishedAt: at,
      }));
    case "task.finished":
      return finished(state, event, at);
    case "timeout.reached":
      if (event.of === "task") return withAttempt(state, event, (attempt) => stopped(attempt, "task-timed-out"));
      return stopWhere({ ...state, reached: new Set(state.reached).add(event.of) }, "run-timed-out", (memberOf) => {
        if (event.of === "tasks") return memberOf === "tasks" && state.finallyStartedAt === undefined;
        return event.of === "pipeline" || memberOf === "finally";
      });
    case "cancel.requested":
      return cancelled(state, event.mode);
    case "finally.started":
      return { ...state, finallyStartedAt: at };
    case "run.finished":
      return {
        ...state,
        finished: { at, status: event.status, reason: event.reason, message: event.message, results: event.results },
      };
  }
}

function started(
  state: RunState,
  event: Extract<RunEvent, { type: "task.started" | "child.started" }>,
  at: Instant,
  seq: number,
  child?: RunState,
): RunState {
  const { task, taskRun: name, uid, params } = event;
  const before = state.taskRuns.get(name) ?? { name, task, uid, seq, params, attempts: [] };
  return withTaskRun(state, {
    ...before,
    attempts: [...before.attempts, { ...newAttempt(event.attempt), startedAt: at, child }],
  });
}

/** Its plan follows from its parent's and from what it is given. */
function childStarted(
  state: RunState,
  event: Extract<RunEvent, { type: "child.started" }>,
  at: Instant,
  seq: number,
): RunState {
  const planned = planIndex(state.plan).planned.get(event.task);
  if (planned?.kind !== "pipeline") return state;
  const { taskRun: name, uid, params, workspaces } = event;
  const plan = planChild(state.plan, { kind: "PipelineRun", planned, name, uid, params, workspaces });
  return started(state, event, at, seq, begin(plan));
}

function newAttempt(attempt: number): AttemptState {
  return {
    attempt,
    startedAt: undefined,
    pod: undefined,
    podFailed: undefined,
    containers: new Map(),
    results: [],
    artifacts: noArtifacts,
    stop: undefined,
    custom: undefined,
    child: undefined,
    interrupted: undefined,
    podFinishedAt: undefined,
    finished: undefined,
  };
}

/** An attempt may end without having begun: its TaskRun was cancelled after the one before. */
function finished(state: RunState, event: Extract<RunEvent, { type: "task.finished" }>, at: Instant): RunState {
  const taskRun = state.taskRuns.get(event.taskRun);
  if (taskRun === undefined) return state;
  const { status, reason, message, willRetry } = event;
  const known = taskRun.attempts.some(({ attempt }) => attempt === event.attempt);
  const attempts = known ? taskRun.attempts : [...taskRun.attempts, newAttempt(event.attempt)];
  return withTaskRun(state, {
    ...taskRun,
    attempts: attempts.map((each) =>
      each.attempt === event.attempt ? { ...each, finished: { at, status, reason, message, willRetry } } : each,
    ),
  });
}

function cancelled(state: RunState, mode: NonNullable<RunState["cancel"]>): RunState {
  const cancel = mode === "Cancelled" ? mode : (state.cancel ?? mode);
  if (mode !== cancel) return state;
  if (mode === "StoppedRunFinally") return { ...state, cancel };
  return stopWhere({ ...state, cancel }, "run-cancelled", (memberOf) => mode === "Cancelled" || memberOf === "tasks");
}

/** Marks the attempts that still run; one whose Pod has ended has an end of its own. */
function stopWhere(state: RunState, cause: StopCause, applies: (memberOf: "tasks" | "finally") => boolean): RunState {
  const inFinally = new Set(state.plan.finally.map(({ name }) => name));
  let { taskRuns } = state;
  for (const [name, taskRun] of state.taskRuns) {
    if (!applies(inFinally.has(taskRun.task) ? "finally" : "tasks")) continue;
    const last = currentAttempt(taskRun);
    if (last === undefined || last.podFinishedAt !== undefined || last.finished !== undefined) continue;
    taskRuns = taskRuns.with(name, {
      ...taskRun,
      attempts: [...taskRun.attempts.slice(0, -1), stopped(last, cause)],
    });
  }
  return { ...state, taskRuns };
}

function stopped(attempt: AttemptState, cause: StopCause): AttemptState {
  return { ...attempt, stop: attempt.stop ?? cause };
}

/** As a kubelet tells it of containers that it does not find any more. */
function lostContainers({ pod, containers }: AttemptState, at: Instant): AttemptState["containers"] {
  const lost = { exitCode: 137, reason: "ContainerStatusUnknown", terminationReason: undefined };
  const ended = new Map(containers);
  for (const { name } of pod?.containers ?? []) {
    const { startedAt, end } = containers.get(name) ?? {};
    if (end === undefined) ended.set(name, { startedAt, finishedAt: at, end: lost });
  }
  return ended;
}

function endOfStep({
  exitCode,
  reason,
  terminationReason,
  message,
  results,
  inputs,
  outputs,
}: Extract<RunEvent, { type: "step.finished" }>): NonNullable<ContainerState["end"]> {
  return {
    exitCode,
    reason,
    terminationReason,
    ...(message !== undefined && { message }),
    ...(results !== undefined && { results }),
    ...(inputs !== undefined && { inputs }),
    ...(outputs !== undefined && { outputs }),
  };
}

function withArtifacts(state: RunState, event: AttemptKey & Partial<Artifacts>): RunState {
  const { inputs = [], outputs = [] } = event;
  if (inputs.length === 0 && outputs.length === 0) return state;
  return withAttempt(state, event, (attempt) => ({
    ...attempt,
    artifacts: mergeArtifacts(attempt.artifacts, { inputs, outputs }),
  }));
}

function withResult(
  results: AttemptState["results"],
  result: AttemptState["results"][number],
): AttemptState["results"] {
  const known = results.some(({ name }) => name === result.name);
  return known ? results.map((each) => (each.name === result.name ? result : each)) : [...results, result];
}

function withContainer(
  state: RunState,
  event: AttemptKey & { readonly container: string },
  change: Partial<ContainerState>,
): RunState {
  return withAttempt(state, event, (attempt) => {
    const before = attempt.containers.get(event.container) ?? {
      startedAt: undefined,
      finishedAt: undefined,
      end: undefined,
    };
    return { ...attempt, containers: new Map(attempt.containers).set(event.container, { ...before, ...change }) };
  });
}

function withAttempt(state: RunState, key: AttemptKey, change: (attempt: AttemptState) => AttemptState): RunState {
  const taskRun = state.taskRuns.get(key.taskRun);
  if (taskRun === undefined) return state;
  return withTaskRun(state, {
    ...taskRun,
    attempts: taskRun.attempts.map((each) => (each.attempt === key.attempt ? change(each) : each)),
  });
}

function withTaskRun(state: RunState, taskRun: TaskRunState): RunState {
  return { ...state, taskRuns: state.taskRuns.with(taskRun.name, taskRun) };
}

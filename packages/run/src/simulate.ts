import { type BoundTaskRun, type RunPlan, taskRunFailure } from "@lapcat/plan";
import { parseDuration } from "@lapcat/tekton";
import { type RunPath, versionOf, within } from "./child-event.ts";
import { liveChildren, startOfChild } from "./children.ts";
import { decide, decideOwn } from "./decide.ts";
import { type AttemptKey, type CancelMode, type Instant, type Recorded, type RunEvent } from "./event.ts";
import { evolve } from "./evolve.ts";
import { type Outcomes, outcomeFor } from "./outcome-script.ts";
import { begin, currentAttempt, type RunState } from "./run-state.ts";
import { eventsOfPod, type ScriptedPod } from "./scripted-pod.ts";
import { earliest } from "./stop.ts";

export interface Simulated {
  readonly state: RunState;
  readonly log: readonly Recorded[];
  /** The round in which each TaskRun and child PipelineRun was created. */
  readonly waves: ReadonlyMap<string, number>;
}

/**
 * A run without an engine: rounds in which what follows is done and what runs ends as the script says. No time passes but what
 * outcomes ask for, and what is left of a timeout when all else has come to rest. Where nothing limits what never ends, the run has no end.
 */
export function simulate(
  plan: RunPlan,
  outcomes: Outcomes,
  startedAt: Instant,
  lapcat: string,
  omitted: readonly RunEvent[] = [],
): Simulated {
  let state = begin(plan);
  let now = startedAt;
  const log: Recorded[] = [];
  const waves = new Map<string, number>();
  const pods = new Map<string, ScriptedPod>();
  let cancel: CancelMode | undefined;
  const append = (path: RunPath, own: RunEvent): void => {
    const event = within(path, own);
    const recorded: Recorded = { v: versionOf(event), seq: log.length, at: now, event };
    log.push(recorded);
    state = evolve(state, recorded);
  };
  const end = (pod: ScriptedPod): void => {
    pods.delete(pod.bound.name);
    for (const event of eventsOfPod(plan.kind, pod)) append(pod.in, event);
  };
  /** The TaskRuns' own reconciler looks at time and pods at the end of a round. */
  const reconcileTaskRuns = (path: RunPath): void => {
    for (;;) {
      const own = decideOwn(runAt(state, path), now).flatMap((each) => {
        if (each.do !== "record" || !("taskRun" in each.event) || !isOfTaskRun(runAt(state, path), each.event))
          return [];
        return [each.event];
      });
      for (const event of own) {
        append(path, event);
        const pod = event.type === "timeout.reached" ? pods.get(event.taskRun) : undefined;
        if (pod !== undefined) end(Object.assign(pod, { stopped: "TaskRunTimeout" }));
      }
      if (own.length === 0) return;
    }
  };
  const start = (path: RunPath, bound: BoundTaskRun, round: number): void => {
    const { planned, name, attempt, uid, params } = bound;
    append(path, { type: "task.started", task: planned.name, taskRun: name, attempt, uid, params });
    if (!waves.has(name)) waves.set(name, round);
    const outcome = outcomeFor(runAt(state, path), outcomes, bound);
    pods.set(name, { in: path, bound, outcome, ran: false, late: false, stopped: undefined });
  };
  const reconcileRun = (path: RunPath, round: number): void => {
    const begun = runAt(state, path);
    if (begun.startedAt === undefined) append(path, startOfChild(begun));
    for (let acted = true; acted && runAt(state, path).finished === undefined;) {
      acted = false;
      for (const intent of decideOwn(runAt(state, path), now)) {
        if (intent.do === "record") {
          append(path, intent.event);
          if (intent.event.type === "child.started") waves.set(intent.event.taskRun, round);
          acted = true;
        } else if (intent.do === "start-task") {
          start(path, intent.bound, round);
          acted = true;
        } else if (intent.do === "stop-task") {
          const pod = pods.get(intent.taskRun);
          if (pod !== undefined) pod.stopped ??= intent.because;
        }
      }
    }
  };

  const { name, namespace, uid } = plan.identity;
  append([], { type: "run.started", kind: plan.kind, name, namespace, uid, lapcat });
  for (const each of omitted) append([], each);
  for (let round = 0; state.finished === undefined; round++) {
    const before = log.length;
    const from = now;
    if (cancel !== undefined && state.cancel === undefined) append([], { type: "cancel.requested", mode: cancel });
    // A child is looked at one round after it was made, and its parent sees its end one round late.
    for (const path of pathsIn(state)) reconcileRun(path, round);
    // What has no Pod is at its end before time moves, whatever was said of its Pod.
    const without = [...pods.values()].filter((pod) => !pod.ran && taskRunFailure(pod.bound) !== undefined);
    without.forEach(end);
    if (without.length > 0) for (const path of pathsIn(state)) reconcileTaskRuns(path);
    const ending: ScriptedPod[] = [];
    const ran = [...pods.values()].some((pod) => !pod.ran);
    let advance = 0;
    for (const pod of pods.values()) {
      const { outcome } = pod;
      const mode = outcome.cancelRun === true ? (outcome.cancelAs ?? "Cancelled") : undefined;
      if (pod.stopped === undefined && mode !== undefined) cancel ??= mode;
      if (pod.stopped !== undefined) ending.push(pod);
      else if (!pod.ran && outcome.advance !== undefined) advance += parseDuration(outcome.advance) ?? 0;
      else if (outcome.hang !== true && (mode === undefined || mode === "StoppedRunFinally")) ending.push(pod);
      pod.ran = true;
    }
    now += advance;
    for (const pod of ending) {
      const { timeout } = pod.bound.planned;
      const startedAt = runAt(state, pod.in).taskRuns.get(pod.bound.name)?.attempts.at(-1)?.startedAt ?? now;
      pod.late = timeout !== undefined && now - startedAt > timeout;
      end(pod);
    }
    if (state.finished === undefined) for (const path of pathsIn(state)) reconcileTaskRuns(path);
    const isAsked = cancel !== undefined && state.cancel === undefined;
    if (state.finished !== undefined || log.length > before || now > from || ran || isAsked) continue;
    // Nothing happens any more but that time passes.
    const wake = earliest(decide(state, now).map((intent) => (intent.do === "wake" ? intent.at : undefined)));
    if (wake === undefined) break;
    now = wake;
  }
  return { state, log, waves };
}

/** Every run of the tree that has no end, parents before their children. */
function pathsIn(state: RunState): readonly RunPath[] {
  const below = liveChildren(state).flatMap(({ name, child }) => pathsIn(child).map((path) => [name, ...path]));
  return [[], ...below];
}

function runAt(state: RunState, path: RunPath): RunState {
  return path.reduce((parent, name) => {
    const taskRun = parent.taskRuns.get(name);
    const child = taskRun && currentAttempt(taskRun)?.child;
    if (child === undefined) throw new Error(`there is no child PipelineRun ${name}`);
    return child;
  }, state);
}

/** Whether a fact is one of a TaskRun alone: not of the run, nor of a child PipelineRun. */
function isOfTaskRun(state: RunState, { type, taskRun: name }: Extract<RunEvent, AttemptKey>): boolean {
  const taskRun = state.taskRuns.get(name);
  if (taskRun === undefined || currentAttempt(taskRun)?.child !== undefined) return false;
  return type === "task.finished" || type === "timeout.reached";
}

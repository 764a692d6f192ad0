import { type TaskRunName } from "@lapcat/plan";
import { versionOf, whereabouts, within } from "../child-event.ts";
import { type decide } from "../decide.ts";
import { type Instant, type Recorded, type RunEvent } from "../event.ts";
import { type evolve } from "../evolve.ts";
import { type RunState } from "../run-state.ts";
import { begun, type RunningPod, toldOf, type World } from "./world.ts";

/** What is judged: ours, or one with a fault. */
export interface Machine {
  readonly decide: typeof decide;
  readonly evolve: typeof evolve;
}

/** What is observed at an instant; nothing, when only time passes. */
export interface Input {
  readonly at: Instant;
  readonly events: readonly RunEvent[];
}

export interface Played {
  readonly state: RunState;
  readonly log: readonly Recorded[];
  readonly inputs: readonly Input[];
  /** For each fact of the log, how many inputs had been taken by then. */
  readonly taken: readonly number[];
}

export interface From {
  readonly state: RunState;
  readonly log: readonly Recorded[];
  readonly now: Instant;
  /** What happens at once. */
  readonly events?: readonly RunEvent[];
}

/** Where the world of a run comes from: what happens next, given what runs and when somebody wants to be woken. */
type Next = (pods: Map<TaskRunName, RunningPod>, now: Instant, wakeAt: Instant | undefined) => Input | undefined;

/** Appends, evolves, decides and performs, as the executor does, until the run has an end. */
export function play({ decide: decideNext, evolve: fold }: Machine, from: From, world: World, next: Next): Played {
  let { state, now } = from;
  const log = [...from.log];
  const inputs: Input[] = [];
  const taken: number[] = from.log.map(() => 0);
  const pods = new Map<TaskRunName, RunningPod>();
  let running = 0;
  const append = (event: RunEvent): void => {
    const recorded: Recorded = { v: versionOf(event), seq: log.length, at: now, event };
    log.push(recorded);
    taken.push(inputs.length);
    state = fold(state, recorded);
    running += startsOrEnds(event);
  };
  for (const { event } of from.log) running += startsOrEnds(event);
  from.events?.forEach(append);
  for (let turn = 0; turn < 2000; turn++) {
    let acted = false;
    let wakeAt: Instant | undefined;
    for (const intent of decideNext(state, now, world.room - running)) {
      if (intent.do === "record") append(intent.event);
      else if (intent.do === "start-task") {
        const { planned, name: taskRun, attempt, uid, params } = intent.bound;
        append(within(intent.in, { type: "task.started", task: planned.name, taskRun, attempt, uid, params }));
        pods.set(taskRun, begun(intent.in, intent.bound, now, world));
      } else {
        if (intent.do === "wake") wakeAt = Math.min(wakeAt ?? intent.at, intent.at);
        else stop(pods.get(intent.taskRun), intent.because, now);
        continue;
      }
      acted = true;
      if (state.finished !== undefined) return { state, log, inputs, taken };
    }
    if (acted) continue;
    const input = next(pods, now, wakeAt);
    if (input === undefined) throw new Error("the run has no end, and nothing follows");
    inputs.push(input);
    now = Math.max(now, input.at);
    input.events.forEach(append);
  }
  throw new Error("the run does not end");
}

/** The executor's count of what is under way. */
export function startsOrEnds(told: RunEvent): number {
  const { type } = whereabouts(told).event;
  if (type === "task.started") return 1;
  return type === "pod.finished" || type === "custom-run.finished" || type === "pod.interrupted" ? -1 : 0;
}

function stop(pod: RunningPod | undefined, because: "TaskRunCancelled" | "TaskRunTimeout", now: Instant): void {
  if (pod === undefined) return;
  pod.stopped ??= { at: now + (pod.bound.name.length % 2) * 700, because };
}

/** The first of what is to come: somebody cancels, a Pod ends, or a time is over. */
export function happening(world: World): Next {
  const cancels = [...world.cancels];
  return (pods, now, wakeAt) => {
    let first: RunningPod | undefined;
    const endOf = (pod: RunningPod): Instant => Math.min(pod.endsAt, pod.stopped?.at ?? Number.POSITIVE_INFINITY);
    for (const pod of pods.values()) if (first === undefined || endOf(pod) < endOf(first)) first = pod;
    const podAt = first === undefined ? Number.POSITIVE_INFINITY : endOf(first);
    const [cancel] = cancels;
    if (cancel !== undefined && cancel.at <= Math.min(podAt, wakeAt ?? Number.POSITIVE_INFINITY)) {
      cancels.shift();
      return { at: Math.max(now, cancel.at), events: [{ type: "cancel.requested", mode: cancel.mode }] };
    }
    if (wakeAt !== undefined && wakeAt < podAt) return { at: wakeAt, events: [] };
    if (first === undefined || podAt === Number.POSITIVE_INFINITY) return undefined;
    pods.delete(first.bound.name);
    const isStopped = first.stopped !== undefined && first.stopped.at <= first.endsAt;
    return { at: podAt, events: toldOf(isStopped ? first : { ...first, stopped: undefined }, world) };
  };
}

/** The same as it happened once. */
export function again(inputs: readonly Input[]): Next {
  let at = 0;
  return () => inputs[at++];
}

/** What of a played run is left to happen after so many facts of its log: of the input that was being told, and those that follow. */
export function restOf(
  { log, inputs, taken }: Played,
  facts: number,
): { readonly events: readonly RunEvent[]; readonly inputs: readonly Input[] } {
  const last = taken[facts - 1] ?? 0;
  const told = log.slice(0, facts).filter((_, index) => taken[index] === last);
  const input = last === 0 ? undefined : inputs[last - 1];
  const events = input?.events.filter((event) => !told.some((each) => each.event === event)) ?? [];
  return { events, inputs: inputs.slice(last) };
}

import { type RunPlan } from "@lapcat/plan";
import { parseDuration } from "@lapcat/tekton";
import { decide } from "./decide.ts";
import { type CancelMode, type Instant, type Recorded, type RunEvent } from "./event.ts";
import { evolve } from "./evolve.ts";
import { type Outcomes, outcomeFor } from "./outcome-script.ts";
import { begin, type RunState } from "./run-state.ts";
import { eventsOfPod, type ScriptedPod } from "./scripted-pod.ts";

export interface Simulated {
  readonly state: RunState;
  readonly log: readonly Recorded[];
  /** The round in which each TaskRun was created. */
  readonly waves: ReadonlyMap<string, number>;
}

/**
 * A run without an engine: rounds in which what follows is done and what runs ends as the script says. No time passes but what
 * outcomes ask for, and what is left of a timeout when all else has come to rest. Where nothing limits what never ends, the run has no end.
 */
export function simulate(plan: RunPlan, outcomes: Outcomes, startedAt: Instant, lapcat: string): Simulated {
  let state = begin(plan);
  let now = startedAt;
  const log: Recorded[] = [];
  const waves = new Map<string, number>();
  const pods = new Map<string, ScriptedPod>();
  let cancel: CancelMode | undefined;
  const append = (event: RunEvent): void => {
    const recorded: Recorded = { v: 1, seq: log.length, at: now, event };
    log.push(recorded);
    state = evolve(state, recorded);
  };
  const end = (pod: ScriptedPod): void => {
    pods.delete(pod.bound.name);
    for (const event of eventsOfPod(plan.kind, pod)) append(event);
  };
  /** The TaskRuns' own reconciler looks at time and pods at the end of a round. */
  const reconcileTaskRuns = (): void => {
    for (;;) {
      const intents = decide(state, now);
      const own = intents.filter(
        (each) =>
          each.do === "record" &&
          (each.event.type === "task.finished" || (each.event.type === "timeout.reached" && each.event.of === "task")),
      );
      for (const each of own) {
        if (each.do !== "record") continue;
        append(each.event);
        const pod =
          each.event.type === "timeout.reached" && each.event.of === "task" ? pods.get(each.event.taskRun) : undefined;
        if (pod !== undefined) end(Object.assign(pod, { stopped: "TaskRunTimeout" }));
      }
      if (own.length === 0) return;
    }
  };

  const { name, namespace, uid } = plan.identity;
  append({ type: "run.started", kind: plan.kind, name, namespace, uid, lapcat });
  for (let round = 0; state.finished === undefined; round++) {
    const before = log.length;
    const from = now;
    if (cancel !== undefined && state.cancel === undefined) append({ type: "cancel.requested", mode: cancel });
    for (let acted = true; acted && state.finished === undefined;) {
      acted = false;
      for (const intent of decide(state, now)) {
        if (intent.do === "record") {
          append(intent.event);
          acted = true;
        } else if (intent.do === "start-task") {
          const { bound } = intent;
          append({
            type: "task.started",
            task: bound.planned.name,
            taskRun: bound.name,
            attempt: bound.attempt,
            uid: bound.uid,
            params: bound.params,
          });
          if (!waves.has(bound.name)) waves.set(bound.name, round);
          pods.set(bound.name, {
            bound,
            outcome: outcomeFor(state, outcomes, bound),
            ran: false,
            late: false,
            stopped: undefined,
          });
          acted = true;
        } else if (intent.do === "stop-task") {
          const pod = pods.get(intent.taskRun);
          if (pod !== undefined) pod.stopped ??= intent.because;
        }
      }
    }
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
      const startedAt = state.taskRuns.get(pod.bound.name)?.attempts.at(-1)?.startedAt ?? now;
      pod.late = timeout !== undefined && now - startedAt > timeout;
      end(pod);
    }
    if (state.finished === undefined) reconcileTaskRuns();
    const isAsked = cancel !== undefined && state.cancel === undefined;
    if (state.finished !== undefined || log.length > before || now > from || ran || isAsked) continue;
    // Nothing happens any more but that time passes.
    const wake = decide(state, now).find((intent) => intent.do === "wake");
    if (wake === undefined) break;
    now = wake.at;
  }
  return { state, log, waves };
}

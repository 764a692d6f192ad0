import { type BoundTaskRun, type RunPlan, taskParams } from "../packages/plan/src/index.ts";
import {
  begin,
  decide,
  evolve,
  readResult,
  type CancelMode,
  type PodContainer,
  type Recorded,
  type RunEvent,
  type RunState,
  type TerminationReason,
} from "../packages/run/src/index.ts";
import { paramReplacements, replace } from "../packages/substitution/src/index.ts";
import { parseDuration, podName, type Step, stepContainerName, type TaskResult } from "../packages/tekton/src/index.ts";

/** How a pod ends, by TaskRun or PipelineTask; the format of the scenarios. */
export interface Outcome {
  readonly exitCode?: number;
  readonly steps?: Readonly<
    Record<string, { readonly exitCode?: number; readonly reason?: string; readonly results?: Results }>
  >;
  readonly results?: Results;
  readonly attempts?: readonly Outcome[];
  readonly instances?: readonly Outcome[];
  readonly advance?: string;
  readonly hang?: boolean;
  readonly cancelRun?: boolean;
  readonly cancelAs?: CancelMode;
}
type Results = Readonly<Record<string, unknown>>;

export interface Simulated {
  readonly state: RunState;
  readonly log: readonly Recorded[];
  /** The round in which each TaskRun was created. */
  readonly waves: ReadonlyMap<string, number>;
  readonly rounds: number;
}

interface RunningPod {
  readonly bound: BoundTaskRun;
  readonly outcome: Outcome;
  /** It ran through a round already. */
  ran: boolean;
  stopped: TerminationReason | undefined;
}

/** Plays the rounds in which upstream's reconcilers and pods take turns; no time passes but what outcomes ask for. */
export function playWaves(plan: RunPlan, outcomes: Readonly<Record<string, Outcome>>, most = 300): Simulated {
  let state = begin(plan);
  let now = 1_000_000;
  const log: Recorded[] = [];
  const waves = new Map<string, number>();
  const pods = new Map<string, RunningPod>();
  let cancel: CancelMode | undefined;
  const append = (event: RunEvent): void => {
    const recorded: Recorded = { v: 1, seq: log.length, at: now, event };
    log.push(recorded);
    state = evolve(state, recorded);
  };
  const end = (pod: RunningPod): void => {
    pods.delete(pod.bound.name);
    for (const event of eventsOf(plan, pod)) append(event);
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
  append({ type: "run.started", kind: plan.kind, name, namespace, uid, lapcat: "test" });
  let round = 0;
  for (; round < most && state.finished === undefined; round++) {
    if (cancel !== undefined && state.cancel === undefined) append({ type: "cancel.requested", mode: cancel });
    const stopping = new Set<string>();
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
          pods.set(bound.name, { bound, outcome: outcomeFor(state, outcomes, bound), ran: false, stopped: undefined });
          acted = true;
        } else if (intent.do === "stop-task") {
          stopping.add(intent.taskRun);
          const pod = pods.get(intent.taskRun);
          if (pod !== undefined) pod.stopped ??= intent.because;
        }
      }
    }
    const ending: RunningPod[] = [];
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
      if (timeout !== undefined && now - startedAt > timeout) pod.stopped ??= "TaskRunTimeout";
      end(pod);
    }
    if (state.finished === undefined) reconcileTaskRuns();
  }
  return { state, log, waves, rounds: round };
}

function outcomeFor(state: RunState, outcomes: Readonly<Record<string, Outcome>>, bound: BoundTaskRun): Outcome {
  const siblings = [...state.taskRuns.values()]
    .filter(({ task }) => task === bound.planned.name)
    .map((each) => String(each.name));
  const own = outcomes[bound.name] ?? outcomes[bound.planned.name] ?? {};
  const instance = nth(own.instances, siblings.indexOf(bound.name)) ?? own;
  return nth(instance.attempts, bound.attempt) ?? instance;
}

function nth<T>(list: readonly T[] | undefined, index: number): T | undefined {
  return list?.[Math.min(index, list.length - 1)];
}

function eventsOf(plan: RunPlan, { bound, outcome, stopped }: RunningPod): readonly RunEvent[] {
  const key = { taskRun: bound.name, attempt: bound.attempt };
  const { spec } = bound.task;
  const names = (spec.steps ?? []).map((step, index) => ({
    step,
    name: nameOf(step, index),
    container: stepContainerName(step.name, index),
  }));
  const containers = names.map(({ step, name, container }): PodContainer => ({
    name: container,
    role: "step",
    displayName: name,
    image: step.image ?? "",
    imageId: "",
    containerId: "",
  }));
  const events: RunEvent[] = [
    { type: "pod.created", ...key, pod: podName(bound.name, bound.attempt), taskSpec: spec, containers },
  ];
  const params = paramReplacements(taskParams(spec.params ?? [], bound.params), "task");
  let skip: TerminationReason | undefined = stopped;
  let failed = false;
  names.forEach(({ step, name, container }, index) => {
    const said = outcome.steps?.[name];
    const exitCode = said?.exitCode ?? (index === 0 ? outcome.exitCode : undefined) ?? 0;
    const finish = (code: number, reason: "Completed" | "Error", terminationReason: TerminationReason): void =>
      void events.push({ type: "step.finished", ...key, container, exitCode: code, reason, terminationReason });
    if (skip !== undefined) return finish(1, "Error", skip);
    if (exitCode === 0) return finish(0, "Completed", "Completed");
    if (replace(step.onError ?? "", params) === "continue" && said?.reason !== "TimeoutExceeded")
      return finish(exitCode, "Completed", "Continued");
    finish(exitCode, "Error", said?.reason === "TimeoutExceeded" ? "TimeoutExceeded" : "Error");
    skip = "Skipped";
    failed = true;
  });
  const owner = plan.kind === "TaskRun" ? bound.name : bound.planned.name;
  for (const result of stopped === undefined ? (spec.results ?? []) : []) {
    const text = resultText(result, outcome, owner, failed);
    if (text === undefined) continue;
    const declared = result.type ?? (result.properties === undefined ? "string" : "object");
    const { type, value } = readResult(text, declared);
    events.push({ type: "result.written", ...key, name: result.name, resultType: type, value });
  }
  return [...events, { type: "pod.finished", ...key }];
}

function nameOf(step: Step, index: number): string {
  return step.name === undefined || step.name === "" ? `unnamed-${index}` : step.name;
}

function resultText(
  { name, type, properties, value }: TaskResult,
  outcome: Outcome,
  owner: string,
  failed: boolean,
): string | undefined {
  const source =
    typeof value === "string"
      ? /^\$\(steps\.(?<step>[^.]+)\.results\.(?<result>[^.[)]+)/u.exec(value)?.groups
      : undefined;
  if (source !== undefined) {
    const { step = "", result = "" } = source;
    const given = outcome.steps?.[step]?.results;
    return textOf(given === undefined ? `${owner}-${step}-${result}` : given[result]);
  }
  if (outcome.results !== undefined) return textOf(outcome.results[name]);
  if (failed) return undefined;
  const text = `${owner}-${name}`;
  if (type === "array") return JSON.stringify([0, 1, 2].map((index) => `${text}-${index}`));
  if (type !== "object" && properties === undefined) return text;
  return JSON.stringify(Object.fromEntries(Object.keys(properties ?? {}).map((key) => [key, `${text}-${key}`])));
}

function textOf(value: unknown): string | undefined {
  return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
}

import { type BoundTaskRun, substituted, taskRunFailure } from "@lapcat/plan";
import { podName, type Step, stepContainerName, type TaskResult } from "@lapcat/tekton";
import { type PodContainer, type RunEvent, type RunKind, type TerminationReason } from "./event.ts";
import { type Outcome } from "./outcome-script.ts";
import { customResult, readResult } from "./read-result.ts";

/** An attempt that the script lets run. */
export interface ScriptedPod {
  readonly bound: BoundTaskRun;
  readonly outcome: Outcome;
  /** It ran through a round already. */
  ran: boolean;
  /** It ends in the moment in which its time is over: what it wrote is not looked at. */
  late: boolean;
  stopped: "TaskRunCancelled" | "TaskRunTimeout" | undefined;
}

/** What is told of an attempt's Pod when it ends. */
export function eventsOfPod(kind: RunKind, pod: ScriptedPod): readonly RunEvent[] {
  const { bound, outcome, stopped, late } = pod;
  if (bound.task.custom !== undefined) return eventsOfCustomRun(pod);
  const key = { taskRun: bound.name, attempt: bound.attempt };
  const failure = stopped === undefined ? taskRunFailure(bound) : undefined;
  if (failure !== undefined) {
    return [
      { type: "pod.failed", ...key, ...failure },
      { type: "pod.finished", ...key },
    ];
  }
  const spec = substituted(bound);
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
    {
      type: "pod.created",
      ...key,
      pod: podName(bound.name, bound.attempt, { version: bound.tekton, seed: bound.uid }),
      taskSpec: spec,
      containers,
    },
  ];
  let skip: TerminationReason | undefined = stopped;
  let failed = false;
  names.forEach(({ step, name, container }, index) => {
    const said = outcome.steps?.[name];
    const exitCode = said?.exitCode ?? (index === 0 ? outcome.exitCode : undefined) ?? 0;
    const finish = (code: number, reason: "Completed" | "Error", terminationReason: TerminationReason): void =>
      void events.push({ type: "step.finished", ...key, container, exitCode: code, reason, terminationReason });
    if (skip !== undefined) return finish(1, "Error", skip);
    if (exitCode === 0) return finish(0, "Completed", "Completed");
    if (step.onError === "continue" && said?.reason !== "TimeoutExceeded")
      return finish(exitCode, "Completed", "Continued");
    finish(exitCode, "Error", said?.reason === "TimeoutExceeded" ? "TimeoutExceeded" : "Error");
    skip = "Skipped";
    failed = true;
  });
  const owner = kind === "TaskRun" ? bound.name : bound.planned.name;
  for (const result of stopped === undefined && !late ? (spec.results ?? []) : []) {
    const text = resultText(result, outcome, owner, failed);
    if (text === undefined) continue;
    const declared = result.type ?? (result.properties === undefined ? "string" : "object");
    const { type, value } = readResult(text, declared);
    events.push({ type: "result.written", ...key, name: result.name, resultType: type, value });
  }
  return [...events, { type: "pod.finished", ...key }];
}

function eventsOfCustomRun({ bound, outcome, stopped }: ScriptedPod): readonly RunEvent[] {
  const key = { taskRun: bound.name, attempt: bound.attempt };
  const results = Object.entries(stopped === undefined ? (outcome.results ?? {}) : {}).flatMap(
    ([name, value]): RunEvent[] => {
      const text = textOf(value);
      return text === undefined ? [] : [{ type: "result.written", ...key, name, ...customResult(text) }];
    },
  );
  const failed = outcome.status === "False" || stopped !== undefined;
  const reason = outcome.reason ?? (failed ? "Failed" : "Succeeded");
  return [...results, { type: "custom-run.finished", ...key, status: failed ? "False" : "True", reason, message: "" }];
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

import { type BoundTaskRun, substituted, taskRunFailure } from "@lapcat/plan";
import {
  podName,
  type RunResult,
  type Step,
  stepContainerName,
  type StepResult,
  type TaskResult,
} from "@lapcat/tekton";
import { type RunPath } from "./child-event.ts";
import { type PodContainer, type RunEvent, type RunKind, type TerminationReason } from "./event.ts";
import { type Outcome, type ScriptedResults } from "./outcome-script.ts";
import { customResult, readResult } from "./read-result.ts";
import { readStepResult, resultsFromStep } from "./step-results.ts";

/** An attempt that the script lets run. */
export interface ScriptedPod {
  readonly in: RunPath;
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
  const owner = kind === "TaskRun" ? bound.name : bound.planned.name;
  let skip: TerminationReason | undefined = stopped;
  let failed = false;
  names.forEach(({ step, name, container }, index) => {
    const said = outcome.steps?.[name];
    const exitCode = said?.exitCode ?? (index === 0 ? outcome.exitCode : undefined) ?? 0;
    const finish = (code: number, reason: "Completed" | "Error", terminationReason: TerminationReason): void => {
      const results =
        skip === undefined && !late ? stepResults(step, said?.results, reason === "Error", `${owner}-${name}`) : [];
      for (const { name: result, type, value } of resultsFromStep(spec.results ?? [], container, results))
        events.push({ type: "result.written", ...key, name: result, resultType: type, value });
      const told = results.length > 0 && { results };
      events.push({ type: "step.finished", ...key, container, exitCode: code, reason, terminationReason, ...told });
    };
    if (skip !== undefined) return finish(1, "Error", skip);
    if (exitCode === 0) return finish(0, "Completed", "Completed");
    if (step.onError === "continue" && said?.reason !== "TimeoutExceeded")
      return finish(exitCode, "Completed", "Continued");
    finish(exitCode, "Error", said?.reason === "TimeoutExceeded" ? "TimeoutExceeded" : "Error");
    skip = "Skipped";
    failed = true;
  });
  for (const result of stopped === undefined && !late ? (spec.results ?? []) : []) {
    if (result.value !== undefined) continue;
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

function stepResults(
  { results = [] }: Step,
  said: ScriptedResults | undefined,
  failed: boolean,
  prefix: string,
): readonly RunResult[] {
  return results.flatMap((result) => {
    const invented = said === undefined && !failed;
    const text = invented ? madeUp(result, `${prefix}-${result.name}`) : textOf(said?.[result.name]);
    return text === undefined ? [] : [{ name: result.name, ...readStepResult(result, text) }];
  });
}

function nameOf(step: Step, index: number): string {
  return step.name === undefined || step.name === "" ? `unnamed-${index}` : step.name;
}

function resultText(result: TaskResult, outcome: Outcome, owner: string, failed: boolean): string | undefined {
  if (outcome.results !== undefined) return textOf(outcome.results[result.name]);
  return failed ? undefined : madeUp(result, `${owner}-${result.name}`);
}

function madeUp({ type, properties }: TaskResult | StepResult, text: string): string {
  if (type === "array") return JSON.stringify([0, 1, 2].map((index) => `${text}-${index}`));
  if (type !== "object" && properties === undefined) return text;
  return JSON.stringify(Object.fromEntries(Object.keys(properties ?? {}).map((key) => [key, `${text}-${key}`])));
}

function textOf(value: unknown): string | undefined {
  return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
}

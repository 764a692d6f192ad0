import { goJson, type ParamValue } from "@lapcat/tekton";
import { type RunEvent } from "@lapcat/run";
import { type Masker, maskerFor } from "./mask.ts";

/**
 * Output and facts as they may be kept and shown. A result or a param carries a value on to Pods that have no secret of their own, so
 * what one Pod had is masked for all. Of facts, the values of secrets that reached a Pod are masked in every text that a step or an engine made up.
 * Names stay, since by them things are found again.
 */
export interface RunMask {
  /** Secrets of one more Pod. */
  know(secrets: readonly string[]): void;
  /** For one stream of a container. */
  newMasker(): Masker;
  /** The very same event when there is nothing to mask. */
  masked(event: RunEvent): RunEvent;
}

type StepEnd = Extract<RunEvent, { type: "step.finished" }>;

export function runMask(): RunMask {
  const known = new Set<string>();
  let newMasker = maskerFor([]);
  const text = (value: string): string => {
    const masker = newMasker();
    return Buffer.concat([masker.push(Buffer.from(value)), masker.end()]).toString();
  };
  const deep = (value: unknown): unknown => {
    if (typeof value === "string") return text(value);
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, key === "name" ? each : deep(each)]));
  };
  const inside = <T>(value: T): T => deep(value) as T;
  /** Of an object every value, whatever its key is called. */
  const inValue = (value: ParamValue): ParamValue =>
    typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, text(each)]))
      : inside(value);
  const inParams = <P extends { readonly value: ParamValue }>(params: readonly P[]): readonly P[] =>
    params.map((param) => ({ ...param, value: inValue(param.value) }));
  /** A message that tells results is JSON, in which a secret may be written otherwise. */
  const inMessage = (message: string): string =>
    message.startsWith('[{"key":') ? goJson(inside(JSON.parse(message))) : text(message);
  const inEnd = ({ message, inputs, outputs, results }: StepEnd): Partial<StepEnd> => ({
    ...(message !== undefined && { message: inMessage(message) }),
    ...(inputs !== undefined && { inputs: inside(inputs) }),
    ...(outputs !== undefined && { outputs: inside(outputs) }),
    ...(results !== undefined && { results: inParams(results) }),
  });
  const mask = (event: RunEvent): RunEvent => {
    switch (event.type) {
      case "result.written": {
        const value = inValue(event.value);
        return isSame(value, event.value) ? event : { ...event, value, masked: true };
      }
      case "task.started":
        return { ...event, params: inParams(event.params) };
      case "child.started":
        return { ...event, params: inParams(event.params), workspaces: inside(event.workspaces) };
      case "child.told":
        return { ...event, event: mask(event.event) };
      case "task.skipped":
        return { ...event, whenExpressions: inside(event.whenExpressions) };
      case "pod.created":
        return { ...event, taskSpec: inside(event.taskSpec) };
      case "step.finished":
        return { ...event, ...inEnd(event) };
      case "artifacts.written":
        return { ...event, inputs: inside(event.inputs), outputs: inside(event.outputs) };
      case "pod.failed":
      case "custom-run.finished":
      case "task.finished":
        return { ...event, message: text(event.message) };
      case "warning.noticed": {
        const { hint } = event;
        return { ...event, message: text(event.message), ...(hint === undefined ? {} : { hint: text(hint) }) };
      }
      case "run.finished":
        return { ...event, message: text(event.message), results: inParams(event.results) };
      case "task.omitted":
      case "run.started":
      case "run.resumed":
      case "image.pulled":
      case "step.started":
      case "breakpoint.reached":
      case "sidecar.started":
      case "sidecar.ready":
      case "sidecar.finished":
      case "pod.finished":
      case "custom-run.started":
      case "pod.interrupted":
      case "timeout.reached":
      case "cancel.requested":
      case "finally.started":
        return event;
    }
  };
  return {
    know(secrets) {
      const before = known.size;
      for (const each of secrets) known.add(each);
      if (known.size > before) newMasker = maskerFor([...known]);
    },
    newMasker: () => newMasker(),
    masked(event) {
      if (known.size === 0) return event;
      const masked = mask(event);
      return isSame(masked, event) ? event : masked;
    },
  };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

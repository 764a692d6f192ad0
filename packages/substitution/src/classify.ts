import { type Reference } from "./reference.ts";

/** How a value of several parts is entered: `[0]`, `[*]`, `.key`, or not at all. */
export interface Access {
  readonly key?: string;
  readonly index?: number;
  readonly star: boolean;
}

/** What a reference names. */
export type Variable =
  /** `dotted` is the name if the param's own name has dots: `$(params.a.b)` is key `b` of `a`, or the param `a.b`. */
  | ({ readonly kind: "param"; readonly name: string; readonly dotted: string; readonly legacy: boolean } & Access)
  | ({
      readonly kind: "task-result";
      readonly from: "tasks" | "finally";
      readonly task: string;
      readonly result: string;
    } & Access)
  | { readonly kind: "task-status"; readonly task: string; readonly field: "status" | "reason" }
  | { readonly kind: "tasks-status" }
  | {
      readonly kind: "task-artifact";
      readonly task: string;
      readonly direction: "inputs" | "outputs";
      readonly name?: string;
    }
  | { readonly kind: "matrix-length"; readonly task: string; readonly result?: string }
  | { readonly kind: "context"; readonly object: string; readonly field: string }
  | { readonly kind: "workspace"; readonly name: string; readonly field: string }
  | { readonly kind: "result-path"; readonly result: string }
  | { readonly kind: "step-result-path"; readonly result: string }
  | ({ readonly kind: "step-result"; readonly step: string; readonly result: string } & Access)
  /** `container` has the prefix `step-`. */
  | { readonly kind: "step-exit-code-path"; readonly container: string }
  | {
      readonly kind: "step-artifact";
      readonly step: string;
      readonly direction: "inputs" | "outputs";
      readonly name?: string;
    }
  | { readonly kind: "artifacts-path"; readonly of: "step" | "task" }
  | { readonly kind: "credentials-path" }
  /** PipelineResources, which Tekton removed. */
  | { readonly kind: "resource" }
  | { readonly kind: "unknown" };

const unknown: Variable = { kind: "unknown" };

/** What a reference names by its shape; whether it exists is for those to say who know the declarations. */
export function classify(reference: Reference): Variable {
  const [head, ...rest] = reference.parts;
  switch (head) {
    case "params":
      return param(rest, reference, false);
    case "inputs":
      if (rest[0] === "params") return param(rest.slice(1), reference, true);
      return rest[0] === "resources" ? { kind: "resource" } : unknown;
    case "outputs":
    case "resources":
      return rest.length > 1 ? { kind: "resource" } : unknown;
    case "tasks":
    case "finally":
      return ofTask(head, rest, reference);
    case "steps":
      return ofStep(rest, reference);
    case "context":
      return pair(rest, (object, field) => ({ kind: "context", object, field }));
    case "workspaces":
      return pair(rest, (name, field) => ({ kind: "workspace", name, field }));
    case "results":
      return pair(rest, (result, field) => (field === "path" ? { kind: "result-path", result } : unknown));
    case "step":
      if (rest[0] === "artifacts") return rest[1] === "path" ? { kind: "artifacts-path", of: "step" } : unknown;
      if (rest[0] !== "results" || rest[2] !== "path") return unknown;
      return pair(rest.slice(1), (result) => ({ kind: "step-result-path", result }));
    case "artifacts":
      return rest.length === 1 && rest[0] === "path" ? { kind: "artifacts-path", of: "task" } : unknown;
    case "credentials":
      return rest.length === 1 && rest[0] === "path" ? { kind: "credentials-path" } : unknown;
    case undefined:
    default:
      return unknown;
  }
}

function param(rest: readonly string[], reference: Reference, legacy: boolean): Variable {
  const [name, ...keys] = rest;
  if (name === undefined) return unknown;
  return { kind: "param", name, dotted: rest.join("."), legacy, ...access(reference, keys) };
}

function ofTask(from: "tasks" | "finally", rest: readonly string[], reference: Reference): Variable {
  const [task, field, third, fourth, ...more] = rest;
  if (task === "status" && field === undefined && from === "tasks") return { kind: "tasks-status" };
  if (task === undefined || field === undefined) return unknown;
  if (field === "status" || field === "reason")
    return third === undefined ? { kind: "task-status", task, field } : unknown;
  if (field === "results" && third !== undefined && more.length === 0) {
    return {
      kind: "task-result",
      from,
      task,
      result: third,
      ...access(reference, fourth === undefined ? [] : [fourth]),
    };
  }
  if ((field === "inputs" || field === "outputs") && fourth === undefined) {
    return { kind: "task-artifact", task, direction: field, ...optional("name", third) };
  }
  if (field === "matrix" && more.length === 0) {
    if (third === "length" && fourth === undefined) return { kind: "matrix-length", task };
    if (third !== undefined && fourth === "length") return { kind: "matrix-length", task, result: third };
  }
  return unknown;
}

function ofStep(rest: readonly string[], reference: Reference): Variable {
  const [step, field, third, fourth, ...more] = rest;
  if (step === undefined || more.length > 0) return unknown;
  if (field === "results" && third !== undefined) {
    return { kind: "step-result", step, result: third, ...access(reference, fourth === undefined ? [] : [fourth]) };
  }
  if (fourth !== undefined) return unknown;
  if (field === "exitCode") return third === "path" ? { kind: "step-exit-code-path", container: step } : unknown;
  if (field === "inputs" || field === "outputs") {
    return { kind: "step-artifact", step, direction: field, ...optional("name", third) };
  }
  return unknown;
}

function pair(parts: readonly string[], make: (first: string, second: string) => Variable): Variable {
  const [first, second] = parts;
  return first !== undefined && second !== undefined && parts.length === 2 ? make(first, second) : unknown;
}

function access(reference: Reference, keys: readonly string[]): Access {
  return {
    star: reference.star,
    ...(keys.length > 0 && { key: keys.join(".") }),
    ...(reference.index !== undefined && { index: reference.index }),
  };
}

function optional<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: string });
}

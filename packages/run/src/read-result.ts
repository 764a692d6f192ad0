import { type ParamType, type ParamValue } from "@lapcat/tekton";

/** All results of a TaskRun and what the entrypoint adds fit into so many bytes of JSON (RES-5). */
export const resultsLimit: number = 4096;

export interface ReadResult {
  readonly type: ParamType;
  readonly value: ParamValue;
}

/**
 * A result's file as a value. Text is kept as it is. Text that begins as JSON of an array or object of texts is that; whether the type
 * is the one declared is asked when the attempt ends (RES-2, RES-3).
 */
export function readResult(text: string, declared: ParamType): ReadResult {
  const parsed = declared === "string" ? undefined : (arrayIn(text) ?? objectIn(text));
  return parsed ?? { type: "string", value: text };
}

function arrayIn(text: string): ReadResult | undefined {
  const value = text.startsWith("[") ? json(text) : undefined;
  return Array.isArray(value) && value.every((each) => typeof each === "string") ? { type: "array", value } : undefined;
}

function objectIn(text: string): ReadResult | undefined {
  const value = text.startsWith("{") ? json(text) : undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value).flatMap(([key, each]): [string, string][] =>
    typeof each === "string" ? [[key, each]] : [],
  );
  return entries.length === Object.keys(value).length
    ? { type: "object", value: Object.fromEntries(entries) }
    : undefined;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A custom run's result is a text; one that is a list in JSON is taken as a list. */
export function customResult(text: string): { readonly resultType: ParamType; readonly value: ParamValue } {
  const { type, value } = readResult(text, "array");
  return { resultType: type, value };
}

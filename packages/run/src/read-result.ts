import { isArrayValue, typeOfValue, valueInText, type ParamType, type ParamValue } from "@lapcat/tekton";

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
  const value = declared === "string" ? text : valueInText(text);
  return { type: typeOfValue(value), value };
}

/** A custom run's result is a text; one that is a list in JSON is taken as a list. */
export function customResult(text: string): { readonly resultType: ParamType; readonly value: ParamValue } {
  const value = valueInText(text);
  return isArrayValue(value) ? { resultType: "array", value } : { resultType: "string", value: text };
}

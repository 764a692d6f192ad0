import { type Step } from "@lapcat/tekton";
import { type Place } from "./complaints.ts";

/** The fields of a step in which references are replaced. */
const fields = [
  "name",
  "image",
  "imagePullPolicy",
  "command",
  "args",
  "workingDir",
  "env",
  "envFrom",
  "volumeMounts",
  "script",
  "onError",
  "stdoutConfig",
  "stderrConfig",
  "when",
  "params",
] as const satisfies readonly (keyof Step)[];

export interface PlacedText {
  readonly text: string;
  /** From the step. */
  readonly at: Place;
}

/** Every text of a step that may hold a reference, and where it stands. */
export function textsOf(step: Step): readonly PlacedText[] {
  return fields.flatMap((field) => textsIn(step[field], [field]));
}

function textsIn(value: unknown, at: Place): readonly PlacedText[] {
  if (typeof value === "string") return [{ text: value, at }];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, [...at, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, [...at, key]));
}

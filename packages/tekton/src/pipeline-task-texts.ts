import { type Path } from "@lapcat/manifest";
import { findResultReferences, type ResultReference } from "@lapcat/substitution";
import { type Param } from "./param.ts";
import { type PipelineTask } from "./pipeline.ts";
import { type Sidecar, type Step } from "./task.ts";

/** A text of a PipelineTask and where it stands in it. */
export interface PlacedText {
  readonly path: Path;
  readonly text: string;
}

/** The texts of a param's value. */
export function paramTexts(param: Param): readonly PlacedText[] {
  const { value } = param;
  if (typeof value === "string") return [{ path: ["value"], text: value }];
  return Object.entries(value).map(([key, text]: [string, string]) => ({
    path: ["value", Array.isArray(value) ? Number(key) : key],
    text,
  }));
}

/** `pt.extractAllParams` with their places: params, matrix.params, matrix.include[].params. */
export function allParams(task: PipelineTask): readonly { readonly path: Path; readonly param: Param }[] {
  const at = (path: Path, params: readonly Param[] | undefined): { readonly path: Path; readonly param: Param }[] =>
    (params ?? []).map((param, index) => ({ path: [...path, index], param }));
  return [
    ...at(["params"], task.params),
    ...at(["matrix", "params"], task.matrix?.params),
    ...(task.matrix?.include ?? []).flatMap(({ params }, index) => at(["matrix", "include", index, "params"], params)),
  ];
}

export function whenTexts(task: PipelineTask): readonly PlacedText[] {
  return (task.when ?? []).flatMap((when, index) =>
    [
      { path: ["when", index, "input"], text: when.input ?? "" },
      { path: ["when", index, "cel"], text: when.cel ?? "" },
      ...(when.values ?? []).map((text, at) => ({ path: ["when", index, "values", at], text })),
    ].filter(({ text }) => text !== ""),
  );
}

/** Step.GetVarSubstitutionExpressions and the Sidecar's: the texts of an embedded Task that make one PipelineTask wait for another. */
function containerTexts(container: Step | Sidecar): readonly PlacedText[] {
  const one = (field: "name" | "image" | "imagePullPolicy" | "script" | "workingDir"): PlacedText => ({
    path: [field],
    text: container[field] ?? "",
  });
  const many = (field: "command" | "args"): PlacedText[] =>
    (container[field] ?? []).map((text, index) => ({ path: [field, index], text }));
  const env = (container.env ?? []).flatMap(({ value, valueFrom }, index): PlacedText[] => [
    { path: ["env", index, "value"], text: value ?? "" },
    ...(["secretKeyRef", "configMapKeyRef"] as const).flatMap((source): PlacedText[] => [
      { path: ["env", index, "valueFrom", source, "key"], text: valueFrom?.[source]?.key ?? "" },
      { path: ["env", index, "valueFrom", source, "name"], text: valueFrom?.[source]?.name ?? "" },
    ]),
  ]);
  const fields = (["name", "image", "imagePullPolicy", "script", "workingDir"] as const).map(one);
  return [...fields, ...many("command"), ...many("args"), ...env].filter(({ text }) => text !== "");
}

/** The texts in which a result reference makes a PipelineTask wait (v1 PipelineTaskResultRefs). */
export function waitingTexts(task: PipelineTask): readonly PlacedText[] {
  const under = (path: Path, texts: readonly PlacedText[]): PlacedText[] =>
    texts.map((each) => ({ path: [...path, ...each.path], text: each.text }));
  return [
    ...allParams(task).flatMap(({ path, param }) => under(path, paramTexts(param))),
    ...whenTexts(task),
    ...(task.taskSpec?.steps ?? []).flatMap((step, index) => under(["taskSpec", "steps", index], containerTexts(step))),
    ...(task.taskSpec?.sidecars ?? []).flatMap((sidecar, index) =>
      under(["taskSpec", "sidecars", index], containerTexts(sidecar)),
    ),
  ];
}

/** A result that a PipelineTask waits for, and the text that says so. */
export interface AwaitedResult extends PlacedText {
  readonly reference: ResultReference;
}

/** Asked for at every look at a task, and found once. */
const known = new WeakMap<PipelineTask, readonly AwaitedResult[]>();

export function awaitedResults(task: PipelineTask): readonly AwaitedResult[] {
  const found =
    known.get(task) ??
    waitingTexts(task).flatMap(({ path, text }) =>
      findResultReferences(text).map((reference) => ({ path, text, reference })),
    );
  known.set(task, found);
  return found;
}

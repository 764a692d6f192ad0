import { findResultReferences, type ResultReference } from "@lapcat/substitution";
import { type EmbeddedTask, type EnvVarDef, isArrayValue, type Param, type ParamValue, type PipelineTask } from "@lapcat/tekton";
import { type Path } from "./place.ts";

/** A text of a PipelineTask and where in the PipelineTask it stands. */
export interface PlacedText {
  readonly text: string;
  readonly path: Path;
}

export interface PlacedReference {
  readonly reference: ResultReference;
  readonly path: Path;
}

/** All results a PipelineTask takes where taking one makes it wait: params, matrix, when, the containers of an embedded task (SUB-12). */
export function resultReferencesOf(task: PipelineTask): readonly PlacedReference[] {
  return [...placedParams(task), ...placedWhen(task), ...placedContainers(task.taskSpec)].flatMap(({ text, path }) =>
    findResultReferences(text).map((reference) => ({ reference, path })),
  );
}

export function allParams({ params = [], matrix }: PipelineTask): readonly Param[] {
  return [...params, ...(matrix?.params ?? []), ...(matrix?.include ?? []).flatMap((each) => each.params ?? [])];
}

/** The texts of a value, keyed as in the document. */
export function textsOf(value: ParamValue): readonly PlacedText[] {
  if (typeof value === "string") return [{ text: value, path: [] }];
  if (isArrayValue(value)) return value.map((text, index) => ({ text, path: [index] }));
  return Object.entries(value).map(([key, text]) => ({ text, path: [key] }));
}

function placedParams({ params = [], matrix }: PipelineTask): readonly PlacedText[] {
  const of = (list: readonly Param[], path: Path): readonly PlacedText[] =>
    list.flatMap(({ value }, index) => textsOf(value).map((each) => ({ ...each, path: [...path, index, "value", ...each.path] })));
  return [
    ...of(params, ["params"]),
    ...of(matrix?.params ?? [], ["matrix", "params"]),
    ...(matrix?.include ?? []).flatMap((each, index) => of(each.params ?? [], ["matrix", "include", index, "params"])),
  ];
}

function placedWhen({ when = [] }: PipelineTask): readonly PlacedText[] {
  return when.flatMap(({ input = "", cel = "", values = [] }, index) => [
    { text: input, path: ["when", index, "input"] },
    { text: cel, path: ["when", index, "cel"] },
    ...values.map((text, at) => ({ text, path: ["when", index, "values", at] })),
  ]);
}

function placedContainers(spec: EmbeddedTask | undefined): readonly PlacedText[] {
  const lists = [
    { key: "steps", containers: spec?.steps ?? [] },
    { key: "sidecars", containers: spec?.sidecars ?? [] },
  ];
  return lists.flatMap(({ key, containers }) =>
    containers.flatMap((each, index) => {
      const path = ["taskSpec", key, index];
      const list = (field: string, texts: readonly string[]): readonly PlacedText[] =>
        texts.map((text, at) => ({ text, path: [...path, field, at] }));
      return [
        { text: each.name ?? "", path: [...path, "name"] },
        { text: each.image ?? "", path: [...path, "image"] },
        { text: each.imagePullPolicy ?? "", path: [...path, "imagePullPolicy"] },
        { text: each.script ?? "", path: [...path, "script"] },
        { text: each.workingDir ?? "", path: [...path, "workingDir"] },
        ...list("command", each.command ?? []),
        ...list("args", each.args ?? []),
        ...(each.env ?? []).flatMap((env, at) => textsOfEnv(env).map((text) => ({ text, path: [...path, "env", at] }))),
      ];
    }),
  );
}

function textsOfEnv({ value = "", valueFrom }: EnvVarDef): readonly string[] {
  const selectors = [valueFrom?.secretKeyRef, valueFrom?.configMapKeyRef];
  return [value, ...selectors.flatMap((each) => [each?.key ?? "", each?.name ?? ""])];
}

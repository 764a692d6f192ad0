import { type Path } from "@lapcat/manifest";
import { mergeStepTemplate } from "../merge-step-template.ts";
import { type ParamSpec } from "../param.ts";
import { type Step, type Task, type TaskResult, type TaskSpec } from "../task.ts";
import { isDnsLabel, isResultName } from "./formats.ts";
import { checkObjectMeta } from "./object-meta.ts";
import {
  checkObjectProperties,
  checkParamEnums,
  checkParamNames,
  checkParamTypes,
  checkParamsUnique,
  declaredParams,
  knownParams,
  type ParamPlace,
} from "./params.ts";
import { checkIsolated, checkKnown, checkNoArrays, checkNoWholeObjects } from "./references.ts";
import { inside, named, report, reportMissing, within, type Scope } from "./scope.ts";
import { checkResultName, checkResultType, checkSidecars, checkSteps } from "./step.ts";
import { stepTexts } from "./step-texts.ts";
import { checkTaskWorkspaces, checkWorkspaceUsages } from "./task-workspaces.ts";
import { checkVolumes } from "./volumes.ts";

/** Task.Validate. */
export function checkTask(scope: Scope, task: Task): void {
  checkObjectMeta(scope, task.metadata);
  const spec = within(scope, "spec");
  checkTaskSpec(spec, task.spec);
  checkParamUsage(spec, task.spec, declaredParams(spec), task.spec.params ?? []);
}

/** TaskSpec.Validate: what holds for a Task and for one that is embedded. */
export function checkTaskSpec(scope: Scope, spec: TaskSpec): void {
  const steps = spec.steps ?? [];
  if (steps.length === 0) reportMissing(scope, "steps", "a Task", "a Task has at least one step");
  checkVolumes(scope, spec);
  checkTaskWorkspaces(within(scope, "workspaces"), spec);
  checkWorkspaceUsages(scope, spec);
  checkSteps(within(scope, "steps"), mergedSteps(scope, spec));
  checkSidecars(within(scope, "sidecars"), spec.sidecars ?? []);
  const place = declaredParams(scope);
  checkParamTypes(place, spec.params ?? []);
  checkParamVariables(scope, spec, place, spec.params ?? []);
  checkContextVariables(scope, spec);
  checkResultVariables(scope, steps, spec.results ?? []);
  spec.results?.forEach((result, index) => checkTaskResult(within(scope, "results", index), result));
}

/** The steps with their template in them; v1beta1 forgets a few fields on the way (MergeStepsWithStepTemplate). */
function mergedSteps({ version }: Scope, { stepTemplate, steps = [] }: TaskSpec): readonly Step[] {
  const merged = mergeStepTemplate(stepTemplate, steps);
  if (version !== "v1beta1" || stepTemplate === undefined) return merged;
  return merged.map((step): Step => {
    if (step.ref !== undefined) return step;
    const { results: _results, params: _params, ...kept } = step;
    return kept;
  });
}

/** ValidateParameterVariables. */
export function checkParamVariables(
  scope: Scope,
  spec: TaskSpec,
  place: ParamPlace,
  params: readonly ParamSpec[],
): void {
  checkParamsUnique(place, params);
  checkParamEnums(place, params);
  checkParamNames(place, params);
  const { arrays } = knownParams(params);
  eachText(
    scope,
    spec,
    (at, text, isItem) => (isItem ? checkIsolated : checkNoArrays)(at, text, "params", arrays),
    stutteringStep,
  );
}

/** ValidateUsageOfDeclaredParameters: every param that is used is declared. */
export function checkParamUsage(scope: Scope, spec: TaskSpec, place: ParamPlace, params: readonly ParamSpec[]): void {
  const { all, objects } = knownParams(params);
  const names = new Set(objects.keys());
  eachVariable(scope, spec, (at, text) => {
    checkKnown(at, text, "params", all);
    for (const [name, keys] of objects) checkKnown(at, text, `params.${name}`, keys);
  });
  eachText(scope, spec, (at, text) => checkNoWholeObjects(at, text, "params", names), stutteringStep);
  checkObjectProperties(place, params);
}

/** validateTaskContextVariables. */
function checkContextVariables(scope: Scope, spec: TaskSpec): void {
  const taskRun = new Set(["name", "namespace", "uid"]);
  const task = new Set(["name", "retry-count"]);
  eachVariable(scope, spec, (at, text) => {
    checkKnown(at, text, "context.taskRun", taskRun);
    checkKnown(at, text, "context.task", task);
  });
}

/** validateTaskResultsVariables: a script writes only results that are declared. */
function checkResultVariables(scope: Scope, steps: readonly Step[], results: readonly TaskResult[]): void {
  const names = new Set(results.map(({ name }) => name));
  steps.forEach((step, index) => {
    if (step.script !== undefined) checkKnown(within(scope, "steps", index, "script"), step.script, "results", names);
  });
}

/** validateVariables: the texts of steps, and `onError`. */
function eachVariable(scope: Scope, spec: TaskSpec, look: (at: Scope, text: string) => void): void {
  eachText(scope, spec, look, plainStep, (word) => capitals[word] ?? word);
  spec.steps?.forEach(({ onError }, index) => {
    if (onError !== undefined) look(within(scope, "steps", index, "onError"), onError);
  });
}

/** How validateStepVariables spells them. */
const capitals: Readonly<Record<string, string>> = { mountPath: "MountPath", subPath: "SubPath" };

type StepWords = (index: number, count: number) => readonly string[];

const plainStep: StepWords = (index) => ["steps", `[${index}]`];

/** validateArrayUsage and validateObjectUsageAsWhole put each later step before the words of the earlier; nobody reads a hundred. */
const stutteringStep: StepWords = (index, count) =>
  count - index > 100
    ? plainStep(index, count)
    : Array.from({ length: count - index }, (_, at) => plainStep(count - 1 - at, count)).flat();

/** Upstream merges the template into the very steps it goes on with, so that its texts are looked at as theirs. */
function eachText(
  scope: Scope,
  spec: TaskSpec,
  look: (at: Scope, text: string, isItem: boolean) => void,
  wordsOf: StepWords,
  spell = (word: string): string => word,
): void {
  const steps = mergedSteps(scope, spec);
  steps.forEach((step, index) => {
    const place = named(inside(scope, "steps", index), ...wordsOf(index, steps.length));
    const own = spec.steps?.[index];
    for (const { path, words, text, isItem } of stepTexts(step))
      if (text.includes("$("))
        look(named(inside(place, ...writtenAt(path, step, own)), ...words.map(spell)), text, isItem);
  });
}

/** Where a text of a merged step stands in the step as it is written: the step itself for one that is its template's. */
function writtenAt(path: Path, merged: Step, own: Step | undefined): Path {
  const [list, index, ...rest] = path;
  if (own === undefined || own === merged) return path;
  if ((list !== "env" && list !== "volumeMounts") || typeof index !== "number")
    return own[list as keyof Step] === undefined ? [] : path;
  const key = list === "env" ? "name" : "mountPath";
  const keyOf = (item: object | undefined): unknown => (item as Readonly<Record<string, unknown>> | undefined)?.[key];
  const at = own[list]?.findIndex((item) => keyOf(item) === keyOf(merged[list]?.[index])) ?? -1;
  return at === -1 ? [] : [list, at, ...rest];
}

/** TaskResult.Validate. */
function checkTaskResult(scope: Scope, result: TaskResult): void {
  if (!checkResultName(scope, result.name)) return;
  checkResultType(scope, result);
  if (result.value === undefined) return;
  const value = named(inside(scope, "value"), result.name, "value");
  if (typeof result.value !== "string") {
    const at = named(inside(scope, "value"), result.name, "type");
    report(at, "field.type", "a result's value is one text, $(steps.<step>.results.<result>)");
    return;
  }
  if (result.value === "") return;
  const parts = /\$\(steps\.([^\n]*?)\.results\.([^\n]*?)\)/u.exec(result.value);
  if (parts === null) {
    report(value, "field.value", "a result's value looks like $(steps.<step>.results.<result>)");
    return;
  }
  const [, step = "", name = ""] = parts;
  if (!isDnsLabel(step)) report(value, "field.value", `${JSON.stringify(step)} cannot be the name of a step`);
  if (!isResultName(name)) report(value, "field.value", `${JSON.stringify(name)} cannot be the name of a result`);
}

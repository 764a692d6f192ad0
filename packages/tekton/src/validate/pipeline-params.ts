import { type Param } from "../param.ts";
import { type PipelineTask } from "../pipeline.ts";
import { allParams, paramTexts } from "../pipeline-task-texts.ts";
import { checkPassedParams, passedParam } from "./params.ts";
import { checkKnown, checkParamsIn, type KnownParams } from "./references.ts";
import { inside, named, within, type Scope } from "./scope.ts";

/** validatePipelineTaskParameterUsage: what a PipelineTask's params, matrix and when may say of the Pipeline's params. */
export function checkTaskParams(scope: Scope, task: PipelineTask, known: KnownParams): void {
  checkPassedParams(within(scope, "params"), task.params ?? []);
  task.params?.forEach((param, index) => checkParamValue(passedParam(scope, index, param), param, known));
  task.matrix?.params?.forEach((param, index) => {
    if (!Array.isArray(param.value)) return;
    param.value.forEach((text, at) =>
      checkParamsIn(within(matrixParam(scope, index, param), "value", at), text, known, true),
    );
  });
  task.matrix?.include?.forEach(({ params }, index) => {
    params?.forEach(({ value }, at) => {
      const place = named(
        inside(scope, "matrix", "include", index, "params", at, "value"),
        "matrix.include.params",
        `[${at}]`,
      );
      if (typeof value === "string") checkParamsIn(place, value, known, false);
    });
  });
  task.when?.forEach((when, index) => {
    const place = within(scope, "when", index);
    checkParamsIn(within(place, "input"), when.input ?? "", known, false);
    when.values?.forEach((value, at) => {
      const isArray = known.arrays.has(value.replace(/^\$\(params\./u, "").replace(/\[\*\]\)$/u, ""));
      checkParamsIn(named(inside(place, "values", at), "values"), value, known, isArray);
    });
  });
}

/** validatePipelineParametersVariablesInTaskParameters. A text that is one whole `[*]` reference only has to exist. */
function checkParamValue(scope: Scope, param: Param, known: KnownParams): void {
  if (typeof param.value === "string") {
    const at = inside(scope, "value");
    if (isWhole(param.value)) checkKnown(at, param.value, "params", known.all);
    else checkParamsIn(at, param.value, known, false);
    return;
  }
  const isItem = Array.isArray(param.value);
  for (const { path, text } of paramTexts(param)) {
    const at = isItem ? within(scope, ...path) : named(inside(scope, ...path), "properties", `[${path.at(-1)}]`);
    checkParamsIn(at, text, known, isItem);
  }
}

function matrixParam(scope: Scope, index: number, { name }: Param): Scope {
  return named(inside(scope, "matrix", "params", index), "matrix.params", `[${name}]`);
}

/** substitution.ValidateWholeArrayOrObjectRefInStringVariable. */
function isWhole(text: string): boolean {
  const name = "[_a-zA-Z0-9.-]+\\[\\*\\]";
  return new RegExp(`^\\$\\(params(?:\\.${name}|\\["${name}"\\]|\\['${name}'\\])\\)$`, "u").test(text);
}

const contexts = [
  ["context.pipelineRun", new Set(["name", "namespace", "uid"])],
  ["context.pipeline", new Set(["name"])],
  ["context.pipelineTask", new Set(["retries"])],
] as const;

/** validatePipelineContextVariables, which looks at the last task only: what it overlooks is a warning. */
export function checkContextVariables(scope: Scope, tasks: readonly PipelineTask[]): void {
  tasks.forEach((task, index) => {
    const before = scope.found.length;
    for (const { path, param } of allParams(task)) {
      for (const each of paramTexts(param)) {
        const at = named(inside(scope, index, ...path, ...each.path), "value");
        for (const [prefix, names] of contexts) checkKnown(at, each.text, prefix, names);
      }
    }
    if (index === tasks.length - 1) return;
    const overlooked = scope.found.splice(before);
    scope.found.push(...overlooked.map((each) => ({ ...each, severity: "warning" as const })));
  });
}

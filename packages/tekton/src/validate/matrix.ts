import { findExpressions, looksLikeResult, parseResultExpression } from "@lapcat/substitution";
import { type Param } from "../param.ts";
import { type Matrix, type PipelineTask } from "../pipeline.ts";
import { paramTexts } from "../pipeline-task-texts.ts";
import { needApiFields } from "./gates.ts";
import { checkPassedParams } from "./params.ts";
import { inside, named, report, within, type Scope } from "./scope.ts";

/** validateMatrix, for the tasks of one section. */
export function checkMatrices(scope: Scope, tasks: readonly PipelineTask[]): void {
  tasks.forEach((task, index) => checkMatrix(within(scope, index), task));
  checkConsumers(scope, tasks);
}

function isMatrixed(task: PipelineTask | undefined): boolean {
  return (task?.matrix?.params ?? []).length > 0 || (task?.matrix?.include ?? []).length > 0;
}

/** PipelineTask.validateMatrix. */
function checkMatrix(scope: Scope, task: PipelineTask): void {
  const { matrix } = task;
  if (matrix === undefined) return;
  const place = within(scope, "matrix");
  if (isMatrixed(task)) {
    needApiFields(scope, "matrix", "a matrix", "beta");
    const count = countCombinations(matrix, scope.version);
    const most = scope.gates.maxMatrixCombinations;
    if (count > most) report(place, "field.value", `a matrix has at most ${most} combinations, and this has ${count}`);
    checkPassedParams(within(place, "params"), matrix.params ?? []);
    matrix.include?.forEach(({ params }, index) =>
      checkPassedParams(within(place, "include", index, "params"), params ?? []),
    );
  }
  const inMatrix = new Set(
    [...(matrix.params ?? []), ...(matrix.include ?? []).flatMap(({ params }) => params ?? [])].map(({ name }) => name),
  );
  task.params?.forEach(({ name }, index) => {
    if (inMatrix.has(name))
      report(
        named(inside(scope, "params", index), `params[${name}]`),
        "field.conflict",
        `the param ${name} stands in the matrix too`,
      );
  });
}

/** Matrix.CountCombinations. A param without values counts for nothing in v1, and makes nothing of all in v1beta1. */
export function countCombinations(matrix: Matrix, version = "v1"): number {
  const params = matrix.params ?? [];
  const include = matrix.include ?? [];
  if (params.length === 0) return include.length;
  const lengths = params
    .map(({ value }) => (Array.isArray(value) ? value.length : 0))
    .filter((length) => length > 0 || version === "v1beta1");
  return Math.min(mostInGo, lengths.reduce((product, length) => product * length, 1) + countNew(params, include));
}

/** math.MaxInt: more would not be counted. */
const mostInGo = 2 ** 63;

function countNew(params: readonly Param[], include: NonNullable<Matrix["include"]>): number {
  const values = new Map(
    params.map(({ name, value }) => [name, Array.isArray(value) ? (value as readonly string[]) : []]),
  );
  let count = 0;
  for (const { params: own } of include) {
    for (const { name, value } of own ?? []) {
      const known = values.get(name);
      if (known === undefined) continue;
      if (typeof value === "string" && known.includes(value)) break;
      count++;
    }
  }
  return count;
}

/** validateTaskResultsFromMatrixedPipelineTasksConsumed: results of a fan-out are taken together, and are texts. */
function checkConsumers(scope: Scope, tasks: readonly PipelineTask[]): void {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  // Upstream keeps the results of the last param that names any: what it overlooks is a warning.
  const naming = tasks.flatMap(({ params }) => params ?? []).filter((param) => resultsIn(param).length > 0);
  tasks.forEach((task, index) => {
    task.params?.forEach((param, at) => {
      for (const expression of resultsIn(param)) {
        const producer = byName.get(expression.split(".")[1] ?? "");
        if (producer === undefined || !isMatrixed(producer)) continue;
        const place = inside(scope, index, "params", at, "value");
        if (!expression.endsWith("[*]")) {
          report(
            place,
            "field.value",
            `${producer.name} fans out, so that its results come as a list: $(${expression}[*])`,
          );
          continue;
        }
        const definition = producer.taskSpec ?? byName.get(producer.taskRef?.name ?? "")?.taskSpec;
        const result = definition?.results?.find(({ name }) => name === parseResultExpression(expression)?.result);
        if (result !== undefined && result.type !== "string") {
          report(
            place,
            "field.value",
            `${producer.name} fans out, so that its results have to be strings, and ${result.name} is of type ${result.type}`,
            param === naming.at(-1) ? {} : { severity: "warning" },
          );
        }
      }
    });
  });
}

function resultsIn(param: Param): readonly string[] {
  return paramTexts(param)
    .flatMap(({ text }) => findExpressions(text))
    .filter(looksLikeResult);
}

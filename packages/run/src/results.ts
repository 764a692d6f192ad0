import {
  findExpressions,
  mergeReplacements,
  noReplacements,
  parseResultExpression,
  type Replacements,
  replaceValue,
  type ResultReference,
  resultReplacements,
} from "@lapcat/substitution";
import { asPipelineTaskName, resultOf } from "@lapcat/plan";
import { goJson, isArrayValue, type Param, type ParamValue, type PipelineResult } from "@lapcat/tekton";
import { planIndex } from "./plan-index.ts";
import { acceptedResults } from "./task-outcome.ts";
import { type View } from "./view.ts";

export interface RunResults {
  readonly results: readonly Param[];
  /** Names of results whose task succeeded without giving them: the run fails `CouldntGetPipelineResult`. */
  readonly invalid: readonly string[];
}

/** A Pipeline's results at its end (RES-14): left out where a task failed or was skipped, invalid where it succeeded without. */
export function runResults(view: View): RunResults {
  const results: Param[] = [];
  const invalid: string[] = [];
  for (const { name, value } of view.state.plan.results) {
    const found = textsOf(value)
      .flatMap(findExpressions)
      .map((expression) => ({ expression, value: valueOf(view, expression) }));
    invalid.push(...found.filter((each) => each.value === "invalid").map(() => name));
    if (found.length === 0 || found.some((each) => each.value === "invalid" || each.value === "absent")) continue;
    const known = found.flatMap((each) => (typeof each.value === "string" ? [] : [each.value]));
    results.push({ name, value: replaceValue(value, mergeReplacements(noReplacements, ...known)) });
  }
  return { results, invalid };
}

type Reference = Omit<ResultReference, "start" | "end">;

function valueOf(view: View, expression: string): Replacements | "invalid" | "absent" {
  const reference = parseResultExpression(expression);
  if (reference === undefined) return "invalid";
  const task = asPipelineTaskName(reference.task);
  const omitted = view.state.plan.omitted?.get(task);
  if (omitted !== undefined) {
    const given =
      omitted.outcome && resultOf(omitted.outcome, reference.result, omitted.planned.pipelineTask.matrix !== undefined);
    return given === undefined ? "absent" : (replacementFor(reference, given) ?? "invalid");
  }
  const phase = view.phaseOf(task);
  const planned = planIndex(view.state.plan).planned.get(task);
  const taskRuns = view.taskRunsOf(task).map((each) => ({ name: each.name, results: acceptedResults(each) }));
  const finished = phase === "succeeded" || phase === "failed";
  const value = finished
    ? resultOf(
        { status: "None", reason: "", finished, taskRuns },
        reference.result,
        planned?.pipelineTask.matrix !== undefined,
      )
    : undefined;
  if (value !== undefined) {
    // Of a custom task, a list that is not asked for by its elements is the text that was given (CustomRunResult).
    const isText = isArrayValue(value) && planned?.kind === "task" && planned.task.custom !== undefined;
    const isWhole = isText && !expression.endsWith("]");
    return replacementFor(reference, isWhole ? goJson(value) : value) ?? "invalid";
  }
  return phase === "succeeded" || planned === undefined ? "invalid" : "absent";
}

function replacementFor(reference: Reference, value: ParamValue): Replacements | undefined {
  const { from, task, result, index, key } = reference;
  if (index !== undefined && isArrayValue(value) && index >= value.length) return undefined;
  if (key !== undefined && (typeof value === "string" || isArrayValue(value) || !(key in value))) return undefined;
  return resultReplacements(from, task, result, value);
}

function textsOf(value: PipelineResult["value"]): readonly string[] {
  if (typeof value === "string") return [value];
  return isArrayValue(value) ? value : Object.values(value);
}

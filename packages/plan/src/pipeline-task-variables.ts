import { findExpressions, stringReplacements } from "@lapcat/substitution";
import { isAfter, type PipelineTask } from "@lapcat/tekton";
import { writtenLength } from "./matrix.ts";
import { type Outcomes } from "./outcomes.ts";
import { replaceOutside } from "./pipeline-task-replacement.ts";
import { mentionedIn, namesIn } from "./names-in.ts";
import { textsOf } from "./result-reference.ts";
import { asPipelineTaskName, type PipelineTaskName, type RunPlan } from "./run-plan.ts";

/** `$(tasks.t.status)`, `$(tasks.t.reason)` and `$(tasks.status)` in what a finally task is given (ApplyPipelineTaskStateContext). */
export function withStatus(task: PipelineTask, plan: RunPlan, { tasks, aggregate }: Outcomes): PipelineTask {
  const texts = mentionedIn(plan, task).flatMap((name) => [
    ...(isAfter("task-status-variables", plan.tekton)
      ? [[`tasks.${name}.status`, tasks.get(name)?.status ?? "None"]]
      : []),
    ...(isAfter("task-reason-variables", plan.tekton) ? [[`tasks.${name}.reason`, tasks.get(name)?.reason ?? ""]] : []),
  ]);
  const all = isAfter("aggregate-status-variable", plan.tekton) ? [["tasks.status", aggregate]] : [];
  const { matrix, workspaces, ...rest } = task;
  const replaced = replaceOutside(rest, stringReplacements(Object.fromEntries([...texts, ...all])));
  return { ...replaced, ...(matrix !== undefined && { matrix }), ...(workspaces !== undefined && { workspaces }) };
}

/**
 * `$(context.pipelineTask.retries)` and the lengths of matrices, in params, matrix and displayName (ApplyPipelineTaskContexts): those
 * lengths that params ask for, of each the first. The TaskRuns of a matrix are made of what was written before.
 */
export function withContext(task: PipelineTask, plan: RunPlan, outcomes: Outcomes): PipelineTask {
  const { matrices, inDag } = namesIn(plan);
  const texts: Record<string, string> = {};
  if (isAfter("retry-variables", plan.tekton)) texts["context.pipelineTask.retries"] = String(task.retries ?? 0);
  for (const { value } of task.params ?? []) {
    const first = textsOf(value)
      .flatMap(findExpressions)
      .map(lengthAskedFor)
      .find((each) => each !== undefined);
    if (first === undefined) continue;
    const matrix = matrices.get(first.task);
    if (inDag.has(first.task)) texts[`tasks.${first.task}.matrix.length`] = String(matrix ? writtenLength(matrix) : 0);
    if (first.result !== undefined)
      texts[`tasks.${first.task}.matrix.${first.result}.length`] = String(
        writersOf(outcomes, first.task, first.result),
      );
  }
  const { when, workspaces, taskRef, ...rest } = task;
  return {
    ...replaceOutside(rest, stringReplacements(texts)),
    ...(when !== undefined && { when }),
    ...(workspaces !== undefined && { workspaces }),
    ...(taskRef !== undefined && { taskRef }),
  };
}

interface AskedLength {
  readonly task: PipelineTaskName;
  /** How many of its TaskRuns gave it; of the matrix itself without. */
  readonly result?: string;
}

function lengthAskedFor(expression: string): AskedLength | undefined {
  const { task = "", result } =
    /^tasks\.(?<task>[^.]+)\.matrix(?:\.(?<result>[^.]+))?\.length$/u.exec(expression)?.groups ?? {};
  if (task === "") return undefined;
  return { task: asPipelineTaskName(task), ...(result !== undefined && { result }) };
}

function writersOf({ tasks }: Outcomes, task: PipelineTaskName, result: string): number {
  return (tasks.get(task)?.taskRuns ?? []).filter(({ results }) => results.some(({ name }) => name === result)).length;
}

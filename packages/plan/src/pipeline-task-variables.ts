import { mergeReplacements, stringReplacements, type Replacements } from "@lapcat/substitution";
import { isAfter, type PipelineTask } from "@lapcat/tekton";
import { combinationsOf } from "./matrix.ts";
import { type Outcomes, resultOf } from "./outcomes.ts";
import { replaceOutside } from "./pipeline-task-replacement.ts";
import { type RunPlan } from "./run-plan.ts";
import { mentionedIn, namesIn } from "./names-in.ts";

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

/** `$(context.pipelineTask.retries)` and the lengths of matrices, in params, matrix and displayName (ApplyPipelineTaskContexts). */
export function withContext(task: PipelineTask, plan: RunPlan, outcomes: Outcomes): PipelineTask {
  const lengths = [...namesIn(plan).matrices].flatMap(([name, matrix]): readonly Replacements[] => {
    const outcome = outcomes.tasks.get(name);
    const count = outcome?.taskRuns.length ?? combinationsOf(matrix).length;
    const written = (outcome?.taskRuns ?? []).flatMap((each) => each.results.map((result) => result.name));
    const results = new Set([...(namesIn(plan).declared.get(name) ?? []), ...written]);
    const ofResults = Array.from(results, (result): readonly [string, string] => {
      const values = outcome === undefined ? undefined : resultOf(outcome, result, true);
      return [`tasks.${name}.matrix.${result}.length`, String(Array.isArray(values) ? values.length : 0)];
    });
    return [stringReplacements({ [`tasks.${name}.matrix.length`]: String(count), ...Object.fromEntries(ofResults) })];
  });
  const replacements = mergeReplacements(
    stringReplacements(
      isAfter("retry-variables", plan.tekton) ? { "context.pipelineTask.retries": String(task.retries ?? 0) } : {},
    ),
    ...lengths,
  );
  const { when, workspaces, taskRef, ...rest } = task;
  const replaced = replaceOutside(rest, replacements);
  return {
    ...replaced,
    ...(when !== undefined && { when }),
    ...(workspaces !== undefined && { workspaces }),
    ...(taskRef !== undefined && { taskRef }),
  };
}

import { type Diagnostic, didYouMean } from "@lapcat/diagnostic";
import { findResultReferences, type ResultReference } from "@lapcat/substitution";
import { awaitedResults, type PipelineResult, type PipelineTask, type ResolvedPipelineRun } from "@lapcat/tekton";
import { error, type Path, type Place } from "./place.ts";
import { textsOf } from "./result-reference.ts";

/** References to tasks that do not exist, or to results that a Task does not declare (RES-12). */
export function resultDiagnostics(
  written: readonly { readonly task: PipelineTask; readonly place: Place }[],
  results: readonly PipelineResult[],
  { tasks, children }: Pick<ResolvedPipelineRun, "tasks" | "children">,
  ofPipeline: Place,
): readonly Diagnostic[] {
  const names = new Set(written.map(({ task }) => task.name));
  const check = (reference: ResultReference, by: string, place: Place, path: Path): readonly Diagnostic[] => {
    if (!names.has(reference.task)) {
      const near = didYouMean(reference.task, names);
      return [
        error(
          "pipeline.task-unknown",
          place,
          path,
          `${by} takes a result of "${reference.task}", which is no task of the Pipeline`,
          near && `did you mean "${near}"?`,
        ),
      ];
    }
    if (children.has(reference.task)) {
      const message = `${by} takes a result of "${reference.task}", which is a Pipeline of its own: those give none`;
      return [error("result.unknown", place, path, message)];
    }
    const task = tasks.get(reference.task);
    const declared = (task?.spec.results ?? []).map(({ name }) => name);
    if (task === undefined || task.custom !== undefined || declared.includes(reference.result)) return [];
    const near = didYouMean(reference.result, declared);
    return [
      error(
        "result.unknown",
        place,
        path,
        `${by} takes result "${reference.result}" of task "${reference.task}", which declares no such result`,
        near && `did you mean "${near}"?`,
      ),
    ];
  };
  const ofTasks = written.flatMap(({ task, place }) =>
    awaitedResults(task).flatMap(({ reference, path }) => check(reference, `task "${task.name}"`, place, path)),
  );
  const ofResults = results.flatMap(({ name, value }, index) =>
    textsOf(value).flatMap((text) =>
      findResultReferences(text).flatMap((each) =>
        check(each, `result "${name}" of the Pipeline`, ofPipeline, ["results", index, "value"]),
      ),
    ),
  );
  return [...ofTasks, ...ofResults];
}

import { type Diagnostic } from "@lapcat/diagnostic";
import { type PipelineTask } from "@lapcat/tekton";
import { error, type Place } from "./place.ts";

/** What Tekton knows of PipelineTasks and lapcat does not execute: told by name, at the field. */
export function unsupportedIn(task: PipelineTask, place: Place): readonly Diagnostic[] {
  const refused = (path: readonly (string | number)[], what: string): Diagnostic =>
    error("field.unsupported", place, path, `task "${task.name}" ${what}, which lapcat does not execute yet`);
  const pipeline = task.pipelineRef === undefined ? "pipelineSpec" : "pipelineRef";
  const custom = task.taskRef === undefined ? task.taskSpec : task.taskRef;
  const isCustom = (custom?.apiVersion ?? "") !== "" && (custom?.kind ?? "") !== "";
  return [
    ...(task[pipeline] === undefined ? [] : [refused([pipeline], "is a Pipeline of its own")]),
    ...(isCustom
      ? [
          refused(
            [task.taskRef === undefined ? "taskSpec" : "taskRef"],
            `is a custom task (${custom?.apiVersion} ${custom?.kind})`,
          ),
        ]
      : []),
    ...(task.when ?? []).flatMap(({ cel }, index) =>
      cel === undefined || cel === "" ? [] : [refused(["when", index, "cel"], "has a condition in CEL")],
    ),
  ];
}

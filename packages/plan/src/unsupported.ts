import { type Diagnostic } from "@lapcat/diagnostic";
import { type PipelineTask } from "@lapcat/tekton";
import { error, type Place } from "./place.ts";
import { type PlanOptions } from "./run-plan.ts";

/** What Tekton knows of PipelineTasks and lapcat does not execute: told by name, at the field. */
export function unsupportedIn(
  task: PipelineTask,
  place: Place,
  { runsCustom, evaluateCel }: Pick<PlanOptions, "runsCustom" | "evaluateCel">,
): readonly Diagnostic[] {
  const refused = (path: readonly (string | number)[], what: string): Diagnostic =>
    error("field.unsupported", place, path, `task "${task.name}" ${what}, which lapcat does not execute yet`);
  const pipeline = task.pipelineRef === undefined ? "pipelineSpec" : "pipelineRef";
  const custom = task.taskRef === undefined ? task.taskSpec : task.taskRef;
  const { apiVersion = "", kind = "" } = custom ?? {};
  const isRefused = apiVersion !== "" && kind !== "" && runsCustom?.({ apiVersion, kind }) !== true;
  return [
    ...(task[pipeline] === undefined ? [] : [refused([pipeline], "is a Pipeline of its own")]),
    ...(isRefused
      ? [
          error(
            "field.unsupported",
            place,
            [task.taskRef === undefined ? "taskSpec" : "taskRef"],
            `task "${task.name}" is a custom task (${apiVersion} ${kind}), and nothing here runs it`,
            "`lapcat simulate` plays it without running anything",
          ),
        ]
      : []),
    ...(task.when ?? []).flatMap(({ cel }, index) =>
      cel === undefined || cel === "" || evaluateCel !== undefined
        ? []
        : [refused(["when", index, "cel"], "has a condition in CEL")],
    ),
  ];
}

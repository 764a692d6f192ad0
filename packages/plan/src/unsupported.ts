import { type Diagnostic } from "@lapcat/diagnostic";
import { isAfter, type PipelineTask, versionChanges } from "@lapcat/tekton";
import { error, type Place } from "./place.ts";
import { type PlanOptions } from "./run-plan.ts";

/** What Tekton knows of PipelineTasks and lapcat does not execute: told by name, at the field. */
export function unsupportedIn(
  task: PipelineTask,
  place: Place,
  { runsCustom, evaluateCel, tekton }: Pick<PlanOptions, "runsCustom" | "evaluateCel" | "tekton">,
): readonly Diagnostic[] {
  const refused = (path: readonly (string | number)[], what: string): Diagnostic =>
    error("field.unsupported", place, path, `task "${task.name}" ${what}, which lapcat does not execute yet`);
  const custom = task.taskRef === undefined ? task.taskSpec : task.taskRef;
  const { apiVersion = "", kind = "" } = custom ?? {};
  const isRefused = apiVersion !== "" && kind !== "" && runsCustom?.({ apiVersion, kind }) !== true;
  return [
    ...withoutEffect(task, place),
    ...tooNew(task, place, tekton),
    ...(isRefused
      ? [
          error(
            "field.unsupported",
            place,
            [task.taskRef === undefined ? "taskSpec" : "taskRef"],
            `task "${task.name}" is a custom task (${apiVersion} ${kind}), and nothing here runs it`,
            `give it a command with --custom-task ${apiVersion}/${kind}=COMMAND; \`lapcat simulate\` plays it without running anything`,
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

/** What a child PipelineRun takes no notice of (tektoncd/pipeline, docs/pipelines-in-pipelines.md, "Known Limitations"). */
function withoutEffect(task: PipelineTask, place: Place): readonly Diagnostic[] {
  if (task.pipelineRef === undefined && task.pipelineSpec === undefined) return [];
  const told = (field: "matrix" | "retries" | "timeout", what: string): readonly Diagnostic[] => {
    if (task[field] === undefined || task[field] === 0) return [];
    const message = `task "${task.name}" is a Pipeline of its own: ${what}, as in a cluster`;
    return [{ ...error("field.no-effect", place, [field], message), severity: "warning" }];
  };
  return [
    ...told("matrix", "the params of its matrix are not passed on"),
    ...told("retries", "it is not tried again"),
    ...told("timeout", "it has the default timeouts of a run"),
  ];
}

/** What a version takes and does not run. */
function tooNew(task: PipelineTask, place: Place, tekton: PlanOptions["tekton"]): readonly Diagnostic[] {
  const [field, change] =
    task.pipelineRef === undefined
      ? (["pipelineSpec", "pipelines-in-pipelines"] as const)
      : (["pipelineRef", "child-runs-given"] as const);
  if (task[field] === undefined || isAfter(change, tekton)) return [];
  const message = `task "${task.name}" is a Pipeline of its own, which Tekton runs by ${field} since ${versionChanges[change].since}`;
  return [error("field.unsupported", place, [field], message)];
}

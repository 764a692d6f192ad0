import { type PipelineSpec, type PipelineTask } from "../pipeline.ts";
import { isDnsLabel } from "./formats.ts";
import { needApiFields } from "./gates.ts";
import { checkRef } from "./ref.ts";
import { inside, named, report, reportMissing, within, type Scope } from "./scope.ts";
import { labelHint } from "./step.ts";
import { checkTaskSpec } from "./task.ts";

/** PipelineTask.ValidateName and PipelineTask.Validate; a Pipeline inside a Pipeline is for `checkNested`. */
export function checkPipelineTask(
  scope: Scope,
  task: PipelineTask,
  checkNested: (scope: Scope, spec: PipelineSpec) => void,
): void {
  checkName(scope, task);
  checkRefOrSpec(scope, task);
  checkInlineSpec(scope, task);
  checkOnError(scope, task);
  if ((task.taskSpec?.steps ?? []).length > 0) {
    for (const field of ["apiVersion", "kind"] as const) {
      if ((task.taskSpec?.[field] ?? "") === "") continue;
      report(
        within(scope, "taskSpec", field),
        "field.conflict",
        `${field} makes this a custom task, which has no steps`,
        { atKey: true },
      );
    }
  }
  if (isCustom(task)) {
    checkCustomTask(scope, task);
    return;
  }
  if (task.taskSpec !== undefined) checkTaskSpec(within(scope, "taskSpec"), task.taskSpec);
  if (task.taskRef !== undefined) checkRef(within(scope, "taskRef"), task.taskRef);
  if (scope.version !== "v1") return;
  if (task.pipelineRef !== undefined) checkRef(within(scope, "pipelineRef"), task.pipelineRef);
  if (task.pipelineSpec !== undefined) checkNested(within(scope, "pipelineSpec"), task.pipelineSpec);
}

function checkName(scope: Scope, task: PipelineTask): void {
  const name = (task.name as string | undefined) ?? "";
  if (name === "") reportMissing(scope, "name", "a task of a Pipeline");
  else if (!isDnsLabel(name)) {
    report(within(scope, "name"), "field.value", `a task's name cannot be ${JSON.stringify(name)}`, {
      hint: labelHint,
    });
  }
}

const forms = ["taskRef", "taskSpec", "pipelineRef", "pipelineSpec"] as const;

/** validateRefOrSpec. */
function checkRefOrSpec(scope: Scope, task: PipelineTask): void {
  const given = forms.filter((form) => task[form] !== undefined);
  for (const form of given) if (form.startsWith("pipeline")) needApiFields(scope, form, form, "alpha");
  const second = given[1];
  if (second !== undefined) {
    report(within(scope, second), "field.conflict", `a task has one of ${given.join(" and ")}`, { atKey: true });
  }
  if (given.length === 0)
    reportMissing(scope, "taskRef", `the task ${task.name}`, "write taskRef: {name: …}, or taskSpec with its steps");
}

/** validateEnabledInlineSpec. */
function checkInlineSpec(scope: Scope, task: PipelineTask): void {
  if (!scope.gates.disableInlineSpec.includes("pipeline")) return;
  for (const form of ["taskSpec", "pipelineSpec"] as const) {
    if (task[form] !== undefined)
      report(within(scope, form), "feature.disabled", "disable-inline-spec forbids a spec here", { atKey: true });
  }
}

/** ValidateOnError. */
function checkOnError(scope: Scope, task: PipelineTask): void {
  const onError = task.onError ?? "";
  if (onError === "" || onError.startsWith("$(params")) return;
  needApiFields(scope, "onError", "onError", "beta");
  const place = named(inside(scope, "onError"), "OnError");
  if (onError !== "continue" && onError !== "stopAndFail") {
    report(place, "field.value", `onError is continue or stopAndFail, and this is ${JSON.stringify(onError)}`);
  }
  if (onError === "continue" && (task.retries ?? 0) > 0)
    report(place, "field.conflict", "onError: continue and retries exclude each other");
}

/** A ref or spec with an apiVersion, or with a kind that is none of Tekton's own, is a custom task. */
function isCustom({ taskRef, taskSpec }: PipelineTask): boolean {
  const foreign = (kind: string | undefined): boolean => (kind ?? "") !== "" && kind !== "Task";
  if (taskRef !== undefined && (foreign(taskRef.kind) || (taskRef.apiVersion ?? "") !== "")) return true;
  return taskSpec !== undefined && (foreign(taskSpec.kind) || (taskSpec.apiVersion ?? "") !== "");
}

/** validateCustomTask, and PipelineTask.validateBetaFields, which `checkRef` says of others. */
function checkCustomTask(scope: Scope, task: PipelineTask): void {
  const { resolver, params } = task.taskRef ?? {};
  if ((resolver ?? "") !== "") needApiFields(within(scope, "taskRef"), "resolver", "a resolver", "beta");
  if (params !== undefined) needApiFields(within(scope, "taskRef"), "params", "a resolver's params", "beta");
  for (const form of ["taskRef", "taskSpec"] as const) {
    const custom = task[form];
    if (custom === undefined) continue;
    const place = within(scope, form);
    if (custom.kind === "ClusterTask" && (custom.apiVersion ?? "") === "") {
      // Upstream takes it for a custom task that does not say its apiVersion.
      const at = named(inside(place, "kind"), "apiVersion");
      report(at, "document.removed", "ClusterTask was removed in Tekton 1.0; lapcat reads it as a Task", {
        hint: "write kind: Task",
      });
      continue;
    }
    if ((custom.kind ?? "") === "") reportMissing(place, "kind", "a custom task");
    const apiVersion = custom.apiVersion ?? "";
    if (apiVersion === "")
      reportMissing(place, "apiVersion", `a custom task of kind ${custom.kind}`, "a Task has the kind Task, or none");
    else if (!/^[^/]+\/[^/]+$/u.test(apiVersion)) {
      report(
        within(place, "apiVersion"),
        "field.value",
        `an apiVersion looks like example.dev/v1, and this is ${JSON.stringify(apiVersion)}`,
      );
    }
  }
}

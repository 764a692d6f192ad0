import { findExpressions, parseResultExpression } from "@lapcat/substitution";
import { formatDuration, parseDuration } from "../duration.ts";
import { type PipelineSpec } from "../pipeline.ts";
import { paramTexts } from "../pipeline-task-texts.ts";
import { type PipelineRun, type PipelineRunSpec } from "../runs.ts";
import { checkObjectMeta } from "./object-meta.ts";
import { checkGivenParams, checkParamEnums, checkParamTypes, knownPipelineParams, passedParam } from "./params.ts";
import { checkPipelineSpec, eachTask } from "./pipeline.ts";
import { checkTaskParams } from "./pipeline-params.ts";
import { checkPipelineTaskWorkspaces } from "./pipeline-workspaces.ts";
import { checkRef } from "./ref.ts";
import { checkOverrides, checkPodTemplateEnv } from "./run-overrides.ts";
import { paramCollector } from "./run-params.ts";
import { inside, named, namedAs, report, reportMissing, within, type Scope } from "./scope.ts";
import { checkParamUsage, checkParamVariables } from "./task.ts";
import { checkNotNegative, checkPending } from "./task-run.ts";
import { checkWorkspaceBindings } from "./workspace-binding.ts";

const statuses = ["", "Cancelled", "CancelledRunFinally", "StoppedRunFinally", "PipelineRunPending"];

/** PipelineRun.Validate and PipelineRunSpec.Validate. */
export function checkPipelineRun(scope: Scope, run: PipelineRun): void {
  checkObjectMeta(scope, run.metadata);
  const place = within(scope, "spec");
  const { spec } = run;
  checkRefOrSpec(place, spec);
  checkRunParams(place, spec);
  checkInlineParams(place, spec);
  if (scope.version === "v1beta1") checkPropagatedWorkspaces(place, spec);
  checkTimeouts(place, spec);
  spec.taskRunSpecs?.forEach((each, index) => {
    const at = within(place, "taskRunSpecs", index);
    checkOverrides(at, each);
    checkTaskRunTimeout(at, each.timeout, spec);
  });
  checkPending(place, run, "PipelineRunPending");
  if (!statuses.includes(spec.status ?? "")) {
    report(
      within(place, "status"),
      "field.value",
      `the status is one of ${statuses.slice(1).join(", ")}, and this is ${JSON.stringify(spec.status)}`,
    );
  }
  checkWorkspaceBindings(place, spec.workspaces ?? [], false);
  const template = scope.version === "v1" ? "taskRunTemplate" : "";
  checkPodTemplateEnv(inside(named(place, template), "taskRunTemplate"), spec.taskRunTemplate?.podTemplate);
}

function checkRefOrSpec(scope: Scope, spec: PipelineRunSpec): void {
  if (spec.pipelineRef === undefined && spec.pipelineSpec === undefined) {
    reportMissing(
      scope,
      "pipelineRef",
      "a PipelineRun",
      "write pipelineRef: {name: …}, or pipelineSpec with its tasks",
    );
  }
  if (spec.pipelineRef !== undefined && spec.pipelineSpec !== undefined) {
    report(within(scope, "pipelineSpec"), "field.conflict", "a PipelineRun has a pipelineRef or a pipelineSpec", {
      atKey: true,
    });
  }
  if (spec.pipelineRef !== undefined) checkRef(within(scope, "pipelineRef"), spec.pipelineRef);
  if (spec.pipelineSpec === undefined) return;
  if (scope.gates.disableInlineSpec.includes("pipelinerun")) {
    report(within(scope, "pipelineSpec"), "feature.disabled", "disable-inline-spec forbids a spec here", {
      atKey: true,
    });
  }
  checkPipelineSpec(within(scope, "pipelineSpec"), spec.pipelineSpec);
}

/** validatePipelineRunParameters. */
function checkRunParams(scope: Scope, spec: PipelineRunSpec): void {
  checkGivenParams(scope, spec.params ?? []);
  spec.params?.forEach((param, index) => {
    for (const { path, text } of paramTexts(param)) {
      if (!findExpressions(text).some((each) => parseResultExpression(each) !== undefined)) continue;
      const at = named(inside(passedParam(scope, index, param), ...path), "value");
      report(at, "field.value", "a run's params are given before there are results");
    }
  });
}

/** validateInlineParameters: what tasks of an embedded Pipeline use may be declared at any level above. */
function checkInlineParams(scope: Scope, spec: PipelineRunSpec): void {
  const pipeline = spec.pipelineSpec;
  if (pipeline?.tasks === undefined) return;
  const place = inside(scope, "pipelineSpec");
  const collector = paramCollector(scope);
  collector.give(scope, spec.params);
  collector.declare(place, pipeline.params);
  pipeline.tasks.forEach((task, index) => {
    const at = inside(place, "tasks", index);
    collector.give(at, task.params);
    collector.declare(inside(at, "taskSpec"), task.taskSpec?.params);
  });
  const { params, place: placeOf } = collector.collected();
  const withSteps = pipeline.tasks.some(({ taskSpec }) => taskSpec?.steps !== undefined);
  checkParamTypes(placeOf, params, withSteps ? "" : "params");
  checkParamEnums(placeOf, params);
  const known = knownPipelineParams(params);
  pipeline.tasks.forEach((task, index) => {
    const at = inside(place, "tasks", index);
    if (task.taskSpec?.steps !== undefined) {
      checkParamVariables(inside(at, "taskSpec"), task.taskSpec, placeOf, params);
      checkParamUsage(inside(at, "taskSpec"), task.taskSpec, placeOf, params);
    }
    checkTaskParams(named(at, `[${index}]`), task, known);
  });
}

/** validatePropagatedWorkspaces, which v1 no longer has; a workspace that a task names counts as there. */
function checkPropagatedWorkspaces(scope: Scope, spec: PipelineRunSpec): void {
  const pipeline: PipelineSpec | undefined = spec.pipelineSpec;
  if (pipeline === undefined) return;
  const known = new Set([...(spec.workspaces ?? []), ...(pipeline.workspaces ?? [])].map(({ name }) => name));
  eachTask(within(scope, "pipelineSpec"), pipeline, (at, task, _, index) => {
    for (const { name } of task.workspaces ?? []) known.add(name);
    checkPipelineTaskWorkspaces(named(namedAs(at, scope), `[${index}]`), task, known);
  });
}

/** validateTimeoutDuration and validatePipelineTimeout. */
function checkTimeouts(scope: Scope, spec: PipelineRunSpec): void {
  const place = within(scope, "timeouts");
  const { pipeline, tasks, finally: final } = spec.timeouts ?? {};
  for (const [field, value] of Object.entries({ pipeline, tasks, finally: final }))
    checkNotNegative(within(place, field), value);
  const whole = parseDuration(pipeline ?? "") ?? scope.gates.defaultTimeoutMinutes * 60_000;
  const parts = { tasks, finally: final };
  for (const [field, value] of Object.entries(parts)) {
    const part = parseDuration(value ?? "");
    if (part === undefined || whole === 0) continue;
    if (part > whole || part === 0) {
      const said = part === 0 ? "no limit" : formatDuration(part);
      report(within(place, field), "field.value", `${said} is more than the Pipeline's ${formatDuration(whole)}`);
    }
  }
  const [first, second] = [parseDuration(tasks ?? ""), parseDuration(final ?? "")];
  if (first !== undefined && second !== undefined && first + second > whole) {
    for (const field of ["tasks", "finally"]) {
      const sum = `${formatDuration(first)} and ${formatDuration(second)}`;
      report(
        within(place, field),
        "field.value",
        `tasks and finally together, ${sum}, are more than the Pipeline's ${formatDuration(whole)}`,
      );
    }
  }
}

/** validateTaskRunSpecTimeout. */
function checkTaskRunTimeout(scope: Scope, timeout: string | undefined, spec: PipelineRunSpec): void {
  const own = parseDuration(timeout ?? "");
  if (own === undefined) return;
  checkNotNegative(within(scope, "timeout"), timeout);
  const limit = spec.timeouts?.tasks ?? spec.timeouts?.pipeline;
  const most = parseDuration(limit ?? "") ?? scope.gates.defaultTimeoutMinutes * 60_000;
  if (most > 0 && own > most) {
    report(
      within(scope, "timeout"),
      "field.value",
      `${formatDuration(own)} is more than the ${formatDuration(most)} there are for all tasks`,
    );
  }
}

import { parseDuration } from "../duration.ts";
import { type TaskRun, type TaskRunSpec } from "../runs.ts";
import { needApiFields } from "./gates.ts";
import { checkObjectMeta } from "./object-meta.ts";
import { checkGivenParams, checkParamTypes } from "./params.ts";
import { checkRef } from "./ref.ts";
import { checkOverrides } from "./run-overrides.ts";
import { paramCollector } from "./run-params.ts";
import { inside, report, reportMissing, within, type Scope } from "./scope.ts";
import { checkParamUsage, checkParamVariables, checkTaskSpec } from "./task.ts";
import { checkWorkspaceBindings } from "./workspace-binding.ts";

/** TaskRun.Validate and TaskRunSpec.Validate. */
export function checkTaskRun(scope: Scope, run: TaskRun): void {
  checkObjectMeta(scope, run.metadata);
  const place = within(scope, "spec");
  const { spec } = run;
  checkRefOrSpec(place, spec);
  checkGivenParams(place, spec.params ?? []);
  checkInlineParams(place, spec);
  checkWorkspaceBindings(place, spec.workspaces ?? [], true);
  checkDebug(place, spec);
  checkOverrides(place, spec);
  checkPending(place, run, "TaskRunPending");
  const status = spec.status ?? "";
  if (status !== "" && status !== "TaskRunCancelled" && status !== "TaskRunPending") {
    report(
      within(place, "status"),
      "field.value",
      `the status is TaskRunCancelled or TaskRunPending, and this is ${JSON.stringify(status)}`,
    );
  }
  if (status === "" && (spec.statusMessage ?? "") !== "") {
    report(within(place, "statusMessage"), "field.conflict", "a statusMessage comes with a status", { atKey: true });
  }
  if ((spec.retries ?? 0) < 0 && scope.version === "v1")
    report(within(place, "retries"), "field.value", "retries cannot be negative");
  checkNotNegative(within(place, "timeout"), spec.timeout);
}

/** What has started cannot wait to be started: of a document that was taken from a cluster. */
export function checkPending(
  scope: Scope,
  run: { readonly spec: { readonly status?: string }; readonly status?: { readonly startTime?: unknown } },
  pending: string,
): void {
  if (run.spec.status !== pending || typeof run.status?.startTime !== "string") return;
  report(within(scope, "status"), "field.conflict", `a run that has started cannot be ${pending}`);
}

export function checkNotNegative(scope: Scope, timeout: string | undefined): void {
  if ((parseDuration(timeout ?? "0") ?? 0) < 0) report(scope, "field.value", "a timeout cannot be negative");
}

function checkRefOrSpec(scope: Scope, spec: TaskRunSpec): void {
  if (spec.taskRef === undefined && spec.taskSpec === undefined) {
    reportMissing(scope, "taskRef", "a TaskRun", "write taskRef: {name: …}, or taskSpec with its steps");
  }
  if (spec.taskRef !== undefined && spec.taskSpec !== undefined) {
    report(within(scope, "taskSpec"), "field.conflict", "a TaskRun has a taskRef or a taskSpec", { atKey: true });
  }
  if (spec.taskRef !== undefined) checkRef(within(scope, "taskRef"), spec.taskRef);
  if (spec.taskSpec === undefined) return;
  if (scope.gates.disableInlineSpec.includes("taskrun")) {
    report(within(scope, "taskSpec"), "feature.disabled", "disable-inline-spec forbids a spec here", { atKey: true });
  }
  checkTaskSpec(within(scope, "taskSpec"), spec.taskSpec);
}

/** TaskRunSpec.validateInlineParameters. */
function checkInlineParams(scope: Scope, spec: TaskRunSpec): void {
  if (spec.taskSpec === undefined) return;
  const place = inside(scope, "taskSpec");
  const collector = paramCollector(scope);
  collector.give(scope, spec.params);
  collector.declare(place, spec.taskSpec.params);
  if (spec.taskSpec.steps === undefined) return;
  const { params, place: placeOf } = collector.collected();
  checkParamTypes(placeOf, params, "");
  checkParamVariables(place, spec.taskSpec, placeOf, params);
  checkParamUsage(place, spec.taskSpec, placeOf, params);
}

/** validateDebug. */
function checkDebug(scope: Scope, spec: TaskRunSpec): void {
  if (spec.debug === undefined) return;
  needApiFields(scope, "debug", "debug", "alpha");
  const { breakpoints } = spec.debug;
  if (breakpoints === undefined) return;
  const place = within(scope, "debug", "breakpoints");
  if (breakpoints.onFailure !== "enabled")
    report(within(place, "onFailure"), "field.value", "onFailure can only be enabled");
  const before = breakpoints.beforeSteps ?? [];
  before.forEach((step, index) => {
    if (before.indexOf(step) < index)
      report(within(place, "beforeSteps", index), "field.duplicate", `${step} is named more than once`);
  });
}

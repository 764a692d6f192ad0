import { parseQuantity, podRefusal, type Step, type StepTemplate, userError } from "@lapcat/tekton";
import { beyondEnd } from "./index-check.ts";
import { extraParams, outsideEnum, paramFaults, paramsText } from "./param-check.ts";
import { taskParams } from "./param-values.ts";
import { textsOf } from "./result-reference.ts";
import { asSaidBy, type RunFailure } from "./run-failure.ts";
import { type BoundTaskRun } from "./run-plan.ts";
import { inlineStepActions } from "./step-actions.ts";
import { validated } from "./task-passes.ts";

/**
 * With what a TaskRun fails before its Pod is there, as Tekton's reconciler has it: the first of its checks that does not hold, in its
 * order (taskrun.go, prepare and createPod). One TaskRun of a matrix may lack what another's include entry brings.
 */
export function taskRunFailure(bound: BoundTaskRun): RunFailure | undefined {
  if (bound.task.custom !== undefined) return undefined;
  return unresolved(bound) ?? asSaidBy(bound.tekton, invalid(bound)) ?? withoutPod(bound);
}

function withoutPod(bound: BoundTaskRun): RunFailure | undefined {
  const { name, planned } = bound;
  const refusal = podRefusal(validated(bound));
  if (refusal === undefined) return undefined;
  const { taskRef } = planned.pipelineTask;
  const whose =
    taskRef === undefined ? "invalid TaskSpec" : `missing or invalid Task ${bound.namespace}/${taskRef.name ?? ""}`;
  const message = `failed to create task run pod ${JSON.stringify(name)}: ${refusal}. Maybe ${whose}`;
  return { reason: "PodCreationFailed", message };
}

function unresolved({ task, params }: BoundTaskRun): RunFailure | undefined {
  const [fault] = inlineStepActions(task.spec, params, task.stepActions).faults;
  return fault && { reason: "TaskRunResolutionFailed", message: fault.message };
}

function invalid({ name, task, params, planned, workspaces, tekton }: BoundTaskRun): RunFailure | undefined {
  const failed = (message: string, reason = "TaskRunValidationFailed"): RunFailure => ({
    reason,
    message: userError(message, undefined),
  });
  const { params: specs = [], steps = [], sidecars = [], stepTemplate, volumes, workspaces: declared = [] } = task.spec;
  const beyondLimit = steps.map((step) => requestBeyondLimit(step, stepTemplate)).find((each) => each !== undefined);
  if (beyondLimit !== undefined) return failed(beyondLimit);
  const [fault] = paramFaults(specs, params);
  const text = paramsText(fault, extraParams(task, params, tekton));
  if (text !== undefined) return failed(`invalid input params for task ${task.name ?? name}: ${text}`);
  const outside = params.find(({ name, value }) =>
    outsideEnum(specs.find((each) => each.name === name)?.enum ?? [], value),
  );
  if (outside !== undefined) {
    const message = `param \`${outside.name}\` value: ${textsOf(outside.value).join(" ")} is not in the enum list`;
    return failed(message, "InvalidParamValue");
  }
  const beyond = beyondEnd({ steps, sidecars, stepTemplate, volumes, declared }, taskParams(specs, params));
  if (beyond.length > 0)
    return failed(`non-existent param references:[${[...new Set(beyond.map(({ raw }) => raw))].sort().join(" ")}]`);
  const lost = declared.find((each) => each.optional !== true && !workspaces.some((one) => one.name === each.name));
  if (lost !== undefined) return failed(`declared workspace "${lost.name}" is required but has not been bound`);
  const extra = task.embedded
    ? undefined
    : planned.pipelineTask.workspaces?.find((each) => !declared.some((one) => one.name === each.name));
  if (extra !== undefined) return failed(`workspace binding "${extra.name}" does not match any declared workspace`);
  const without = <T extends { readonly name?: string }>(
    overrides: readonly { readonly name: string }[],
    containers: readonly T[],
    text: string,
  ): readonly string[] =>
    overrides
      .filter((each) => !containers.some(({ name }) => name === each.name))
      .map((each) => `${text} named ${each.name}`);
  const overrides = [
    ...without(planned.stepSpecs, steps, "invalid StepOverride: No Step"),
    ...without(planned.sidecarSpecs, sidecars, "invalid SidecarOverride: No Sidecar"),
  ];
  return overrides.length === 0 ? undefined : failed(overrides.join("\n"));
}

/** validateTaskSpecRequestResources: a step asks for more than it, or the template, allows it. */
function requestBeyondLimit(
  { computeResources }: Pick<Step, "computeResources">,
  template: StepTemplate | undefined,
): string | undefined {
  for (const [name, request] of Object.entries(computeResources?.requests ?? {})) {
    const limit = computeResources?.limits?.[name] ?? template?.computeResources?.limits?.[name];
    if (limit === undefined) continue;
    const [asked, allowed] = [parseQuantity(request), parseQuantity(limit)];
    if (asked !== undefined && allowed !== undefined && allowed < asked)
      return `invalid request resource value: ${request} must be less or equal to limit ${limit}`;
  }
  return undefined;
}

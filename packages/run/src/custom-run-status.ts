import { bindingOf, type BoundTaskRun, type PlannedTaskRun } from "@lapcat/plan";
import { type Condition, type CustomRun, type EmbeddedTask, formatDuration, parseDuration } from "@lapcat/tekton";
import { formatInstant } from "./instant.ts";
import { cancelText } from "./outcome.ts";
import { currentAttempt, type RunState, type TaskRunState } from "./run-state.ts";
import { condition, stopCause } from "./task-run-status.ts";

export interface CustomRunStatus {
  readonly conditions: readonly Condition[];
  readonly startTime?: string;
  readonly completionTime?: string;
  /** Texts, whatever they stand for. */
  readonly results?: readonly { readonly name: string; readonly value: string }[];
}

/** A CustomRun as `kubectl get -o json` shows it. */
export type CustomRunObject = CustomRun & { readonly status: CustomRunStatus };

/** The name under which the output of the program is kept that runs a custom task. */
export const customOutput = "custom-run";

/** As it is handed to the program that runs it. */
export function customRunOf(bound: BoundTaskRun): CustomRun {
  const { planned, name, namespace, uid, labels, annotations, params, workspaces } = bound;
  return {
    apiVersion: "tekton.dev/v1beta1",
    kind: "CustomRun",
    metadata: {
      name,
      namespace,
      uid,
      labels,
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: customRunSpec(planned, params, workspaces),
  };
}

export function customRunObject(state: RunState, planned: PlannedTaskRun, taskRun: TaskRunState): CustomRunObject {
  const { startedAt } = taskRun.attempts[0] ?? {};
  return {
    apiVersion: "tekton.dev/v1beta1",
    kind: "CustomRun",
    metadata: {
      name: taskRun.name,
      namespace: state.plan.identity.namespace,
      uid: taskRun.uid,
      ...(startedAt !== undefined && { creationTimestamp: formatInstant(startedAt) }),
      labels: planned.labels,
      ...(Object.keys(planned.annotations).length > 0 && { annotations: planned.annotations }),
    },
    spec: { ...customRunSpec(planned, taskRun.params, planned.workspaces), ...wantedEnd(state, planned, taskRun) },
    status: statusOfCustomRun(taskRun),
  };
}

function wantedEnd(
  state: RunState,
  planned: PlannedTaskRun,
  taskRun: TaskRunState,
): Pick<CustomRun["spec"], "status" | "statusMessage"> {
  const cause = stopCause(state, planned, taskRun);
  return cause === undefined ? {} : { status: "RunCancelled", statusMessage: cancelText("CustomRun", cause) };
}

function customRunSpec(
  { pipelineTask, serviceAccountName }: PlannedTaskRun,
  params: TaskRunState["params"],
  workspaces: PlannedTaskRun["workspaces"],
): CustomRun["spec"] {
  const { taskRef, taskSpec, retries = 0, timeout } = pipelineTask;
  return {
    ...(taskSpec === undefined ? { customRef: taskRef ?? {} } : { customSpec: embedded(taskSpec) }),
    ...(params.length > 0 && { params }),
    ...(retries > 0 && { retries }),
    serviceAccountName,
    ...(timeout !== undefined && { timeout: formatDuration(parseDuration(timeout) ?? 0) }),
    ...(workspaces.length > 0 && { workspaces: workspaces.map(bindingOf) }),
  };
}

function embedded({ apiVersion = "", kind = "", metadata, spec }: EmbeddedTask): CustomRun["spec"]["customSpec"] & {} {
  return { apiVersion, kind, ...(metadata !== undefined && { metadata }), ...(spec !== undefined && { spec }) };
}

function statusOfCustomRun(taskRun: TaskRunState): CustomRunStatus {
  const attempt = currentAttempt(taskRun);
  if (attempt === undefined) return { conditions: [] };
  const { startedAt, finished, results } = attempt;
  const texts = results.map(({ name, value }) => ({
    name,
    value: typeof value === "string" ? value : JSON.stringify(value),
  }));
  return {
    conditions:
      finished === undefined ? [] : [condition(finished.status, finished.reason, finished.message, finished.at)],
    ...(startedAt !== undefined && { startTime: formatInstant(startedAt) }),
    ...(finished !== undefined && { completionTime: formatInstant(finished.at) }),
    ...(texts.length > 0 && { results: texts }),
  };
}

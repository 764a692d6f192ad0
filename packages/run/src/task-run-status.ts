import { bindingOf, type PlannedTaskRun } from "@lapcat/plan";
import { noReplacements, replace } from "@lapcat/substitution";
import {
  formatDuration,
  podName,
  stepActionKey,
  type Condition,
  type SidecarState,
  type StepState,
  type TaskRun,
  type TaskRunStatus,
} from "@lapcat/tekton";
import { type Instant } from "./event.ts";
import { formatInstant } from "./instant.ts";
import { type AttemptState, currentAttempt, type RunState, type TaskRunState } from "./run-state.ts";
import { cancelText } from "./outcome.ts";
import { acceptedResults } from "./task-outcome.ts";
import { stopCauseOf, viewOf } from "./view.ts";

/** A TaskRun as `kubectl get -o json` shows it. */
export type TaskRunObject = TaskRun & { readonly status: TaskRunStatus };

export function taskRunObject(state: RunState, planned: PlannedTaskRun, taskRun: TaskRunState): TaskRunObject {
  const { identity } = state.plan;
  const createdAt = taskRun.attempts[0]?.startedAt;
  return {
    apiVersion: "tekton.dev/v1",
    kind: "TaskRun",
    metadata: {
      name: taskRun.name,
      namespace: identity.namespace,
      uid: taskRun.uid,
      ...(createdAt !== undefined && { creationTimestamp: formatInstant(createdAt) }),
      labels: planned.labels,
      ...(Object.keys(planned.annotations).length > 0 && { annotations: planned.annotations }),
    },
    spec: specOf(state, planned, taskRun),
    status: statusOfTaskRun(state.plan, planned, taskRun),
  };
}

function specOf(state: RunState, planned: PlannedTaskRun, taskRun: TaskRunState): TaskRun["spec"] {
  const { taskRef } = planned.pipelineTask;
  const cause = state.plan.kind === "PipelineRun" ? stopCause(state, planned, taskRun) : undefined;
  const { params } = taskRun;
  return {
    ...(params.length > 0 && { params }),
    ...(planned.retries > 0 && { retries: planned.retries }),
    serviceAccountName: planned.serviceAccountName,
    ...(cause !== undefined && {
      status: "TaskRunCancelled",
      statusMessage: cancelText("TaskRun", cause),
    }),
    ...(planned.task.embedded || taskRef === undefined
      ? { taskSpec: planned.task.spec }
      : { taskRef: (taskRef.resolver ?? "") === "" ? { kind: "Task", ...taskRef } : taskRef }),
    timeout: formatDuration(planned.timeout ?? 0),
    ...workspacesOf(state, planned),
  };
}

/** Those of a TaskRun by itself are shown as they were written. */
function workspacesOf(state: RunState, planned: PlannedTaskRun): Pick<TaskRun["spec"], "workspaces"> {
  const { plan } = state;
  const { workspaces: written } = plan.written;
  if (plan.kind === "TaskRun") return written === undefined ? {} : { workspaces: written };
  const said = planned.workspaces.filter(({ byDefault }) => byDefault !== true);
  if (said.length === 0) return {};
  const isOpen = said.some(({ subPath }) => subPath?.includes("$(tasks.") === true);
  const taken = isOpen ? viewOf(state, state.startedAt ?? 0).taken(planned, "task") : noReplacements;
  const shown = said.map(({ subPath, ...each }) => ({
    ...each,
    ...(subPath !== undefined && { subPath: replace(subPath, taken) }),
  }));
  return { workspaces: shown.map(bindingOf) };
}

/** Why the run wanted the TaskRun to end, then or now. */
export function stopCause(
  state: RunState,
  planned: PlannedTaskRun,
  taskRun: TaskRunState,
): "run-cancelled" | "run-timed-out" | undefined {
  const last = currentAttempt(taskRun)?.stop;
  const cause = stopCauseOf(state, planned);
  // All children are told of a cancel and of the Pipeline's end, those that ended before too; of a part's timeout what runs.
  if (cause === "run-cancelled" || state.reached.has("pipeline")) return cause;
  return last === "task-timed-out" ? undefined : last;
}

type Plan = RunState["plan"];

/** The current attempt; those before it stand in `retriesStatus`. */
function statusOfTaskRun(plan: Plan, planned: PlannedTaskRun, taskRun: TaskRunState): TaskRunStatus {
  const last = currentAttempt(taskRun);
  const before = taskRun.attempts.slice(0, -1).map((each) => statusOfAttempt(plan, planned, taskRun, each));
  // Between two attempts upstream has archived the first one already.
  const archived =
    last?.finished?.willRetry === true ? [...before, statusOfAttempt(plan, planned, taskRun, last)] : before;
  const now: TaskRunStatus =
    last?.finished?.willRetry === true
      ? { conditions: [condition("Unknown", "ToBeRetried", last.finished.message, last.finished.at)] }
      : last === undefined
        ? { conditions: [] }
        : { ...stepsBefore(plan, planned, taskRun, last), ...statusOfAttempt(plan, planned, taskRun, last) };
  return { ...now, ...(archived.length > 0 && { retriesStatus: archived }) };
}

/** One that was cancelled before it had a Pod still shows the steps of the one before. */
function stepsBefore(
  plan: Plan,
  planned: PlannedTaskRun,
  taskRun: TaskRunState,
  { startedAt }: AttemptState,
): Pick<TaskRunStatus, "steps"> {
  const before = taskRun.attempts.at(-2);
  if (startedAt !== undefined || before === undefined) return {};
  const { steps } = statusOfAttempt(plan, planned, taskRun, before);
  return steps === undefined ? {} : { steps };
}

function statusOfAttempt(
  plan: Plan,
  planned: PlannedTaskRun,
  taskRun: TaskRunState,
  attempt: AttemptState,
): TaskRunStatus {
  const { startedAt, pod, finished, artifacts } = attempt;
  const hasArtifacts = artifacts.inputs.length > 0 || artifacts.outputs.length > 0;
  const results = acceptedResults({ ...taskRun, attempts: [attempt] });
  const steps = containersOf(attempt, "step").map((state, index) => ({ ...state, ...sourceOfStep(planned, index) }));
  const sidecars = containersOf(attempt, "sidecar");
  return {
    conditions: [conditionOf(attempt)],
    ...(startedAt !== undefined && {
      podName: pod?.name ?? podName(taskRun.name, attempt.attempt, { version: plan.tekton, seed: taskRun.uid }),
      startTime: formatInstant(startedAt),
    }),
    ...(finished !== undefined && { completionTime: formatInstant(finished.at) }),
    ...(steps.length > 0 && { steps }),
    ...(sidecars.length > 0 && { sidecars: sidecars.map(asSidecar) }),
    ...(results.length > 0 && { results }),
    ...(hasArtifacts && {
      artifacts: {
        ...(artifacts.inputs.length > 0 && { inputs: artifacts.inputs }),
        ...(artifacts.outputs.length > 0 && { outputs: artifacts.outputs }),
      },
    }),
    ...(pod !== undefined && { taskSpec: pod.taskSpec }),
    ...(plan.options.provenance !== false && { provenance: { refSource: planned.task.provenance } }),
  };
}

function sourceOfStep({ task }: PlannedTaskRun, index: number): Pick<StepState, "provenance"> {
  const ref = task.spec.steps?.[index]?.ref;
  const refSource = ref && task.stepSources?.get(stepActionKey(ref));
  return refSource === undefined ? {} : { provenance: { refSource } };
}

function conditionOf({ startedAt, finished }: AttemptState): Condition {
  if (finished !== undefined) return condition(finished.status, finished.reason, finished.message, finished.at);
  return condition("Unknown", "Running", "Not all Steps in the Task have finished executing", startedAt);
}

export function condition(
  status: Condition["status"],
  reason: string,
  message: string,
  at: Instant | undefined,
): Condition {
  return {
    type: "Succeeded",
    status,
    reason,
    message,
    ...(at !== undefined && { lastTransitionTime: formatInstant(at) }),
  };
}

function containersOf(
  { pod, containers, startedAt: attemptAt }: AttemptState,
  role: "step" | "sidecar",
): readonly StepState[] {
  return (pod?.containers ?? []).flatMap(
    ({ name, role: its, displayName, imageId, containerId: madeAs }): readonly StepState[] => {
      if (its !== role) return [];
      const { startedAt, finishedAt, end, containerId = madeAs } = containers.get(name) ?? {};
      const common = { name: displayName, container: name, ...(imageId !== "" && { imageID: imageId }) };
      if (end === undefined) {
        return [
          {
            ...common,
            ...(startedAt === undefined
              ? { waiting: { reason: "PodInitializing" } }
              : { running: { startedAt: formatInstant(startedAt) } }),
          },
        ];
      }
      const ended =
        end.terminationReason === "TaskRunCancelled" || end.terminationReason === "TaskRunTimeout"
          ? end.terminationReason
          : end.reason;
      const from = startedAt ?? finishedAt ?? attemptAt;
      const terminated = {
        exitCode: end.exitCode,
        reason: ended,
        ...(end.message !== undefined && { message: end.message }),
        ...(from !== undefined && { startedAt: formatInstant(from) }),
        ...(finishedAt !== undefined && { finishedAt: formatInstant(finishedAt) }),
        ...(containerId !== "" && { containerID: containerId }),
      };
      return [
        {
          ...common,
          terminated,
          ...(end.terminationReason !== undefined && { terminationReason: end.terminationReason }),
          ...(end.results !== undefined && { results: end.results }),
          ...(end.inputs !== undefined && { inputs: end.inputs }),
          ...(end.outputs !== undefined && { outputs: end.outputs }),
        },
      ];
    },
  );
}

function asSidecar({ name, container, imageID, terminated, running }: StepState): SidecarState {
  return {
    name,
    container,
    ...(imageID !== undefined && { imageID }),
    ...(terminated !== undefined && { terminated }),
    ...(running !== undefined && { running }),
  };
}

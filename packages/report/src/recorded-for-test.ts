import { asPipelineTaskName, asTaskRunName } from "@lapcat/plan";
import { type Recorded, type RunEvent } from "@lapcat/run";
import { type TaskSpec } from "@lapcat/tekton";

/** A log as a store gives it: each fact a second after the one before. */
export function logOf(...events: readonly RunEvent[]): readonly Recorded[] {
  return events.map((event, seq) => ({ v: 1, seq, at: seq * 1000, event }));
}

const task = asPipelineTaskName("build");
const taskSpec: TaskSpec = {};
const key = { taskRun: asTaskRunName("run-build"), attempt: 0 };
const image = "docker.io/library/alpine";
const container = { role: "step", image, imageId: "sha256:1", containerId: "c" } as const;

export const started: RunEvent = {
  type: "run.started",
  kind: "PipelineRun",
  name: "run",
  namespace: "default",
  uid: "u",
  lapcat: "0.1.0",
};
export const taskStarted: RunEvent = { type: "task.started", task, uid: "t", params: [], ...key };
export const podCreated: RunEvent = {
  type: "pod.created",
  pod: "run-build-pod",
  taskSpec,
  containers: [
    { ...container, name: "step-compile", displayName: "compile" },
    { ...container, name: "step-push", displayName: "push" },
  ],
  ...key,
};
export const stepStarted: RunEvent = { type: "step.started", container: "step-compile", ...key };
export const resultWritten: RunEvent = {
  type: "result.written",
  name: "digest",
  resultType: "string",
  value: "sha256:abc\n",
  ...key,
};
export const podFinished: RunEvent = { type: "pod.finished", ...key };

export function stepFinished(exitCode: number): RunEvent {
  const [reason, terminationReason] =
    exitCode === 0 ? (["Completed", "Completed"] as const) : (["Error", "Error"] as const);
  return { type: "step.finished", container: "step-compile", exitCode, reason, terminationReason, ...key };
}

export function taskFinished(status: "True" | "False", willRetry = false): RunEvent {
  const [reason, message] =
    status === "True"
      ? ["Succeeded", "All Steps have completed executing"]
      : ["StepFailed", '"step-compile" exited with code 3: Error'];
  return { type: "task.finished", status, reason, message, willRetry, ...key };
}

export function runFinished(status: "True" | "False"): RunEvent {
  return {
    type: "run.finished",
    status,
    reason: status === "True" ? "Succeeded" : "Failed",
    message: "Tasks Completed: 1",
    results: status === "True" ? [{ name: "IMAGE_DIGEST", value: "sha256:abc" }] : [],
  };
}

export const succeeded: readonly Recorded[] = logOf(
  started,
  taskStarted,
  podCreated,
  stepStarted,
  stepFinished(0),
  resultWritten,
  podFinished,
  taskFinished("True"),
  runFinished("True"),
);

export const failed: readonly Recorded[] = logOf(
  started,
  taskStarted,
  podCreated,
  stepStarted,
  stepFinished(3),
  podFinished,
  taskFinished("False"),
  {
    type: "task.skipped",
    task: asPipelineTaskName("deploy <it>"),
    reason: "PipelineRun was stopping",
    whenExpressions: [],
  },
  runFinished("False"),
);

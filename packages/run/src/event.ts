import { type Code, type Severity } from "@lapcat/diagnostic";
import {
  type Artifact,
  type Param,
  type ParamType,
  type ParamValue,
  type RunResult,
  type SkipReason,
  type TaskSpec,
  type WhenExpression,
} from "@lapcat/tekton";
import { type BoundWorkspace, type PipelineTaskName, type TaskRunName, type TaskOutcome } from "@lapcat/plan";

/** Milliseconds since 1970, UTC. */
export type Instant = number;

/** A fact with its place in the log. `v` is the version of the envelope and of the events in it: 2 has `child.told`. */
export interface Recorded {
  readonly v: 1 | 2;
  /** From 0, without gaps. */
  readonly seq: number;
  readonly at: Instant;
  readonly event: RunEvent;
}

/** One attempt of one TaskRun. */
export interface AttemptKey {
  readonly taskRun: TaskRunName;
  /** The first is 0. */
  readonly attempt: number;
}

export type RunKind = "PipelineRun" | "TaskRun";

export type CancelMode = "Cancelled" | "CancelledRunFinally" | "StoppedRunFinally";

/** What happened. Past tense; facts from which alone every status, log view and report is read. */
export type RunEvent =
  | {
      readonly type: "run.started";
      readonly kind: RunKind;
      readonly name: string;
      readonly namespace: string;
      readonly uid: string;
      /** Of the root of a tree of runs. */
      readonly lapcat?: string;
    }
  /** Its lapcat had died, or lost its engine; the log was silent for so many milliseconds, which count for no timeout of the run. */
  | { readonly type: "run.resumed"; readonly lapcat: string; readonly interruptedFor: number }
  | { readonly type: "image.pulled"; readonly image: string; readonly imageId: string; readonly fromRegistry: boolean }
  | {
      readonly type: "task.skipped";
      readonly task: PipelineTaskName;
      readonly reason: SkipReason;
      readonly whenExpressions: readonly WhenExpression[];
    }
  /** The task is left out of this run; `given` is what it came to elsewhere, which is taken in its place, and `from` the run where it did. */
  | {
      readonly type: "task.omitted";
      readonly task: PipelineTaskName;
      readonly given?: TaskOutcome;
      readonly from?: string;
    }
  | ({
      readonly type: "task.started";
      readonly task: PipelineTaskName;
      readonly uid: string;
      readonly params: readonly Param[];
    } & AttemptKey)
  /** A PipelineTask that is a Pipeline of its own has its PipelineRun. */
  | ({
      readonly type: "child.started";
      readonly task: PipelineTaskName;
      readonly uid: string;
      readonly params: readonly Param[];
      readonly workspaces: readonly BoundWorkspace[];
    } & AttemptKey)
  /** What happened in a child PipelineRun: a fact of its own log. */
  | ({ readonly type: "child.told"; readonly event: RunEvent } & AttemptKey)
  | ({
      readonly type: "pod.created";
      readonly pod: string;
      readonly taskSpec: TaskSpec;
      readonly containers: readonly PodContainer[];
    } & AttemptKey)
  | ({ readonly type: "pod.failed"; readonly reason: string; readonly message: string } & AttemptKey)
  /** `containerId` where it was made again since the Pod was: its process was not known then. */
  | ({ readonly type: "step.started"; readonly container: string; readonly containerId?: string } & AttemptKey)
  | ({
      readonly type: "step.finished";
      readonly container: string;
      readonly exitCode: number;
      readonly reason: "Completed" | "Error" | "OOMKilled";
      readonly terminationReason: TerminationReason;
      /** What the container says at its end: its results as the entrypoint tells them, or why it failed. */
      readonly message?: string;
      readonly results?: readonly RunResult[];
      readonly inputs?: readonly Artifact[];
      readonly outputs?: readonly Artifact[];
    } & AttemptKey)
  /** A step waits for somebody, who lets it go on from within its container. */
  | ({
      readonly type: "breakpoint.reached";
      readonly container: string;
      readonly of: "beforeStep" | "onFailure";
    } & AttemptKey)
  | ({ readonly type: "sidecar.started"; readonly container: string } & AttemptKey)
  /** Its probes say that the steps may use it; a sidecar without probes is ready once it has started. */
  | ({ readonly type: "sidecar.ready"; readonly container: string } & AttemptKey)
  | ({
      readonly type: "sidecar.finished";
      readonly container: string;
      readonly exitCode: number;
      readonly reason: string;
      readonly message?: string;
    } & AttemptKey)
  | ({
      readonly type: "result.written";
      readonly name: string;
      readonly resultType: ParamType;
      readonly value: ParamValue;
      /** The value held a secret: it is not what the step wrote, and nothing can go on with it. */
      readonly masked?: true;
    } & AttemptKey)
  /** Of the task, as its provenance.json says it after a step. */
  | ({
      readonly type: "artifacts.written";
      readonly inputs: readonly Artifact[];
      readonly outputs: readonly Artifact[];
    } & AttemptKey)
  /** All containers ended, or were ended, and the Pod is removed. */
  | ({ readonly type: "pod.finished" } & AttemptKey)
  /** The program that runs the custom task was started; `container` is the name under which its output is kept. */
  | ({ readonly type: "custom-run.started"; readonly container: string } & AttemptKey)
  /** Nobody watched the Pod to its end; what was left of it is removed. `retry`: another attempt is made in its place. */
  | ({ readonly type: "pod.interrupted"; readonly retry: boolean } & AttemptKey)
  /** What runs the custom task says that it is over; its results were told before. */
  | ({
      readonly type: "custom-run.finished";
      readonly status: "True" | "False";
      readonly reason: string;
      readonly message: string;
    } & AttemptKey)
  | ({
      readonly type: "task.finished";
      readonly status: "True" | "False";
      readonly reason: string;
      readonly message: string;
      readonly willRetry: boolean;
    } & AttemptKey)
  | { readonly type: "timeout.reached"; readonly of: "pipeline" | "tasks" | "finally" }
  | ({ readonly type: "timeout.reached"; readonly of: "task" } & AttemptKey)
  | { readonly type: "cancel.requested"; readonly mode: CancelMode }
  | { readonly type: "finally.started" }
  | {
      readonly type: "warning.noticed";
      readonly code: Code;
      readonly severity: Severity;
      readonly message: string;
      readonly hint?: string;
    }
  | {
      readonly type: "run.finished";
      readonly status: "True" | "False";
      readonly reason: string;
      readonly message: string;
      readonly results: readonly Param[];
    };

export type TaskOmitted = Extract<RunEvent, { readonly type: "task.omitted" }>;

export interface PodContainer {
  readonly name: string;
  readonly role: "step" | "sidecar";
  /** The step's or sidecar's own name; `unnamed-0`. */
  readonly displayName: string;
  readonly image: string;
  readonly imageId: string;
  readonly containerId: string;
}

export type TerminationReason =
  | "Completed"
  | "Error"
  | "Skipped"
  | "Continued"
  | "TimeoutExceeded"
  | "Cancelled"
  | "TaskRunTimeout"
  | "TaskRunCancelled"
  | "OOMKilled";

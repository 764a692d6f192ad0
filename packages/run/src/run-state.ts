import { type PipelineTaskName, type RunPlan, type TaskRunName } from "@lapcat/plan";
import {
  type Artifacts,
  type Param,
  type RunResult,
  type SkipReason,
  type TaskSpec,
  type WhenExpression,
} from "@lapcat/tekton";
import { type CancelMode, type Instant, type PodContainer, type RunEvent } from "./event.ts";
import { PersistentMap } from "./persistent-map.ts";

/** What is known of a run: its plan and the facts of its log. */
export interface RunState {
  readonly plan: RunPlan;
  readonly startedAt: Instant | undefined;
  /** Times in which nobody worked at the run, and when each was over. */
  readonly pauses: readonly { readonly endedAt: Instant; readonly length: number }[];
  /** In the order of creation. */
  readonly taskRuns: PersistentMap<TaskRunName, TaskRunState>;
  /** As last told: a reason may change while the run goes on. */
  readonly skipped: PersistentMap<PipelineTaskName, Skip>;
  readonly cancel: CancelMode | undefined;
  /** Budgets that were used up. */
  readonly reached: ReadonlySet<"pipeline" | "tasks" | "finally">;
  readonly finallyStartedAt: Instant | undefined;
  readonly finished: RunEnd | undefined;
}

export interface Skip {
  readonly reason: SkipReason;
  readonly whenExpressions: readonly WhenExpression[];
}

export interface RunEnd {
  readonly at: Instant;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
  readonly results: readonly Param[];
}

/** One of a task's runs: a TaskRun, a custom run, or a child PipelineRun. */
export interface TaskRunState {
  readonly name: TaskRunName;
  readonly task: PipelineTaskName;
  readonly uid: string;
  /** Of the fact that began it: the order of creation, over a whole tree of runs. */
  readonly seq: number;
  readonly params: readonly Param[];
  /** At least one; the last is the current one. */
  readonly attempts: readonly AttemptState[];
}

export interface AttemptState {
  readonly attempt: number;
  /** Absent where the TaskRun was cancelled before the attempt had a Pod. */
  readonly startedAt: Instant | undefined;
  readonly pod:
    | { readonly name: string; readonly taskSpec: TaskSpec; readonly containers: readonly PodContainer[] }
    | undefined;
  readonly podFailed: { readonly reason: string; readonly message: string } | undefined;
  readonly containers: ReadonlyMap<string, ContainerState>;
  /** The last value of each, where its first one stood. */
  readonly results: readonly RunResult[];
  /** The task's and all its steps'. */
  readonly artifacts: Artifacts;
  /** Why it is to end early. */
  readonly stop: StopCause | undefined;
  /** What the program that runs a custom task said in the end. */
  readonly custom: Pick<AttemptEnd, "status" | "reason" | "message"> | undefined;
  /** Nobody saw how it ended. */
  readonly interrupted: { readonly retry: boolean } | undefined;
  /** Of a child PipelineRun: its own state. */
  readonly child: RunState | undefined;
  /** Of a custom run or a child PipelineRun, when it was over. */
  readonly podFinishedAt: Instant | undefined;
  readonly finished: AttemptEnd | undefined;
}

export type StopCause = "run-cancelled" | "run-timed-out" | "task-timed-out";

export interface ContainerState {
  readonly startedAt: Instant | undefined;
  readonly finishedAt: Instant | undefined;
  readonly end: StepEnd | undefined;
  /** Where it is another than when the Pod was made. */
  readonly containerId?: string;
}

export type StepEnd = Pick<
  Extract<RunEvent, { type: "step.finished" }>,
  "exitCode" | "message" | "results" | "inputs" | "outputs"
> & {
  readonly reason: string;
  readonly terminationReason: string | undefined;
};

export interface AttemptEnd {
  readonly at: Instant;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
  readonly willRetry: boolean;
}

export function begin(plan: RunPlan): RunState {
  return {
    plan,
    startedAt: undefined,
    pauses: [],
    taskRuns: new PersistentMap(),
    skipped: new PersistentMap(),
    cancel: plan.requested,
    reached: new Set(),
    finallyStartedAt: undefined,
    finished: undefined,
  };
}

export function currentAttempt({ attempts }: TaskRunState): AttemptState | undefined {
  return attempts.at(-1);
}

/** How a TaskRun ended, once no attempt follows. */
export function endOf(taskRun: TaskRunState): AttemptEnd | undefined {
  const finished = currentAttempt(taskRun)?.finished;
  return finished?.willRetry === true ? undefined : finished;
}

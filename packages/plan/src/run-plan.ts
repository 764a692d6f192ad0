import {
  type ClusterObjects,
  type ConfigMapVolumeSource,
  type CustomTask,
  type EvaluateCel,
  type Param,
  type PipelineResult,
  type PipelineRunSpec,
  type PipelineTask,
  type PodTemplate,
  type ProjectedVolumeSource,
  type Ref,
  type ResolvedChild,
  type ResolvedPipeline,
  type ResolvedTask,
  type ResourceRequirements,
  type SecretVolumeSource,
  type StepOrSidecarSpec,
  type TaskRunDebug,
  type TektonVersion,
  type WorkspaceBinding,
} from "@lapcat/tekton";
import { type RunFailure } from "./run-failure.ts";
import { type Place } from "./place.ts";

import { type OmittedTask } from "./omitted.ts";

declare const brand: unique symbol;
/** An entry's name in a Pipeline's `tasks` or `finally`; a lone TaskRun's plan has one, named as the TaskRun. */
export type PipelineTaskName = string & { readonly [brand]: "PipelineTaskName" };
/** A TaskRun's `metadata.name`. */
export type TaskRunName = string & { readonly [brand]: "TaskRunName" };
export const asPipelineTaskName = (text: string): PipelineTaskName => text as PipelineTaskName;
export const asTaskRunName = (text: string): TaskRunName => text as TaskRunName;

export interface PlanOptions {
  /** Tekton's `default-timeout-minutes`, in milliseconds. */
  readonly defaultTimeout?: number;
  readonly evaluateCel?: EvaluateCel;
  /** Bytes that each result may take, where Tekton's `results-from` is sidecar-logs; without it all of a Task's share a message. */
  readonly resultLimit?: number | undefined;
  /** Whether a status says where definitions came from; it does when absent. */
  readonly provenance?: boolean;
  /** The newest when absent. */
  readonly tekton?: TektonVersion;
  /** What a cluster would fail a TaskRun with, once it is there, is no obstacle: see `taskRunFailure`. */
  readonly simulated?: boolean;
  /** What is bound to a Task's workspace that nobody binds: Tekton's `default-task-run-workspace-binding`. */
  readonly defaultWorkspace?: WorkspaceBinding | undefined;
  /** Whether there is somebody who runs such custom tasks; without it there is nobody. */
  readonly runsCustom?: (custom: CustomTask) => boolean;
}

/**
 * What is to be done, with everything known before the clock starts. A lone TaskRun is a plan of one task.
 * Durations are milliseconds; undefined means no limit.
 */
export interface RunPlan {
  readonly kind: "PipelineRun" | "TaskRun";
  readonly identity: RunIdentity;
  /** Absent for a lone TaskRun. */
  readonly pipeline?: ResolvedPipeline;
  /** The DAG, predecessors before successors, otherwise in the Pipeline's order. */
  readonly tasks: readonly PlannedTask[];
  readonly finally: readonly PlannedTask[];
  /** Tasks of the Pipeline that this run leaves out; they are in neither of the two. */
  readonly omitted?: ReadonlyMap<PipelineTaskName, OmittedTask>;
  /** Pipeline results; params, contexts and workspaces in them are substituted already. */
  readonly results: readonly PipelineResult[];
  readonly timeouts: {
    readonly pipeline: number | undefined;
    readonly tasks: number | undefined;
    readonly finally: number | undefined;
  };
  /** What the run itself says, where it says something: what it gives, of its parts' time, of why it is to end. */
  readonly written: {
    readonly pipelineRef?: Ref;
    readonly params?: readonly Param[];
    readonly taskRunTemplate?: NonNullable<PipelineRunSpec["taskRunTemplate"]>;
    readonly tasks?: number | undefined;
    readonly finally?: number | undefined;
    readonly workspaces?: readonly WorkspaceBinding[];
    readonly statusMessage?: string;
  };
  readonly objects: ClusterObjects;
  /** With which it was made, and its child PipelineRuns are. */
  readonly options: PlanOptions;
  /** As which version it behaves; the newest when absent. */
  readonly tekton?: TektonVersion;
  /** With this the run ends before anything of it begins: a child PipelineRun that cannot be planned. */
  readonly failure?: RunFailure;
  /** The run was written with a `spec.status` that ends it: it is cancelled, or stopped, from the start. */
  readonly requested?: "Cancelled" | "CancelledRunFinally" | "StoppedRunFinally";
}

export interface RunIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A PipelineTask: one that makes TaskRuns (or custom runs), or one that makes child PipelineRuns. */
export type PlannedTask = PlannedTaskRun | PlannedPipelineRun;

interface Planned {
  readonly name: PipelineTaskName;
  readonly memberOf: "tasks" | "finally";
  /** All that must be done first: `runAfter` and result references. Empty for `finally`. */
  readonly predecessors: readonly PipelineTaskName[];
  /** Those of them (for `finally`: any task) whose results it takes. */
  readonly resultsFrom: readonly PipelineTaskName[];
  /** As written, after the run's params, contexts and `workspaces.x.bound`; results and execution status are still references. */
  readonly pipelineTask: PipelineTask;
  /** Of the TaskRun, or of the child PipelineRun; a matrix appends its index. */
  readonly taskRunName: TaskRunName;
  readonly workspaces: readonly BoundWorkspace[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Of one attempt; a child PipelineRun has timeouts of its own. */
  readonly timeout: number | undefined;
  readonly retries: number;
  readonly onError: "continue" | "stopAndFail";
}

export interface PlannedTaskRun extends Planned {
  readonly kind: "task";
  readonly task: ResolvedTask;
  readonly serviceAccountName: string;
  readonly podTemplate: PodTemplate;
  readonly stepSpecs: readonly StepOrSidecarSpec[];
  readonly debug?: TaskRunDebug;
  readonly sidecarSpecs: readonly StepOrSidecarSpec[];
  readonly computeResources: ResourceRequirements | undefined;
  /** A workspace of the Pipeline's that its Task needs and nobody binds: told before the run, but where that is simulated. */
  readonly unbound?: string;
}

export interface PlannedPipelineRun extends Planned {
  readonly kind: "pipeline";
  readonly child: ResolvedChild;
  /** Where its params are given. */
  readonly place: Place;
}

/** A Task's workspace and what stands behind it. An optional workspace that is not bound has no entry. */
export interface BoundWorkspace {
  readonly name: string;
  readonly subPath?: string;
  readonly source: WorkspaceSource;
  /** By the cluster's default: the TaskRun does not say so. */
  readonly byDefault?: true;
}

export type WorkspaceSource =
  | { readonly kind: "emptyDir"; readonly medium: "disk" | "memory"; readonly sizeLimit?: string | number }
  /** `run`: from a volumeClaimTemplate, gone with the run; `kept`: an existing PersistentVolumeClaim, the user's. */
  | { readonly kind: "claim"; readonly claimName: string; readonly scope: "run" | "kept"; readonly readOnly: boolean }
  | { readonly kind: "configMap"; readonly configMap: ConfigMapVolumeSource }
  | { readonly kind: "secret"; readonly secret: SecretVolumeSource }
  | { readonly kind: "projected"; readonly projected: ProjectedVolumeSource }
  | { readonly kind: "csi"; readonly csi: unknown };

/** One TaskRun attempt with every value known: what a Pod is made from. */
export interface BoundTaskRun {
  readonly kind: "TaskRun";
  readonly planned: PlannedTaskRun;
  readonly name: TaskRunName;
  readonly namespace: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** As passed to the TaskRun, matrix combination included; the Task's defaults are not in it. */
  readonly params: readonly Param[];
  /** The Task, with what the Pipeline level propagates into an embedded spec (params, results, execution status) replaced. */
  readonly task: ResolvedTask;
  readonly workspaces: readonly BoundWorkspace[];
  /** The first is 0. */
  readonly attempt: number;
  /** `$(context.task.retry-count)`, where it is not the attempt: those that were interrupted do not count. */
  readonly retryCount?: number;
  readonly podTemplate: PodTemplate;
  /** Of the plan. */
  readonly tekton?: TektonVersion;
}

/** A child PipelineRun with every value known: what its plan is made from, and what its parent's log keeps of it. */
export interface BoundPipelineRun {
  readonly kind: "PipelineRun";
  readonly planned: PlannedPipelineRun;
  readonly name: TaskRunName;
  readonly uid: string;
  readonly params: readonly Param[];
  readonly workspaces: readonly BoundWorkspace[];
}

export type BoundRun = BoundTaskRun | BoundPipelineRun;

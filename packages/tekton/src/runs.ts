import {
  type ConfigMapVolumeSource,
  type EmptyDirVolumeSource,
  type ObjectMeta,
  type PersistentVolumeClaimVolumeSource,
  type PodTemplate,
  type ProjectedVolumeSource,
  type ResourceRequirements,
  type SecretVolumeSource,
} from "./kubernetes.ts";
import { type Param } from "./param.ts";
import { type PipelineSpec } from "./pipeline.ts";
import { type Ref, type TaskSpec } from "./task.ts";

export interface WorkspaceBinding {
  readonly name: string;
  readonly subPath?: string;
  readonly emptyDir?: EmptyDirVolumeSource;
  readonly persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  readonly volumeClaimTemplate?: { readonly metadata?: ObjectMeta; readonly spec?: Readonly<Record<string, unknown>> };
  readonly configMap?: ConfigMapVolumeSource;
  readonly secret?: SecretVolumeSource;
  readonly projected?: ProjectedVolumeSource;
  readonly csi?: unknown;
}

/** tekton.dev/v1 TaskRun, as submitted (no status). */
export interface TaskRun {
  readonly apiVersion: "tekton.dev/v1";
  readonly kind: "TaskRun";
  readonly metadata: ObjectMeta;
  readonly spec: TaskRunSpec;
}

export interface TaskRunSpec {
  readonly taskRef?: Ref;
  readonly taskSpec?: TaskSpec;
  readonly params?: readonly Param[];
  readonly serviceAccountName?: string;
  readonly status?: string;
  readonly statusMessage?: string;
  readonly retries?: number;
  readonly timeout?: string;
  readonly podTemplate?: PodTemplate;
  readonly workspaces?: readonly WorkspaceBinding[];
  readonly stepSpecs?: readonly StepOrSidecarSpec[];
  readonly sidecarSpecs?: readonly StepOrSidecarSpec[];
  readonly computeResources?: ResourceRequirements;
  readonly debug?: TaskRunDebug;
  readonly managedBy?: string;
}

export interface StepOrSidecarSpec {
  readonly name: string;
  readonly computeResources: ResourceRequirements;
}

/** tekton.dev/v1 PipelineRun, as submitted (no status). */
export interface PipelineRun {
  readonly apiVersion: "tekton.dev/v1";
  readonly kind: "PipelineRun";
  readonly metadata: ObjectMeta;
  readonly spec: PipelineRunSpec;
}

export interface PipelineRunSpec {
  readonly pipelineRef?: Ref;
  readonly pipelineSpec?: PipelineSpec;
  readonly params?: readonly Param[];
  readonly status?: string;
  readonly timeouts?: { readonly pipeline?: string; readonly tasks?: string; readonly finally?: string };
  readonly taskRunTemplate?: { readonly serviceAccountName?: string; readonly podTemplate?: PodTemplate };
  readonly workspaces?: readonly WorkspaceBinding[];
  readonly taskRunSpecs?: readonly PipelineTaskRunSpec[];
  readonly managedBy?: string;
}

export interface PipelineTaskRunSpec {
  readonly pipelineTaskName?: string;
  readonly serviceAccountName?: string;
  readonly podTemplate?: PodTemplate;
  readonly stepSpecs?: readonly StepOrSidecarSpec[];
  readonly sidecarSpecs?: readonly StepOrSidecarSpec[];
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly computeResources?: ResourceRequirements;
  readonly timeout?: string;
}

/** Where a TaskRun waits, so that somebody can look into its containers. */
export interface TaskRunDebug {
  readonly breakpoints?: {
    /** `enabled`. */
    readonly onFailure?: string;
    /** Names of steps. */
    readonly beforeSteps?: readonly string[];
  };
}

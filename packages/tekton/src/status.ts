import { type Artifact, type Artifacts } from "./artifact.ts";
import { type Param, type ParamType, type ParamValue } from "./param.ts";
import { type Provenance } from "./resource.ts";
import { type WhenExpression } from "./when.ts";
import { type PipelineSpec } from "./pipeline.ts";
import { type TaskSpec } from "./task.ts";

/** The status half of v1 TaskRun and PipelineRun, in upstream's field names. Times are RFC 3339, seconds. */
export interface Condition {
  readonly type: "Succeeded";
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime?: string;
}

export interface ContainerStateTerminated {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly containerID?: string;
}

export interface StepState {
  readonly name: string;
  readonly container: string;
  readonly imageID?: string;
  readonly terminated?: ContainerStateTerminated;
  readonly running?: { readonly startedAt?: string };
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminationReason?: string;
  readonly results?: readonly RunResult[];
  readonly inputs?: readonly Artifact[];
  readonly outputs?: readonly Artifact[];
  /** Where the StepAction came from that a resolver gave. */
  readonly provenance?: StatusProvenance;
}

export interface SidecarState {
  readonly name: string;
  readonly container: string;
  readonly imageID?: string;
  readonly terminated?: ContainerStateTerminated;
  readonly running?: { readonly startedAt?: string };
}

export interface RunResult {
  readonly name: string;
  readonly type: ParamType;
  readonly value: ParamValue;
}

export interface TaskRunStatus {
  readonly conditions: readonly Condition[];
  readonly podName?: string;
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly steps?: readonly StepState[];
  readonly sidecars?: readonly SidecarState[];
  readonly results?: readonly RunResult[];
  readonly artifacts?: Partial<Artifacts>;
  readonly retriesStatus?: readonly TaskRunStatus[];
  readonly taskSpec?: TaskSpec;
  readonly provenance?: StatusProvenance;
}

export interface StatusProvenance {
  readonly refSource?: Provenance;
}

export interface PipelineRunStatus {
  readonly conditions: readonly Condition[];
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly finallyStartTime?: string;
  readonly childReferences?: readonly ChildReference[];
  readonly skippedTasks?: readonly SkippedTask[];
  readonly results?: readonly Param[];
  readonly pipelineSpec?: PipelineSpec;
  readonly provenance?: StatusProvenance;
}

export interface ChildReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly pipelineTaskName: string;
  readonly displayName?: string;
  readonly whenExpressions?: readonly WhenExpression[];
}

export interface SkippedTask {
  readonly name: string;
  readonly reason: string;
  readonly whenExpressions?: readonly WhenExpression[];
}

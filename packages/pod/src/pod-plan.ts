import { type ContainerName, type PodSpec, type VolumeName } from "@lapcat/engine";
import { type ParamType, type PropertySpec, type TaskSpec } from "@lapcat/tekton";

/** A bound TaskRun as a Pod, and what its driver has to know that no container engine does. */
export interface PodPlan {
  readonly spec: PodSpec;
  /** The Task after every substitution pass: `status.taskSpec`. The stepTemplate stands beside the steps, as it does there. */
  readonly taskSpec: TaskSpec;
  readonly steps: readonly PlannedStep[];
  readonly sidecars: readonly PlannedSidecar[];
  /** Declared results that steps write as files; read after every step. */
  readonly results: readonly ResultFile[];
  /** Secret texts that reach this Pod (files, env, credentials): masked wherever output is shown or kept. */
  readonly secrets: readonly string[];
}

export interface PlannedStep {
  /** Tekton's name in the status: the step's own, or `unnamed-0`. */
  readonly name: string;
  readonly container: ContainerName;
  readonly onError: "continue" | "stopAndFail";
  /** Milliseconds from the start of the step's process. */
  readonly timeout: number | undefined;
  /** Where its exit code is left for later steps: `/tekton/steps/<container>/exitCode` in the containers. */
  readonly exitCode: { readonly volume: VolumeName; readonly path: string };
}

export interface PlannedSidecar {
  readonly name: string;
  readonly container: ContainerName;
}

export interface ResultFile {
  readonly name: string;
  readonly type: ParamType;
  readonly properties: Readonly<Record<string, PropertySpec>>;
  readonly volume: VolumeName;
  readonly path: string;
}

import { type ContainerName, type PodSpec, type Question, type VolumeName } from "@lapcat/engine";
import { type ParamType, type PropertySpec, type TaskSpec, type WhenExpression } from "@lapcat/tekton";
import { type LateTexts } from "./late.ts";

/** A bound TaskRun as a Pod, and what its driver has to know that no container engine does. */
export interface PodPlan {
  readonly spec: PodSpec;
  /** The Task after every substitution pass: `status.taskSpec`. The stepTemplate stands beside the steps, as it does there. */
  readonly taskSpec: TaskSpec;
  readonly steps: readonly PlannedStep[];
  readonly sidecars: readonly PlannedSidecar[];
  /** Whether the first step waits until every sidecar is ready, or has ended. */
  readonly awaitsSidecars: boolean;
  /** Declared results that steps write as files; read after every step. */
  readonly results: readonly ResultFile[];
  /** Where the task says what it took and made. */
  readonly provenance: PlacedFile;
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
  /** `/tekton/steps/<container>` in the containers: its `exitCode` is left there for later steps, `results/…` and `artifacts/provenance.json` are its own. */
  readonly directory: PlacedFile;
  readonly results: readonly ResultFile[];
  /** Files that get a copy of its output, as its container sees them. */
  readonly copies: { readonly stdout?: string; readonly stderr?: string };
  /** Where it waits for somebody: `state` says `before`, `running` or `failed`. */
  readonly breakpoints:
    | { readonly before: boolean; readonly onFailure: boolean; readonly state: PlacedFile }
    | undefined;
  /** Asked when it is its turn: one that does not hold skips the step. */
  readonly when: readonly WhenExpression[];
  /** Set where its texts name what steps before it gave: see `settleStep`. */
  readonly late: LateTexts | undefined;
}

export interface PlacedFile {
  readonly volume: VolumeName;
  readonly path: string;
}

export interface PlannedSidecar {
  readonly name: string;
  readonly container: ContainerName;
  /**
   * One of Kubernetes' own (`restartPolicy: Always`): begun in order before all others, each when the one before has started up; started
   * once more whenever it ends; stopped last, in the opposite order.
   */
  readonly native: boolean;
  /** Until it succeeded, the others are not asked. Failed for good, it ends the sidecar. */
  readonly startup?: PlannedProbe;
  readonly readiness?: PlannedProbe;
  /** Failed for good, it ends the sidecar. */
  readonly liveness?: PlannedProbe;
  /** Failed, it ends the sidecar. */
  readonly postStart?: Hook;
  readonly preStop?: Hook;
}

/** Times are milliseconds; both thresholds count asks in a row. */
export interface PlannedProbe {
  readonly question: Question;
  /** From the container's start. */
  readonly initialDelay: number;
  readonly period: number;
  readonly timeout: number;
  readonly successes: number;
  readonly failures: number;
  /** From SIGTERM to SIGKILL when it ends the sidecar. */
  readonly grace?: number;
}

export type Hook = Question | { readonly kind: "sleep"; readonly milliseconds: number };

export interface ResultFile extends PlacedFile {
  readonly name: string;
  readonly type: ParamType;
  readonly properties: Readonly<Record<string, PropertySpec>>;
}

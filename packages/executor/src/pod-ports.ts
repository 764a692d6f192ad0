import { type Diagnostic, type Result } from "@lapcat/diagnostic";
import { type CancelSignal, type Clock, type ContainerSpec, type Pod, type PodSpec } from "@lapcat/engine";
import { type BoundTaskRun } from "@lapcat/plan";
import { type PodPlan } from "@lapcat/pod";
import { type Instant, type RunEvent } from "@lapcat/run";
import { type EvaluateCel } from "@lapcat/tekton";
import { type Masker } from "./mask.ts";
import { type LogSink } from "./ports.ts";

/** What driving a Pod needs of the world and of its run. */
export interface PodPorts {
  /** Every container made, none started; perhaps made before. */
  openPod(bound: BoundTaskRun, spec: PodSpec, signal: CancelSignal): Promise<Pod>;
  readonly logs: LogSink;
  /** Masks what is secret in this Pod, and what was in earlier ones. */
  newMasker(): Masker;
  readonly clock: Clock;
  makePod(bound: BoundTaskRun): Result<PodPlan>;
  /** Makes the containers' images present, with the logins that this TaskRun has. */
  pullFor(bound: BoundTaskRun, containers: readonly ContainerSpec[]): Promise<void>;
  /** Where conditions in CEL are allowed. */
  readonly evaluateCel: EvaluateCel | undefined;
  /** Bytes that each result may take, where they are not told by the steps' termination messages. */
  readonly resultLimit: number | undefined;
  /** A fact; `at` when it is told later than it happened. */
  observe(event: RunEvent, at?: Instant): void;
  /** Something a user should know, once a run however often it is said. */
  warn(diagnostic: Diagnostic): void;
  /** Work that nothing waits for but the end of the run. */
  inBackground(work: Promise<void>): void;
  /** Milliseconds from SIGTERM to SIGKILL. */
  readonly grace: number;
  /** Aborted when the user does not want to wait any longer: SIGKILL at once. */
  readonly hurry: CancelSignal;
}

/** A request to end an attempt, before or while its containers run. */
export interface Stop {
  readonly signal: AbortSignal;
  because(): "TaskRunCancelled" | "TaskRunTimeout" | undefined;
}

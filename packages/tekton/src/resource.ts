import { type Span } from "@lapcat/diagnostic";
import { type ManifestDocument, type Path } from "@lapcat/manifest";
import { type CustomRun } from "./custom-run.ts";
import { type ConfigMap, type PersistentVolumeClaim, type Secret, type ServiceAccount } from "./kubernetes.ts";
import { type Pipeline } from "./pipeline.ts";
import { type PipelineRun, type TaskRun } from "./runs.ts";
import { type StepAction, type Task } from "./task.ts";
import { type VerificationPolicy } from "./verification-policy.ts";

/** What a document says, always in v1 inside, where there is a v1. */
export type TektonResource =
  | Task
  | Pipeline
  | TaskRun
  | PipelineRun
  | StepAction
  | CustomRun
  | VerificationPolicy
  | ConfigMap
  | Secret
  | ServiceAccount
  | PersistentVolumeClaim;

/** A resource and where it came from. */
export interface Located<R extends TektonResource = TektonResource> {
  readonly resource: R;
  readonly origin: Origin;
  /** As the document has them: fields that no cluster could read, so that they are not in the resource. */
  readonly leftOut?: readonly Path[];
}

/** Finds the place in the text for a path of the v1 resource, whatever version the document was written in. */
export interface Origin {
  readonly document: ManifestDocument;
  spanOf(path: Path): Span;
  keySpanOf(path: Path): Span;
  /** The path as the document has it; the same as the v1 path where there is no such function. */
  written?(path: Path): Path;
}

/** Where a definition was taken from; Tekton's refSource. */
export interface Provenance {
  /** A file's name, `catalog:DIR`, `git+https://…`. */
  readonly uri: string;
  readonly digest: Readonly<Record<string, string>>;
  readonly entryPoint?: string;
}

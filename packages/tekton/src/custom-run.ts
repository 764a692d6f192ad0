import { type ObjectMeta } from "./kubernetes.ts";
import { type Param } from "./param.ts";
import { type WorkspaceBinding } from "./runs.ts";
import { type Ref } from "./task.ts";

/** tekton.dev/v1beta1 CustomRun, for a controller of one's own: it is read and judged, and never run here. */
export interface CustomRun {
  readonly apiVersion: "tekton.dev/v1beta1";
  readonly kind: "CustomRun";
  readonly metadata: ObjectMeta;
  readonly spec: CustomRunSpec;
}

export interface CustomRunSpec {
  readonly customRef?: Ref;
  readonly customSpec?: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly metadata?: unknown;
    readonly spec?: unknown;
  };
  readonly params?: readonly Param[];
  readonly status?: string;
  readonly statusMessage?: string;
  readonly retries?: number;
  readonly serviceAccountName?: string;
  readonly timeout?: string;
  readonly workspaces?: readonly WorkspaceBinding[];
}

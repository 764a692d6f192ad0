import { type ObjectMeta } from "./kubernetes.ts";
import { type Param, type ParamSpec, type ParamType, type ParamValue } from "./param.ts";
import { type Ref, type TaskSpec } from "./task.ts";
import { type WhenExpression } from "./when.ts";

/** tekton.dev/v1 Pipeline. */
export interface Pipeline {
  readonly apiVersion: "tekton.dev/v1";
  readonly kind: "Pipeline";
  readonly metadata: ObjectMeta;
  readonly spec: PipelineSpec;
}

export interface PipelineSpec {
  readonly displayName?: string;
  readonly description?: string;
  readonly params?: readonly ParamSpec[];
  readonly workspaces?: readonly PipelineWorkspaceDeclaration[];
  readonly tasks?: readonly PipelineTask[];
  readonly finally?: readonly PipelineTask[];
  readonly results?: readonly PipelineResult[];
}

export interface PipelineWorkspaceDeclaration {
  readonly name: string;
  readonly description?: string;
  readonly optional?: boolean;
}

export interface PipelineResult {
  readonly name: string;
  readonly type?: ParamType;
  readonly description?: string;
  readonly value: ParamValue;
}

export interface PipelineTask {
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly taskRef?: Ref;
  readonly taskSpec?: EmbeddedTask;
  readonly pipelineRef?: Ref;
  readonly pipelineSpec?: PipelineSpec;
  readonly when?: readonly WhenExpression[];
  readonly retries?: number;
  readonly runAfter?: readonly string[];
  readonly params?: readonly Param[];
  readonly matrix?: Matrix;
  readonly workspaces?: readonly WorkspacePipelineTaskBinding[];
  readonly timeout?: string;
  readonly onError?: string;
}

/** A Task written inside a Pipeline; with apiVersion and kind it is a custom task's own spec. */
export interface EmbeddedTask extends TaskSpec {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly spec?: unknown;
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface Matrix {
  readonly params?: readonly Param[];
  readonly include?: readonly { readonly name?: string; readonly params?: readonly Param[] }[];
}

export interface WorkspacePipelineTaskBinding {
  readonly name: string;
  readonly workspace?: string;
  readonly subPath?: string;
}

export type { ParamValue };

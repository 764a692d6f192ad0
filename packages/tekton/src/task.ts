import {
  type EnvFromSource,
  type EnvVarDef,
  type Lifecycle,
  type ObjectMeta,
  type Probe,
  type ResourceRequirements,
  type SecurityContext,
  type Volume,
  type VolumeMount,
} from "./kubernetes.ts";
import { type Param, type ParamSpec, type ParamType, type ParamValue, type PropertySpec } from "./param.ts";
import { type WhenExpression } from "./when.ts";

/** tekton.dev/v1 Task. */
export interface Task {
  readonly apiVersion: "tekton.dev/v1";
  readonly kind: "Task";
  readonly metadata: ObjectMeta;
  readonly spec: TaskSpec;
}

export interface TaskSpec {
  readonly displayName?: string;
  readonly description?: string;
  readonly params?: readonly ParamSpec[];
  readonly steps?: readonly Step[];
  readonly stepTemplate?: StepTemplate;
  readonly sidecars?: readonly Sidecar[];
  readonly volumes?: readonly Volume[];
  readonly workspaces?: readonly WorkspaceDeclaration[];
  readonly results?: readonly TaskResult[];
}

interface ContainerFields {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly envFrom?: readonly EnvFromSource[];
  readonly env?: readonly EnvVarDef[];
  readonly computeResources?: ResourceRequirements;
  readonly volumeMounts?: readonly VolumeMount[];
  readonly volumeDevices?: readonly { readonly name: string; readonly devicePath: string }[];
  readonly imagePullPolicy?: string;
  readonly securityContext?: SecurityContext;
}

export interface StepTemplate extends ContainerFields {}

export interface Step extends ContainerFields {
  readonly name?: string;
  readonly displayName?: string;
  readonly script?: string;
  readonly timeout?: string;
  readonly workspaces?: readonly WorkspaceUsage[];
  readonly onError?: string;
  readonly stdoutConfig?: { readonly path?: string };
  readonly stderrConfig?: { readonly path?: string };
  readonly ref?: Ref;
  readonly params?: readonly Param[];
  readonly results?: readonly StepResult[];
  readonly when?: readonly WhenExpression[];
}

export interface Sidecar extends ContainerFields {
  readonly name: string;
  readonly script?: string;
  readonly workspaces?: readonly WorkspaceUsage[];
  readonly ports?: readonly {
    readonly name?: string;
    readonly containerPort: number;
    readonly protocol?: string;
    readonly hostPort?: number;
    readonly hostIP?: string;
  }[];
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly lifecycle?: Lifecycle;
  readonly restartPolicy?: string;
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
  readonly terminationMessagePath?: string;
  readonly terminationMessagePolicy?: string;
}

/** A reference to a StepAction, Task, Pipeline or custom task. */
export interface Ref {
  readonly name?: string;
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly resolver?: string;
  readonly params?: readonly Param[];
}

export interface WorkspaceDeclaration {
  readonly name: string;
  readonly description?: string;
  readonly mountPath?: string;
  readonly readOnly?: boolean;
  readonly optional?: boolean;
}

export interface WorkspaceUsage {
  readonly name: string;
  readonly mountPath: string;
}

export interface TaskResult {
  readonly name: string;
  readonly type?: ParamType;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, PropertySpec>>;
  readonly value?: ParamValue;
}

export interface StepResult {
  readonly name: string;
  readonly type?: ParamType;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, PropertySpec>>;
}

/** tekton.dev/v1beta1 StepAction. */
export interface StepAction {
  readonly apiVersion: "tekton.dev/v1beta1";
  readonly kind: "StepAction";
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly description?: string;
    readonly image?: string;
    readonly command?: readonly string[];
    readonly args?: readonly string[];
    readonly env?: readonly EnvVarDef[];
    readonly script?: string;
    readonly workingDir?: string;
    readonly params?: readonly ParamSpec[];
    readonly results?: readonly StepResult[];
    readonly securityContext?: SecurityContext;
    readonly volumeMounts?: readonly VolumeMount[];
  };
}

import { type ObjectMeta } from "./kubernetes.ts";
import { type ParamSpec, type PropertySpec, typeOfValue } from "./param.ts";
import { type Pipeline, type PipelineSpec, type PipelineTask } from "./pipeline.ts";
import { type TektonResource } from "./resource.ts";
import { type PipelineRun, type TaskRun } from "./runs.ts";
import { type Ref, type StepAction, type StepResult, type Task, type TaskResult, type TaskSpec } from "./task.ts";

const defaultTimeout = "1h0m0s";
const defaultServiceAccount = "default";
const managedBy = "app.kubernetes.io/managed-by";
const reserved = /(chains\.tekton\.dev)\/.*/u;

/** A resource as the admission webhook would store it (v1/*_defaults.go, with config-defaults as shipped). */
export function setDefaults<R extends TektonResource>(resource: R): R;
export function setDefaults(resource: TektonResource): TektonResource {
  switch (resource.kind) {
    case "Task":
      return { ...resource, spec: taskSpecDefaults(resource.spec) } satisfies Task;
    case "Pipeline":
      return { ...resource, spec: pipelineSpecDefaults(resource.spec) } satisfies Pipeline;
    case "TaskRun":
      return taskRunDefaults(resource);
    case "PipelineRun":
      return pipelineRunDefaults(resource);
    case "StepAction":
      return stepActionDefaults(resource);
    case "Secret":
    case "ConfigMap":
    case "ServiceAccount":
    case "PersistentVolumeClaim":
      return resource;
  }
}

function stepActionDefaults(action: StepAction): StepAction {
  const { params, results } = action.spec;
  return {
    ...action,
    spec: {
      ...action.spec,
      ...(params && { params: params.map(paramSpecDefaults) }),
      ...(results && { results: results.map(resultDefaults) }),
    },
  };
}

function taskRunDefaults(run: TaskRun): TaskRun {
  const { taskRef, taskSpec, timeout, serviceAccountName } = run.spec;
  return {
    ...run,
    metadata: withManagedBy(withoutReserved(run.metadata)),
    spec: {
      ...run.spec,
      ...(taskRef && { taskRef: taskRefDefaults(taskRef) }),
      ...(taskSpec && { taskSpec: taskSpecDefaults(taskSpec) }),
      timeout: timeout ?? defaultTimeout,
      serviceAccountName: orDefault(serviceAccountName),
    },
  };
}

function pipelineRunDefaults(run: PipelineRun): PipelineRun {
  const { pipelineSpec, timeouts, taskRunTemplate } = run.spec;
  return {
    ...run,
    metadata: withoutReserved(run.metadata),
    spec: {
      ...run.spec,
      ...(pipelineSpec && { pipelineSpec: pipelineSpecDefaults(pipelineSpec) }),
      timeouts: { ...timeouts, pipeline: timeouts?.pipeline ?? defaultTimeout },
      taskRunTemplate: { ...taskRunTemplate, serviceAccountName: orDefault(taskRunTemplate?.serviceAccountName) },
    },
  };
}

/** PipelineSpec.SetDefaults. */
export function pipelineSpecDefaults(spec: PipelineSpec): PipelineSpec {
  const { params, tasks, finally: final } = spec;
  return {
    ...spec,
    ...(params && { params: params.map(paramSpecDefaults) }),
    ...(tasks && { tasks: tasks.map(pipelineTaskDefaults) }),
    ...(final && { finally: final.map(pipelineTaskDefaults) }),
  };
}

function pipelineTaskDefaults(task: PipelineTask): PipelineTask {
  const { taskRef, taskSpec } = task;
  return {
    ...task,
    ...(taskRef && { taskRef: taskRefDefaults(taskRef) }),
    ...(taskSpec && { taskSpec: { ...taskSpec, ...taskSpecDefaults(taskSpec) } }),
  };
}

function taskRefDefaults(ref: Ref): Ref {
  return (ref.kind ?? "") === "" && (ref.resolver ?? "") === "" ? { ...ref, kind: "Task" } : ref;
}

/** TaskSpec.SetDefaults. */
export function taskSpecDefaults(spec: TaskSpec): TaskSpec {
  const { params, results } = spec;
  return {
    ...spec,
    ...(params && { params: params.map(paramSpecDefaults) }),
    ...(results && { results: results.map(resultDefaults) }),
  };
}

/** ParamSpec.SetDefaults: the type is the one written, or told by `properties`, or by the default's value, or string. */
export function paramSpecDefaults(param: ParamSpec): ParamSpec {
  if ((param.type ?? "") !== "") return { ...param, ...typedProperties(param.properties) };
  if (param.properties !== undefined) return { ...param, type: "object", ...typedProperties(param.properties) };
  return { ...param, type: param.default === undefined ? "string" : typeOfValue(param.default) };
}

/** TaskResult.SetDefaults and StepResult.SetDefaults. */
function resultDefaults<R extends TaskResult | StepResult>(result: R): R {
  const type = (result.type ?? "") === "" ? (result.properties === undefined ? "string" : "object") : result.type;
  return { ...result, type, ...typedProperties(result.properties) };
}

function typedProperties(properties: Readonly<Record<string, PropertySpec>> | undefined): {
  readonly properties?: Readonly<Record<string, PropertySpec>>;
} {
  if (properties === undefined) return {};
  const typed = Object.entries(properties).map(([key, { type }]): [string, PropertySpec] => [
    key,
    { type: (type as string | undefined) || "string" } as PropertySpec,
  ]);
  return { properties: Object.fromEntries(typed) };
}

function orDefault(serviceAccount: string | undefined): string {
  return serviceAccount === undefined || serviceAccount === "" ? defaultServiceAccount : serviceAccount;
}

function withManagedBy(metadata: ObjectMeta): ObjectMeta {
  if (metadata.labels?.[managedBy] !== undefined) return metadata;
  return { ...metadata, labels: { ...metadata.labels, [managedBy]: "tekton-pipelines" } };
}

function withoutReserved(metadata: ObjectMeta): ObjectMeta {
  const annotations = Object.entries(metadata.annotations ?? {});
  const kept = annotations.filter(([key]) => !reserved.test(key));
  return kept.length === annotations.length ? metadata : { ...metadata, annotations: Object.fromEntries(kept) };
}

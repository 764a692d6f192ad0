import { mergePodTemplate } from "./merge-pod-template.ts";
import { type ConfigDefaults, shippedDefaults } from "./config-defaults.ts";
import { type CustomRun } from "./custom-run.ts";
import { type ObjectMeta, type PodTemplate } from "./kubernetes.ts";
import { type ParamSpec, type PropertySpec, typeOfValue } from "./param.ts";
import { type Pipeline, type PipelineSpec, type PipelineTask } from "./pipeline.ts";
import { type TektonResource } from "./resource.ts";
import { type PipelineRun, type TaskRun } from "./runs.ts";
import {
  type Ref,
  type Step,
  type StepAction,
  type StepResult,
  type Task,
  type TaskResult,
  type TaskSpec,
} from "./task.ts";

const managedBy = "app.kubernetes.io/managed-by";
const reserved = /(chains\.tekton\.dev)\/.*/u;

/** A resource as the admission webhook would store it (v1/*_defaults.go). */
export function setDefaults<R extends TektonResource>(resource: R, config?: ConfigDefaults): R;
export function setDefaults(resource: TektonResource, config: ConfigDefaults = shippedDefaults): TektonResource {
  switch (resource.kind) {
    case "Task":
      return { ...resource, spec: taskSpecDefaults(resource.spec, config) } satisfies Task;
    case "Pipeline":
      return { ...resource, spec: pipelineSpecDefaults(resource.spec, config) } satisfies Pipeline;
    case "TaskRun":
      return taskRunDefaults(resource, config);
    case "PipelineRun":
      return pipelineRunDefaults(resource, config);
    case "StepAction":
      return stepActionDefaults(resource);
    case "CustomRun":
      return customRunDefaults(resource, config);
    case "VerificationPolicy":
    case "Secret":
    case "ConfigMap":
    case "ServiceAccount":
    case "PersistentVolumeClaim":
      return resource;
  }
}

/** v1beta1 CustomRun.SetDefaults. */
function customRunDefaults(run: CustomRun, config: ConfigDefaults): CustomRun {
  return { ...run, spec: { ...run.spec, serviceAccountName: run.spec.serviceAccountName || config.serviceAccount } };
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

function taskRunDefaults(run: TaskRun, config: ConfigDefaults): TaskRun {
  const { taskRef, taskSpec, timeout, serviceAccountName, podTemplate } = run.spec;
  return {
    ...run,
    metadata: withManagedBy(withoutReserved(run.metadata), config.managedBy),
    spec: {
      ...run.spec,
      ...(taskRef && { taskRef: taskRefDefaults(taskRef, config) }),
      ...(taskSpec && { taskSpec: taskSpecDefaults(taskSpec, config) }),
      timeout: timeout ?? config.timeout,
      serviceAccountName: serviceAccountName || config.serviceAccount,
      ...withPodTemplate(podTemplate, config.podTemplate),
    },
  };
}

function pipelineRunDefaults(run: PipelineRun, config: ConfigDefaults): PipelineRun {
  const { pipelineRef, pipelineSpec, timeouts, taskRunTemplate } = run.spec;
  return {
    ...run,
    metadata: withoutReserved(run.metadata),
    spec: {
      ...run.spec,
      ...(pipelineRef && { pipelineRef: withResolver(pipelineRef, config) }),
      ...(pipelineSpec && { pipelineSpec: pipelineSpecDefaults(pipelineSpec, config) }),
      timeouts: { ...timeouts, pipeline: timeouts?.pipeline ?? config.timeout },
      taskRunTemplate: {
        ...taskRunTemplate,
        serviceAccountName: taskRunTemplate?.serviceAccountName || config.serviceAccount,
        ...withPodTemplate(taskRunTemplate?.podTemplate, config.podTemplate),
      },
    },
  };
}

/** PipelineSpec.SetDefaults. */
export function pipelineSpecDefaults(spec: PipelineSpec, config: ConfigDefaults = shippedDefaults): PipelineSpec {
  const { params, tasks, finally: final } = spec;
  const withDefaults = (task: PipelineTask): PipelineTask => pipelineTaskDefaults(task, config);
  return {
    ...spec,
    ...(params && { params: params.map(paramSpecDefaults) }),
    ...(tasks && { tasks: tasks.map(withDefaults) }),
    ...(final && { finally: final.map(withDefaults) }),
  };
}

function pipelineTaskDefaults(task: PipelineTask, config: ConfigDefaults): PipelineTask {
  const { taskRef, taskSpec } = task;
  return {
    ...task,
    ...(taskRef && { taskRef: taskRefDefaults(taskRef, config) }),
    ...(taskSpec && { taskSpec: { ...taskSpec, ...taskSpecDefaults(taskSpec, config) } }),
  };
}

function taskRefDefaults(ref: Ref, config: ConfigDefaults): Ref {
  const resolved = withResolver(ref, config);
  return (resolved.kind ?? "") === "" && (resolved.resolver ?? "") === "" ? { ...resolved, kind: "Task" } : resolved;
}

/** A reference that says neither a name nor a resolver is left to the cluster's own resolver. */
function withResolver(ref: Ref, { resolver }: ConfigDefaults): Ref {
  return resolver !== "" && (ref.name ?? "") === "" && (ref.resolver ?? "") === "" ? { ...ref, resolver } : ref;
}

/** TaskSpec.SetDefaults. */
export function taskSpecDefaults(spec: TaskSpec, config: ConfigDefaults = shippedDefaults): TaskSpec {
  const { params, steps, results } = spec;
  return {
    ...spec,
    ...(params && { params: params.map(paramSpecDefaults) }),
    ...(steps && { steps: steps.map((step) => stepDefaults(step, config)) }),
    ...(results && { results: results.map(resultDefaults) }),
  };
}

/** What a step's results are is not told: only what Go's encoder leaves out is. */
function stepDefaults(step: Step, config: ConfigDefaults): Step {
  const { ref, results } = step;
  if (ref === undefined && results === undefined) return step;
  return {
    ...step,
    ...(ref && { ref: withResolver(ref, config) }),
    ...(results && {
      results: results.map(({ properties, ...result }) =>
        Object.keys(properties ?? {}).length > 0 ? { ...result, properties: properties ?? {} } : result,
      ),
    }),
  };
}

/** MergePodTemplateWithDefault: field by field, `env` and `volumes` by name; what the run says wins. */
function withPodTemplate(
  own: PodTemplate | undefined,
  config: PodTemplate | undefined,
): { readonly podTemplate?: PodTemplate } {
  if (config === undefined) return {};
  return { podTemplate: mergePodTemplate(own, config) };
}

/** ParamSpec.SetDefaults: the type is the one written, or told by `properties`, or by the default's value, or string. */
export function paramSpecDefaults({ properties, ...param }: ParamSpec): ParamSpec {
  const { default: value } = param;
  const told = properties !== undefined ? "object" : value === undefined ? "string" : typeOfValue(value);
  return { ...param, type: param.type || told, ...typedProperties(properties) };
}

/** TaskResult.SetDefaults and StepResult.SetDefaults. */
function resultDefaults<R extends TaskResult | StepResult>({ properties, ...result }: R): R {
  const type = result.type || (properties === undefined ? "string" : "object");
  return { ...result, type, ...typedProperties(properties) } as R;
}

/** Without any they tell a type, and are then no more: Go's encoder leaves them out. */
function typedProperties(properties: Readonly<Record<string, PropertySpec>> | undefined): {
  readonly properties?: Readonly<Record<string, PropertySpec>>;
} {
  const typed = Object.entries(properties ?? {}).map(([key, { type }]): [string, PropertySpec] => [
    key,
    { type: (type as string | undefined) || "string" } as PropertySpec,
  ]);
  return typed.length === 0 ? {} : { properties: Object.fromEntries(typed) };
}

function withManagedBy(metadata: ObjectMeta, value: string): ObjectMeta {
  if (metadata.labels?.[managedBy] !== undefined) return metadata;
  return { ...metadata, labels: { ...metadata.labels, [managedBy]: value } };
}

function withoutReserved(metadata: ObjectMeta): ObjectMeta {
  const annotations = Object.entries(metadata.annotations ?? {});
  const kept = annotations.filter(([key]) => !reserved.test(key));
  return kept.length === annotations.length ? metadata : { ...metadata, annotations: Object.fromEntries(kept) };
}

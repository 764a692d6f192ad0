import { anything, duration, integer, list, object, ref, text, texts, type Schema, type Version } from "./dsl.ts";

/** TaskRun and PipelineRun in one version (taskrun_types.go, pipelinerun_types.go). A status is not ours to judge. */
export function runSchemas(version: Version): Readonly<Record<string, Schema>> {
  return {
    ...(version === "v1" ? v1Runs : v1beta1Runs),
    TaskRun: run(`${version}/TaskRunSpec`),
    PipelineRun: run(`${version}/PipelineRunSpec`),
  };
}

function run(spec: string): Schema {
  return object({ apiVersion: text, kind: text, metadata: ref("ObjectMeta"), spec: ref(spec), status: anything });
}

const timeouts = object({ pipeline: duration, tasks: duration, finally: duration });

function taskRunFields(version: Version): Readonly<Record<string, Schema>> {
  return {
    taskRef: ref(`${version}/TaskRef`),
    taskSpec: ref(`${version}/TaskSpec`),
    params: list(ref("Param")),
    serviceAccountName: text,
    status: text,
    statusMessage: text,
    retries: integer,
    timeout: duration,
    podTemplate: ref("PodTemplate"),
    workspaces: list(ref("WorkspaceBinding")),
    computeResources: ref("ResourceRequirements"),
    debug: object({ breakpoints: object({ onFailure: text, beforeSteps: texts }) }),
    managedBy: text,
  };
}

function pipelineRunFields(version: Version): Readonly<Record<string, Schema>> {
  return {
    pipelineRef: ref(`${version}/PipelineRef`),
    pipelineSpec: ref(`${version}/PipelineSpec`),
    params: list(ref("Param")),
    status: text,
    timeouts,
    workspaces: list(ref("WorkspaceBinding")),
    taskRunSpecs: list(ref(`${version}/PipelineTaskRunSpec`)),
    managedBy: text,
  };
}

const v1Runs: Readonly<Record<string, Schema>> = {
  StepOrSidecarSpec: object({ name: text, computeResources: ref("ResourceRequirements") }),
  TaskRunSpec: object({
    ...taskRunFields("v1"),
    stepSpecs: list(ref("v1/StepOrSidecarSpec")),
    sidecarSpecs: list(ref("v1/StepOrSidecarSpec")),
  }),
  PipelineRunSpec: object({
    ...pipelineRunFields("v1"),
    taskRunTemplate: object({ serviceAccountName: text, podTemplate: ref("PodTemplate") }),
  }),
  PipelineTaskRunSpec: object({
    pipelineTaskName: text,
    serviceAccountName: text,
    podTemplate: ref("PodTemplate"),
    stepSpecs: list(ref("v1/StepOrSidecarSpec")),
    sidecarSpecs: list(ref("v1/StepOrSidecarSpec")),
    metadata: ref("PipelineTaskMetadata"),
    computeResources: ref("ResourceRequirements"),
    timeout: duration,
  }),
};

const v1beta1Runs: Readonly<Record<string, Schema>> = {
  StepOrSidecarSpec: object({ name: text, resources: ref("ResourceRequirements") }),
  TaskRunSpec: object({
    ...taskRunFields("v1beta1"),
    stepOverrides: list(ref("v1beta1/StepOrSidecarSpec")),
    sidecarOverrides: list(ref("v1beta1/StepOrSidecarSpec")),
    resources: anything,
  }),
  PipelineRunSpec: object({
    ...pipelineRunFields("v1beta1"),
    serviceAccountName: text,
    podTemplate: ref("PodTemplate"),
    timeout: duration,
    resources: anything,
  }),
  PipelineTaskRunSpec: object({
    pipelineTaskName: text,
    taskServiceAccountName: text,
    taskPodTemplate: ref("PodTemplate"),
    stepOverrides: list(ref("v1beta1/StepOrSidecarSpec")),
    sidecarOverrides: list(ref("v1beta1/StepOrSidecarSpec")),
    metadata: ref("PipelineTaskMetadata"),
    computeResources: ref("ResourceRequirements"),
    timeout: duration,
  }),
};

import { anything, boolean, duration, list, object, ref, text, texts, type Schema, type Version } from "./dsl.ts";

const propertySpecs: Schema = { type: "object", additionalProperties: object({ type: text }) };
const probes = { livenessProbe: ref("Probe"), readinessProbe: ref("Probe"), startupProbe: ref("Probe") };
const terminal = { stdin: boolean, stdinOnce: boolean, tty: boolean };
const terminationMessage = { terminationMessagePath: text, terminationMessagePolicy: text };
const running = { ports: list(ref("ContainerPort")), lifecycle: ref("Lifecycle") };

/** Params, references and conditions: the same in every version (param_types.go, resolver_types.go, when_types.go). */
export const sharedSchemas: Readonly<Record<string, Schema>> = {
  Param: object({ "name!": text, "value!": anything }),
  ParamSpec: object({
    "name!": text,
    type: text,
    description: text,
    properties: propertySpecs,
    default: anything,
    enum: texts,
  }),
  WhenExpression: object({ input: text, operator: text, values: texts, cel: text }),
  WorkspaceDeclaration: object({
    "name!": text,
    description: text,
    mountPath: text,
    readOnly: boolean,
    optional: boolean,
  }),
  WorkspaceUsage: object({ "name!": text, mountPath: text }),
  StepResult: object({ "name!": text, type: text, description: text, properties: propertySpecs }),
  TaskResult: object({ "name!": text, type: text, description: text, properties: propertySpecs, value: anything }),
  StepRef: object({ name: text, resolver: text, params: list(ref("Param")) }),
};

function containerFields(version: Version): Readonly<Record<string, Schema>> {
  return {
    image: text,
    command: texts,
    args: texts,
    workingDir: text,
    envFrom: list(ref("EnvFromSource")),
    env: list(ref("EnvVar")),
    [version === "v1" ? "computeResources" : "resources"]: ref("ResourceRequirements"),
    volumeMounts: list(ref("VolumeMount")),
    volumeDevices: list(ref("VolumeDevice")),
    imagePullPolicy: text,
    securityContext: ref("SecurityContext"),
  };
}

/** Task and its parts in one version (container_types.go, task_types.go). v1beta1 steps still carry what v1 dropped. */
export function taskSchemas(version: Version): Readonly<Record<string, Schema>> {
  const deprecated = version === "v1beta1" ? { ...probes, ...terminal, ...terminationMessage, ...running } : {};
  const resources = version === "v1beta1" ? { resources: anything } : {};
  const bundle = version === "v1beta1" ? { bundle: text } : {};
  const output = object({ path: text });
  const spec = {
    displayName: text,
    description: text,
    params: list(ref("ParamSpec")),
    steps: list(ref(`${version}/Step`)),
    stepTemplate: ref(`${version}/StepTemplate`),
    sidecars: list(ref(`${version}/Sidecar`)),
    volumes: list(ref("Volume")),
    workspaces: list(ref("WorkspaceDeclaration")),
    results: list(ref("TaskResult")),
    ...resources,
  };
  return {
    Step: object({
      name: text,
      displayName: text,
      ...containerFields(version),
      script: text,
      timeout: duration,
      workspaces: list(ref("WorkspaceUsage")),
      onError: text,
      stdoutConfig: output,
      stderrConfig: output,
      ref: ref("StepRef"),
      params: list(ref("Param")),
      results: list(ref("StepResult")),
      when: list(ref("WhenExpression")),
      ...deprecated,
    }),
    StepTemplate: object({ ...containerFields(version), ...deprecated, ...(version === "v1beta1" && { name: text }) }),
    Sidecar: object({
      name: text,
      ...containerFields(version),
      script: text,
      workspaces: list(ref("WorkspaceUsage")),
      restartPolicy: text,
      ...probes,
      ...terminal,
      ...terminationMessage,
      ...running,
    }),
    TaskSpec: object(spec),
    EmbeddedTask: object({
      ...spec,
      apiVersion: text,
      kind: text,
      spec: anything,
      metadata: ref("PipelineTaskMetadata"),
    }),
    TaskRef: object({
      name: text,
      kind: text,
      apiVersion: text,
      resolver: text,
      params: list(ref("Param")),
      ...bundle,
    }),
    Task: object({ apiVersion: text, kind: text, metadata: ref("ObjectMeta"), spec: ref(`${version}/TaskSpec`) }),
  };
}

/** StepAction, which v1alpha1 and v1beta1 write alike (stepaction_types.go). */
export const stepActionSchema: Schema = object({
  apiVersion: text,
  kind: text,
  metadata: ref("ObjectMeta"),
  spec: object({
    description: text,
    image: text,
    command: texts,
    args: texts,
    env: list(ref("EnvVar")),
    script: text,
    workingDir: text,
    params: list(ref("ParamSpec")),
    results: list(ref("StepResult")),
    securityContext: ref("SecurityContext"),
    volumeMounts: list(ref("VolumeMount")),
  }),
});

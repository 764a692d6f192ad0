import { oldStepFields } from "./kept-annotations.ts";

/**
 * How a v1beta1 noun becomes a v1 one, and which of its values are Tekton's schemaless param values. One table where upstream has
 * one function a noun (v1beta1/*_conversion.go). A noun without an entry is the same in both.
 */
export interface Shape {
  /** From the written field to where v1 has it; more than one part where v1 nests it. */
  readonly moved?: Readonly<Record<string, readonly string[]>>;
  /** Fields that v1 no longer has and whose absence changes nothing here. */
  readonly dropped?: readonly string[];
  /** Fields that v1 has, and that a cluster forgets when it stores the object as v1. */
  readonly lost?: readonly string[];
  /** Fields that lapcat refuses, with what replaced them. */
  readonly refused?: Readonly<Record<string, string>>;
  /** Fields that hold a param value. */
  readonly values?: readonly string[];
  /** Fields that hold another noun, or a list of it. */
  readonly parts?: Readonly<Record<string, Shape>>;
}

const pipelineResources =
  "PipelineResources were removed in Tekton 0.46: use a workspace, and tasks such as git-clone that fill it";
const bundles = "bundles are named by a resolver now: taskRef: {resolver: bundles, params: [...]}";

const param: Shape = { values: ["value"] };
const paramSpec: Shape = { values: ["default"] };
const result: Shape = { values: ["value"] };
const ref: Shape = { parts: { params: param }, refused: { bundle: bundles } };
const resources = { resources: ["computeResources"] };

const step: Shape = { moved: resources, parts: { params: param, ref } };
const oldStep: Shape = {
  ...step,
  dropped: oldStepFields,
};
const taskParts: Readonly<Record<string, Shape>> = {
  params: paramSpec,
  steps: oldStep,
  stepTemplate: { ...oldStep, dropped: [...(oldStep.dropped ?? []), "name"] },
  sidecars: { moved: resources },
  results: result,
};
const taskSpec: Shape = { parts: taskParts, refused: { resources: pipelineResources } };

const matrix: Shape = { parts: { params: param, include: { parts: { params: param } } } };
const pipelineParts: Record<string, Shape> = { params: paramSpec, results: result };
const pipelineSpec: Shape = { parts: pipelineParts, refused: { resources: pipelineResources } };
const pipelineTask: Shape = {
  parts: { taskRef: ref, taskSpec, pipelineRef: ref, pipelineSpec, params: param, matrix },
  lost: ["pipelineRef", "pipelineSpec"],
  refused: { resources: pipelineResources },
};
pipelineParts["tasks"] = pipelineTask;
pipelineParts["finally"] = pipelineTask;

const override: Shape = { moved: resources };
const taskRunSpec: Shape = {
  moved: { stepOverrides: ["stepSpecs"], sidecarOverrides: ["sidecarSpecs"] },
  dropped: ["managedBy"],
  refused: { resources: pipelineResources },
  parts: { taskRef: ref, taskSpec, params: param, stepOverrides: override, sidecarOverrides: override },
};
const pipelineTaskRunSpec: Shape = {
  moved: {
    taskServiceAccountName: ["serviceAccountName"],
    taskPodTemplate: ["podTemplate"],
    stepOverrides: ["stepSpecs"],
    sidecarOverrides: ["sidecarSpecs"],
  },
  parts: { stepOverrides: override, sidecarOverrides: override },
};
const pipelineRunSpec: Shape = {
  moved: {
    serviceAccountName: ["taskRunTemplate", "serviceAccountName"],
    podTemplate: ["taskRunTemplate", "podTemplate"],
    timeout: ["timeouts", "pipeline"],
  },
  dropped: ["managedBy"],
  refused: { resources: pipelineResources },
  parts: { pipelineRef: ref, pipelineSpec, params: param, taskRunSpecs: pipelineTaskRunSpec },
};

/** By kind, as v1beta1 writes it. */
export const betaShapes: Readonly<Record<string, Shape>> = {
  Task: { parts: { spec: taskSpec } },
  Pipeline: { parts: { spec: pipelineSpec } },
  TaskRun: { parts: { spec: taskRunSpec } },
  PipelineRun: { parts: { spec: pipelineRunSpec } },
  StepAction: { parts: { spec: { parts: { params: paramSpec } } } },
  CustomRun: { parts: { spec: { parts: { params: param, customRef: { parts: { params: param } } } } } },
};

/** By kind, as v1 writes it: nothing moves, but the param values are where they are in v1beta1. */
export const shapes: Readonly<Record<string, Shape>> = Object.fromEntries(
  Object.entries(betaShapes).map(([kind, shape]) => [kind, valuesOnly(shape, new Map())]),
);

function valuesOnly(shape: Shape, known: Map<Shape, Shape>): Shape {
  const made = known.get(shape);
  if (made !== undefined) return made;
  const parts: Record<string, Shape> = {};
  const values: Shape = { ...(shape.values && { values: shape.values }), parts };
  known.set(shape, values);
  for (const [name, part] of Object.entries(shape.parts ?? {})) parts[name] = valuesOnly(part, known);
  return values;
}

interface Removed {
  readonly field: string;
  /** A field that only the noun in question has. */
  readonly beside: string;
  readonly hint: string;
}

/** Fields that Tekton once had, or has elsewhere, with what to write instead. */
const removed: readonly Removed[] = [
  { field: "conditions", beside: "runAfter", hint: "Conditions were removed in Tekton 0.37: use when" },
  { field: "whenExpressions", beside: "runAfter", hint: "write when" },
  { field: "inputs", beside: "steps", hint: "inputs became params and workspaces in v1beta1" },
  { field: "outputs", beside: "steps", hint: "outputs became results and workspaces in v1beta1" },
  { field: "inputs", beside: "taskRef", hint: "inputs became params and workspaces in v1beta1" },
  { field: "outputs", beside: "taskRef", hint: "outputs became results and workspaces in v1beta1" },
  { field: "serviceAccountNames", beside: "taskRunSpecs", hint: "name them in taskRunSpecs" },
  { field: "serviceAccountName", beside: "taskRunTemplate", hint: "in v1 it stands in taskRunTemplate" },
  { field: "podTemplate", beside: "taskRunTemplate", hint: "in v1 it stands in taskRunTemplate" },
  { field: "timeout", beside: "taskRunTemplate", hint: "in v1 it is timeouts.pipeline" },
  { field: "taskServiceAccountName", beside: "pipelineTaskName", hint: "in v1 it is serviceAccountName" },
  { field: "taskPodTemplate", beside: "pipelineTaskName", hint: "in v1 it is podTemplate" },
  { field: "serviceAccountName", beside: "taskServiceAccountName", hint: "in v1beta1 it is taskServiceAccountName" },
  { field: "podTemplate", beside: "taskPodTemplate", hint: "in v1beta1 it is taskPodTemplate" },
  { field: "stepOverrides", beside: "stepSpecs", hint: "in v1 it is stepSpecs" },
  { field: "sidecarOverrides", beside: "sidecarSpecs", hint: "in v1 it is sidecarSpecs" },
  { field: "stepSpecs", beside: "stepOverrides", hint: "in v1beta1 it is stepOverrides" },
  { field: "sidecarSpecs", beside: "sidecarOverrides", hint: "in v1beta1 it is sidecarOverrides" },
  { field: "resources", beside: "computeResources", hint: "in v1 it is computeResources" },
  { field: "computeResources", beside: "resources", hint: "in v1beta1 it is resources" },
  {
    field: "bundle",
    beside: "resolver",
    hint: "bundles are named by a resolver now: {resolver: bundles, params: [...]}",
  },
];

/** What to write instead of a field, in the noun that has the fields `known`. */
export function removedField(known: readonly string[], field: string): string | undefined {
  return removed.find((each) => each.field === field && known.includes(each.beside))?.hint;
}

import { type EnvVarDef, type ResourceRequirements, type VolumeMount } from "./kubernetes.ts";
import { type Step, type StepTemplate } from "./task.ts";

/**
 * v1 MergeStepsWithStepTemplate, Kubernetes' strategic merge: what the step says wins, field by field and as deep as there are fields; lists are
 * the step's if it has any, but env is merged by name, volumeMounts by mountPath, volumeDevices by devicePath. An empty text or list says
 * nothing. A step whose StepAction is not known yet stays as it is.
 */
export function mergeStepTemplate(template: StepTemplate | undefined, steps: readonly Step[]): readonly Step[] {
  if (template === undefined) return steps;
  return steps.map((step) => (step.ref === undefined ? mergeStep(template, step) : step));
}

export function mergeResources(
  low: ResourceRequirements | undefined,
  high: ResourceRequirements | undefined,
): ResourceRequirements | undefined {
  return low === undefined || high === undefined ? (high ?? low) : merged(low, high);
}

function mergeStep(template: StepTemplate, step: Step): Step {
  const env = mergeBy((each) => each.name, template.env, step.env, mergeEnv);
  const volumeMounts = mergeBy((each) => each.mountPath, template.volumeMounts, step.volumeMounts, mergeMount);
  const volumeDevices = mergeBy((each) => each.devicePath, template.volumeDevices, step.volumeDevices, merged);
  return {
    ...merged<Step>(template, step),
    ...(env && { env }),
    ...(volumeMounts && { volumeMounts }),
    ...(volumeDevices && { volumeDevices }),
  };
}

/** `high` over `low`. */
function merged<T extends object>(low: T, high: T): T {
  const fields: Record<string, unknown> = Object.fromEntries(Object.entries(low));
  for (const [key, value] of Object.entries(high)) {
    const below = fields[key];
    if (hasFields(below) && hasFields(value)) fields[key] = merged(below, value);
    else if (below === undefined || !saysNothing(value)) fields[key] = value;
  }
  return fields as T;
}

function hasFields(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function saysNothing(value: unknown): boolean {
  return value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

/**
 * The step's items, with the template's of the same key under them, and the template's others among them: those stand before the first of the
 * step's items that the template has too and puts after them, otherwise at the end (strategicpatch mergeSortedSlice).
 */
function mergeBy<T>(
  key: (item: T) => string,
  template: readonly T[] | undefined,
  own: readonly T[] | undefined,
  merge: (theirs: T, ours: T) => T,
): readonly T[] | undefined {
  if (template === undefined || own === undefined || own.length === 0) return template ?? own;
  const base = new Map(template.map((item) => [key(item), item]));
  const order = template.map(key);
  const taken = new Set(own.map(key));
  const others = template.filter((item) => !taken.has(key(item)));
  const result: T[] = [];
  for (const item of own) {
    const at = order.indexOf(key(item));
    while (others[0] !== undefined && at !== -1 && order.indexOf(key(others[0])) < at)
      result.push(...others.splice(0, 1));
    const theirs = base.get(key(item));
    result.push(theirs === undefined ? item : merge(theirs, item));
  }
  return [...result, ...others];
}

/** A variable is a value or a source of one: the step's own replaces the other kind (amendConflictingContainerFields). */
function mergeEnv(theirs: EnvVarDef, ours: EnvVarDef): EnvVarDef {
  const both = merged(theirs, ours);
  return both.valueFrom !== undefined && (both.value ?? "") !== "" ? ours : both;
}

function mergeMount(theirs: VolumeMount, ours: VolumeMount): VolumeMount {
  const { readOnly, ...rest } = ours;
  return merged(theirs, readOnly === true ? ours : rest);
}

import { type EnvVarDef, type ResourceRequirements } from "./kubernetes.ts";
import { type Step, type StepTemplate } from "./task.ts";

/**
 * v1 MergeStepsWithStepTemplate, a strategic merge: the step's scalars win, lists of words are the step's if it has any, env is
 * merged by name, volumeMounts by mountPath, volumeDevices by devicePath. A step whose StepAction is not known yet stays as it is.
 */
export function mergeStepTemplate(template: StepTemplate | undefined, steps: readonly Step[]): readonly Step[] {
  if (template === undefined) return steps;
  return steps.map((step) => (step.ref === undefined ? mergeStep(template, step) : step));
}

function mergeStep(template: StepTemplate, step: Step): Step {
  const env = mergeBy((each) => each.name, template.env, step.env, mergeEnv);
  const volumeMounts = mergeBy((each) => each.mountPath, template.volumeMounts, step.volumeMounts);
  const volumeDevices = mergeBy((each) => each.devicePath, template.volumeDevices, step.volumeDevices);
  const computeResources = mergeResources(template.computeResources, step.computeResources);
  const securityContext = mergeMaps(template.securityContext, step.securityContext);
  const words = {
    ...preferred("command", template.command, step.command),
    ...preferred("args", template.args, step.args),
    ...preferred("envFrom", template.envFrom, step.envFrom),
  };
  const image = (step.image ?? "") === "" ? template.image : step.image;
  const workingDir = (step.workingDir ?? "") === "" ? template.workingDir : step.workingDir;
  const imagePullPolicy = (step.imagePullPolicy ?? "") === "" ? template.imagePullPolicy : step.imagePullPolicy;
  return {
    ...step,
    ...words,
    ...(image !== undefined && { image }),
    ...(workingDir !== undefined && { workingDir }),
    ...(imagePullPolicy !== undefined && { imagePullPolicy }),
    ...(env && { env }),
    ...(volumeMounts && { volumeMounts }),
    ...(volumeDevices && { volumeDevices }),
    ...(computeResources && { computeResources }),
    ...(securityContext && { securityContext }),
  };
}

/** An empty list of the step's own `args` is a list; no list is none. */
function preferred<K extends string, T>(
  key: K,
  template: readonly T[] | undefined,
  own: readonly T[] | undefined,
): { readonly [P in K]?: readonly T[] } {
  const chosen =
    own === undefined || (own.length === 0 && template !== undefined && key !== "args") ? (template ?? own) : own;
  return chosen === undefined ? {} : ({ [key]: chosen } as { readonly [P in K]?: readonly T[] });
}

/**
 * The step's items, with the template's of the same key merged in, and the template's others among them: each where the order of the
 * template has it, and no sooner than it must be (strategicpatch mergeSortedSlice).
 */
function mergeBy<T>(
  key: (item: T) => string,
  template: readonly T[] | undefined,
  own: readonly T[] | undefined,
  merge: (theirs: T, ours: T) => T = (theirs, ours) => ({ ...theirs, ...ours }),
): readonly T[] | undefined {
  if (template === undefined || own === undefined) return own ?? template;
  const base = new Map(template.map((item) => [key(item), item]));
  const merged = own.map((item) => {
    const theirs = base.get(key(item));
    return theirs === undefined ? item : merge(theirs, item);
  });
  const order = template.map(key);
  const taken = new Set(own.map(key));
  const others = template.filter((item) => !taken.has(key(item)));
  const result: T[] = [];
  for (const item of merged) {
    const at = order.indexOf(key(item));
    while (others[0] !== undefined && at !== -1 && order.indexOf(key(others[0])) < at)
      result.push(...others.splice(0, 1));
    result.push(item);
  }
  return [...result, ...others];
}

/** A variable is a value or a source of one, so the step's own replaces the template's (amendConflictingContainerFields). */
function mergeEnv(theirs: EnvVarDef, ours: EnvVarDef): EnvVarDef {
  return ours.value === undefined && ours.valueFrom === undefined ? theirs : ours;
}

function mergeResources(
  template: ResourceRequirements | undefined,
  own: ResourceRequirements | undefined,
): ResourceRequirements | undefined {
  if (template === undefined || own === undefined) return own ?? template;
  const limits = mergeMaps(template.limits, own.limits);
  const requests = mergeMaps(template.requests, own.requests);
  return { ...template, ...own, ...(limits && { limits }), ...(requests && { requests }) };
}

function mergeMaps<T extends object>(template: T | undefined, own: T | undefined): T | undefined {
  return template === undefined || own === undefined ? (own ?? template) : { ...template, ...own };
}

import { type ResourceRequirements, type SecurityContext, type Step, type StepTemplate } from "@lapcat/tekton";

/**
 * A step on top of the Task's stepTemplate, as Kubernetes' strategic merge does it: texts and lists of the step win, `env` is merged by name and
 * `volumeMounts` by mountPath, `securityContext` and `computeResources` key by key (v1/merge.go). An empty field is as good as none.
 */
export function stepOnTemplate(step: Step, template: StepTemplate | undefined): Step {
  if (template === undefined || step.ref !== undefined) return step;
  const merged = { ...template, ...withoutEmpty(step) };
  const env = mergedBy((each) => each.name, template.env, step.env);
  const volumeMounts = mergedBy((each) => each.mountPath, template.volumeMounts, step.volumeMounts);
  const volumeDevices = mergedBy((each) => each.devicePath, template.volumeDevices, step.volumeDevices);
  const securityContext = mergedSecurity(template.securityContext, step.securityContext);
  const computeResources = mergedResources(template.computeResources, step.computeResources);
  return {
    ...merged,
    ...(env === undefined ? {} : { env }),
    ...(volumeMounts === undefined ? {} : { volumeMounts }),
    ...(volumeDevices === undefined ? {} : { volumeDevices }),
    ...(securityContext === undefined ? {} : { securityContext }),
    ...(computeResources === undefined ? {} : { computeResources }),
  };
}

export function mergedResources(
  low: ResourceRequirements | undefined,
  high: ResourceRequirements | undefined,
): ResourceRequirements | undefined {
  if (low === undefined || high === undefined) return high ?? low;
  const limits = { ...low.limits, ...high.limits };
  const requests = { ...low.requests, ...high.requests };
  return {
    ...low,
    ...high,
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(Object.keys(requests).length === 0 ? {} : { requests }),
  };
}

function mergedSecurity(
  low: SecurityContext | undefined,
  high: SecurityContext | undefined,
): SecurityContext | undefined {
  if (low === undefined || high === undefined) return high ?? low;
  const capabilities =
    low.capabilities === undefined && high.capabilities === undefined
      ? {}
      : { capabilities: { ...low.capabilities, ...high.capabilities } };
  return { ...low, ...high, ...capabilities };
}

function withoutEmpty(step: Step): Step {
  const entries = Object.entries(step).filter(
    ([, value]) => value !== "" && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(entries);
}

/**
 * The step's items, and the template's that it does not override: those stand before the first of the step's items that the template has too and
 * puts after them, otherwise at the end (apimachinery's strategicpatch, mergeSortedSlice).
 */
function mergedBy<T>(
  keyOf: (item: T) => string,
  template: readonly T[] | undefined,
  own: readonly T[] | undefined,
): readonly T[] | undefined {
  if (template === undefined || template.length === 0 || own === undefined || own.length === 0)
    return own === undefined || own.length === 0 ? template : own;
  const places = new Map(template.map((item, index) => [keyOf(item), index]));
  const mine = new Set(own.map(keyOf));
  const inherited = template.filter((item) => !mine.has(keyOf(item)));
  const merged: T[] = [];
  let next = 0;
  for (const item of own) {
    const place = places.get(keyOf(item));
    while (place !== undefined && next < inherited.length) {
      const candidate = inherited[next];
      if (candidate === undefined || (places.get(keyOf(candidate)) ?? 0) > place) break;
      merged.push(candidate);
      next++;
    }
    merged.push(item);
  }
  return [...merged, ...inherited.slice(next)];
}

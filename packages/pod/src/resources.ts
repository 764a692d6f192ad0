import { type PlannedTaskRun } from "@lapcat/plan";
import {
  mergeResources,
  parseQuantity,
  type ResourceRequirements,
  type Sidecar,
  type Step,
  type StepOrSidecarSpec,
} from "@lapcat/tekton";
import { type Complaints } from "./complaints.ts";

/** Steps and sidecars with what the TaskRun says of their resources: by name, or for all together (computeresources/tasklevel). */
export function withSpecifiedResources(
  steps: readonly Step[],
  sidecars: readonly Sidecar[],
  planned: Pick<PlannedTaskRun, "stepSpecs" | "sidecarSpecs" | "computeResources">,
  complaints: Complaints,
): { readonly steps: readonly Step[]; readonly sidecars: readonly Sidecar[] } {
  const named = specified(steps, planned.stepSpecs, "stepSpecs", complaints);
  const limited = distributed(named, planned.computeResources);
  const others = specified(sidecars, planned.sidecarSpecs, "sidecarSpecs", complaints);
  limited.forEach((step, index) => checkQuantities(step.computeResources, "steps", index, complaints));
  others.forEach((sidecar, index) => checkQuantities(sidecar.computeResources, "sidecars", index, complaints));
  return { steps: limited, sidecars: others };
}

/** Every step has the TaskRun's limits, and its part of the requests; of the limits, where nobody states requests. */
function distributed(steps: readonly Step[], whole: ResourceRequirements | undefined): readonly Step[] {
  if (whole?.limits === undefined && whole?.requests === undefined) return steps;
  const { limits } = whole;
  const part = partOf(whole.requests, steps.length);
  const ofLimits = partOf(limits, steps.length);
  return steps.map((step) => {
    const { limits: _limits, requests: own, ...others } = step.computeResources ?? {};
    const requests = own === undefined && whole.requests === undefined ? ofLimits : part;
    return {
      ...step,
      computeResources: { ...others, ...(limits && { limits }), ...(requests && { requests }) },
    };
  });
}

/** Bytes in whole bytes, all else in thousandths. */
function partOf(quantities: ResourceRequirements["requests"], count: number): ResourceRequirements["requests"] {
  const parts = Object.entries(quantities ?? {}).map(([name, quantity]) => {
    const all = parseQuantity(quantity) ?? 0;
    const inBytes = name === "memory" || name === "ephemeral-storage";
    return [name, inBytes ? Math.trunc(all / count) : `${Math.trunc((all * 1000) / count)}m`] as const;
  });
  return parts.length === 0 ? undefined : Object.fromEntries(parts);
}

function specified<C extends Step | Sidecar>(
  containers: readonly C[],
  specs: readonly StepOrSidecarSpec[],
  field: string,
  complaints: Complaints,
): readonly C[] {
  for (const { name } of specs) {
    if (!containers.some((container) => container.name === name))
      complaints.error("field.value", `${field} names ${JSON.stringify(name)}, which the Task does not have`);
  }
  return containers.map((container) => {
    const spec = specs.findLast(({ name }) => name === container.name);
    const computeResources = mergeResources(container.computeResources, spec?.computeResources);
    return computeResources === undefined ? container : { ...container, computeResources };
  });
}

function checkQuantities(
  resources: ResourceRequirements | undefined,
  list: string,
  index: number,
  complaints: Complaints,
): void {
  for (const [name, quantity] of Object.entries(resources?.limits ?? {})) {
    if (parseQuantity(quantity) === undefined)
      complaints.error("field.value", `${JSON.stringify(quantity)} is no quantity`, [
        list,
        index,
        "computeResources",
        "limits",
        name,
      ]);
  }
}

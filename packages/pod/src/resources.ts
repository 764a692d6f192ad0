import { type PlannedTaskRun } from "@lapcat/plan";
import {
  parseQuantity,
  type ResourceRequirements,
  type Sidecar,
  type Step,
  type StepOrSidecarSpec,
} from "@lapcat/tekton";
import { type Complaints } from "./complaints.ts";
import { mergedResources } from "./step-template.ts";

/** Steps and sidecars with what the TaskRun says of their resources: by name, or a limit for each step (computeresources/tasklevel). */
export function withSpecifiedResources(
  steps: readonly Step[],
  sidecars: readonly Sidecar[],
  planned: Pick<PlannedTaskRun, "stepSpecs" | "sidecarSpecs" | "computeResources">,
  complaints: Complaints,
): { readonly steps: readonly Step[]; readonly sidecars: readonly Sidecar[] } {
  const limits = planned.computeResources?.limits;
  const named = specified(steps, planned.stepSpecs, "stepSpecs", complaints);
  const limited =
    limits === undefined
      ? named
      : named.map((step) => ({ ...step, computeResources: { ...step.computeResources, limits } }));
  const others = specified(sidecars, planned.sidecarSpecs, "sidecarSpecs", complaints);
  limited.forEach((step, index) => checkQuantities(step.computeResources, "steps", index, complaints));
  others.forEach((sidecar, index) => checkQuantities(sidecar.computeResources, "sidecars", index, complaints));
  return { steps: limited, sidecars: others };
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
    const computeResources = mergedResources(container.computeResources, spec?.computeResources);
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

import { type PodTemplate } from "../kubernetes.ts";
import { type PipelineTaskRunSpec, type StepOrSidecarSpec } from "../runs.ts";
import { needApiFields } from "./gates.ts";
import { report, reportMissing, within, type Scope } from "./scope.ts";

type Overrides = Pick<PipelineTaskRunSpec, "stepSpecs" | "sidecarSpecs" | "computeResources" | "podTemplate">;

/** What a TaskRun and a PipelineRun's taskRunSpecs say of steps, sidecars and resources (validateTaskRunSpec). */
export function checkOverrides(scope: Scope, overrides: Overrides): void {
  for (const list of ["stepSpecs", "sidecarSpecs"] as const) {
    const specs = overrides[list];
    if (specs === undefined) continue;
    needApiFields(scope, list, list, "beta");
    checkSpecNames(within(scope, list), specs);
  }
  if (overrides.computeResources !== undefined) {
    needApiFields(scope, "computeResources", "computeResources of a whole TaskRun", "beta");
    if (
      overrides.stepSpecs?.some(
        ({ computeResources }) => Object.keys((computeResources as object | undefined) ?? {}).length > 0,
      ) === true
    ) {
      report(
        within(scope, "computeResources"),
        "field.conflict",
        "computeResources stand here or in stepSpecs, not in both",
        { atKey: true },
      );
    }
  }
  checkPodTemplateEnv(scope, overrides.podTemplate);
}

/** validateStepSpecs and validateSidecarSpecs. */
function checkSpecNames(scope: Scope, specs: readonly StepOrSidecarSpec[]): void {
  const names = new Set<string>();
  specs.forEach((spec, index) => {
    const name = ((spec.name as string | undefined) ?? "").toLowerCase();
    const place = within(scope, index);
    if (name === "") reportMissing(place, "name", "an override");
    else if (names.has(name)) report(within(place, "name"), "field.duplicate", `${spec.name} is named more than once`);
    names.add(name);
  });
}

/** validatePodTemplateEnv. */
export function checkPodTemplateEnv(scope: Scope, template: PodTemplate | undefined): void {
  template?.env?.forEach(({ name }, index) => {
    if (!scope.gates.forbiddenEnv.includes(name)) return;
    report(
      within(scope, "podTemplate", "env", index, "name"),
      "field.value",
      `default-forbidden-env forbids the variable ${name}`,
    );
  });
}

import { type PodTemplate } from "../kubernetes.ts";
import { type PipelineTaskRunSpec, type StepOrSidecarSpec } from "../runs.ts";
import { needApiFields } from "./gates.ts";
import { inside, named, namedAs, report, reportMissing, within, type Scope } from "./scope.ts";

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
      overrides.stepSpecs?.some(({ computeResources }) =>
        Object.values((computeResources as object | undefined) ?? {}).some(isFilled),
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

function isFilled(value: object): boolean {
  return Object.keys(value).length > 0;
}

/** validateStepSpecs and validateSidecarSpecs. */
function checkSpecNames(scope: Scope, specs: readonly StepOrSidecarSpec[]): void {
  const names = new Set<string>();
  let count = 0;
  specs.forEach((spec, index) => {
    const name = ((spec.name as string | undefined) ?? "").toLowerCase();
    const place = within(scope, index);
    if (name === "") reportMissing(place, "name", "an override");
    else if (names.has(name)) {
      // Upstream counts the names, not the overrides.
      const at = named(namedAs(inside(place, "name"), scope), `[${count}]`, "name");
      report(at, "field.duplicate", `${spec.name} is named more than once`);
    }
    if (name !== "") count++;
    names.add(name);
  });
}

/** validatePodTemplateEnv. */
export function checkPodTemplateEnv(scope: Scope, template: PodTemplate | undefined): void {
  template?.env?.forEach(({ name }, index) => {
    if (!scope.gates.forbiddenEnv.includes(name)) return;
    report(
      named(inside(scope, "podTemplate", "env", index, "name"), "PodTemplate", "Env"),
      "field.value",
      `default-forbidden-env forbids the variable ${name}`,
    );
  });
}

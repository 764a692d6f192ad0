import { type CustomRun, type CustomRunSpec } from "../custom-run.ts";
import { checkObjectMeta } from "./object-meta.ts";
import { checkGivenParams } from "./params.ts";
import { inside, named, report, reportMissing, within, type Scope } from "./scope.ts";
import { checkWorkspaceBindings } from "./workspace-binding.ts";

/** CustomRun.Validate and CustomRunSpec.Validate, which stop at the first fault: all are told here. */
export function checkCustomRun(scope: Scope, run: CustomRun): void {
  checkObjectMeta(scope, run.metadata);
  const place = within(scope, "spec");
  const { spec } = run;
  checkRefOrSpec(place, spec);
  if ((spec.status ?? "") === "" && (spec.statusMessage ?? "") !== "") {
    const at = named(inside(scope, "spec", "statusMessage"), "statusMessage");
    report(at, "field.conflict", "a statusMessage comes with a status", { atKey: true });
  }
  checkGivenParams(place, spec.params ?? []);
  checkWorkspaceBindings(place, spec.workspaces ?? [], true);
}

function checkRefOrSpec(scope: Scope, spec: CustomRunSpec): void {
  const forms = (["customRef", "customSpec"] as const).filter((form) => spec[form] !== undefined);
  if (forms.length === 0) {
    reportMissing(scope, "customRef", "a CustomRun", "write customRef or customSpec, with apiVersion and kind");
  }
  if (forms.length === 2) {
    report(within(scope, "customSpec"), "field.conflict", "a CustomRun has a customRef or a customSpec", {
      atKey: true,
    });
    return;
  }
  for (const form of forms) {
    for (const field of ["apiVersion", "kind"] as const) {
      if ((spec[form]?.[field] ?? "") === "") reportMissing(within(scope, form), field, `the ${form}`);
    }
  }
}

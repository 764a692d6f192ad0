import { type WorkspaceBinding } from "../runs.ts";
import { isObject } from "../is-object.ts";
import { inside, named, report, reportMissing, within, type Scope } from "./scope.ts";

const sources = [
  "emptyDir",
  "persistentVolumeClaim",
  "volumeClaimTemplate",
  "configMap",
  "secret",
  "projected",
  "csi",
] as const satisfies readonly (keyof WorkspaceBinding)[];

/** WorkspaceBinding.Validate: one source, and what that source cannot do without. */
export function checkWorkspaceBinding(scope: Scope, binding: WorkspaceBinding): void {
  const given = sources.filter((source) => binding[source] !== undefined);
  const what = `the workspace ${binding.name}`;
  if (given.length !== 1) {
    const message =
      given.length === 0 ? `${what} has no source` : `${what} has ${given.length} sources: ${given.join(", ")}`;
    // Of a binding without anything upstream says that it is missing.
    const isEmpty = given.length === 0 && binding.name === "" && (binding.subPath ?? "") === "";
    report(isEmpty ? scope : named(scope, "persistentvolumeclaim"), "workspace.binding", message, {
      hint: `give it one of ${sources.join(", ")}`,
    });
    return;
  }
  const missing = (source: string, field: string, word: string): void =>
    reportMissing(inside(scope, source), field, what, undefined, word);
  const { persistentVolumeClaim, configMap, secret, projected, csi } = binding;
  if (persistentVolumeClaim !== undefined && ((persistentVolumeClaim.claimName as string | undefined) ?? "") === "") {
    missing("persistentVolumeClaim", "claimName", "persistentvolumeclaim.claimname");
  }
  if (configMap !== undefined && (configMap.name ?? "") === "") missing("configMap", "name", "configmap.name");
  if (secret !== undefined && (secret.secretName ?? "") === "") missing("secret", "secretName", "secret.secretName");
  if (projected !== undefined && (projected.sources ?? []).length === 0)
    missing("projected", "sources", "projected.sources");
  if (
    csi !== undefined &&
    (!isObject(csi as never) || !("driver" in (csi as object)) || (csi as { driver: unknown }).driver === "")
  ) {
    missing("csi", "driver", "csi.driver");
  }
}

/** ValidateWorkspaceBindings, and the loop of PipelineRunSpec.Validate; names differ in more than case in a TaskRun. */
export function checkWorkspaceBindings(scope: Scope, bindings: readonly WorkspaceBinding[], anyCase: boolean): void {
  const names = new Set<string>();
  bindings.forEach((binding, index) => {
    const place = within(scope, "workspaces", index);
    checkWorkspaceBinding(place, binding);
    const name = anyCase ? binding.name.toLowerCase() : binding.name;
    if (names.has(name))
      report(within(place, "name"), "field.duplicate", `the workspace ${binding.name} is bound more than once`);
    names.add(name);
  });
}

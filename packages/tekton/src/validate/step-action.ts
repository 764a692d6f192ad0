import { findPrefixed, type PrefixedReference } from "@lapcat/substitution";
import { type ParamSpec } from "../param.ts";
import { type StepAction } from "../task.ts";
import { needApiFields } from "./gates.ts";
import { checkObjectMeta } from "./object-meta.ts";
import {
  checkObjectProperties,
  checkParamNames,
  checkParamTypes,
  checkParamsUnique,
  declaredParams,
  knownParams,
} from "./params.ts";
import { checkIsolated, checkKnown, checkNoArrays, checkNoWholeObjects } from "./references.ts";
import { findCircle } from "./pipeline-graph.ts";
import { inside, meantHint, named, report, reportMissing, within, type Scope } from "./scope.ts";
import { checkScriptOrCommand, checkStepResult } from "./step.ts";
import { stepTexts } from "./step-texts.ts";

/** StepAction.Validate and StepActionSpec.Validate (v1beta1/stepaction_validation.go). */
export function checkStepAction(scope: Scope, action: StepAction): void {
  checkObjectMeta(scope, action.metadata);
  const place = within(scope, "spec");
  const spec = action.spec;
  if ((spec.image ?? "") === "") reportMissing(place, "image", "a StepAction", undefined, "Image");
  checkScriptOrCommand(place, spec);
  if (spec.script?.trim().startsWith("#!win") === true) needApiFields(place, "script", "a Windows script", "alpha");
  if (findPrefixed(spec.script ?? "", "params").length > 0) {
    report(within(place, "script"), "reference.unknown", "a StepAction's script may not name params", {
      hint: "pass the param as an env variable, and use that",
    });
  }
  const params = spec.params ?? [];
  const declared = declaredParams(place);
  const { all, arrays, objects } = knownParams(params);
  const objectNames = new Set(objects.keys());
  for (const { path, words, text, isItem } of stepTexts(spec)) {
    if (path[0] === "workingDir" || (path[0] === "volumeMounts" && path[2] !== "name")) continue;
    const isMount = path[0] === "volumeMounts";
    const at = named(inside(place, ...path), ...(isMount ? ["volumeMounts", `[${path[1]}]`] : words));
    checkKnown(at, text, "params", all);
    for (const [name, keys] of objects) checkKnown(at, text, `params.${name}`, keys);
    checkNoWholeObjects(at, text, "params", objectNames);
    (isItem ? checkIsolated : checkNoArrays)(at, text, "params", arrays);
  }
  checkDefaults(place, params);
  checkObjectProperties(declared, params);
  checkParamTypes(declared, params);
  checkParamsUnique(declared, params);
  checkParamNames(declared, params);
  const results = new Set((spec.results ?? []).map(({ name }) => name));
  checkKnown(within(place, "script"), spec.script ?? "", "step.results", results);
  checkKnown(within(place, "script"), spec.script ?? "", "results", results);
  spec.results?.forEach((result, index) => checkStepResult(within(place, "results", index), result));
  checkMounts(place, spec.volumeMounts ?? []);
}

/** validateDefaultParameterReferences, which only v1alpha1 refuses; the run would fail of it in any version. */
function checkDefaults(scope: Scope, params: readonly ParamSpec[]): void {
  const severity = scope.version === "v1alpha1" ? "error" : "warning";
  const names = new Set(params.map(({ name }) => name));
  const edges = new Map<string, ReadonlySet<string>>();
  params.forEach((param, index) => {
    if (typeof param.default !== "string") return;
    // v1alpha1 cuts the name out of `$(params.x)`, and knows no other way to write it.
    const nameOf = ({ raw, whole }: PrefixedReference): string =>
      severity === "error" ? raw.replace(/^\$\(params\./u, "").slice(0, -1) : whole;
    const used = findPrefixed(param.default, "params").map(nameOf);
    edges.set(param.name, new Set(used));
    for (const name of used.filter((each) => !names.has(each))) {
      const at = named(inside(scope, "params", index, "default"), "params");
      report(at, "reference.unknown", `there is no param ${JSON.stringify(name)}`, {
        severity,
        hint: meantHint(name, names),
      });
    }
  });
  const circle = findCircle(edges);
  if (circle === undefined) return;
  const index = params.findIndex(({ name }) => name === circle[0]);
  const at = named(inside(scope, "params", index, "default"), "params");
  report(at, "field.value", `these defaults need one another: ${[...circle, circle[0]].join(" → ")}`, { severity });
}

/** validateVolumeMounts: an action has no volumes of its own, so that a mount's name comes in as a param. */
function checkMounts(scope: Scope, mounts: readonly { readonly name: string }[]): void {
  mounts.forEach(({ name }, index) => {
    const references = findPrefixed(name, "params");
    if (references.length === 1 && references[0]?.raw === name) return;
    report(
      within(scope, "volumeMounts", index, "name"),
      "field.value",
      "a StepAction's volumeMount is named by a param: $(params.x)",
    );
  });
}

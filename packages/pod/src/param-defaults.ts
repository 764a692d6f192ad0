import { classify, findReferences } from "@lapcat/substitution";
import { type Param, type TaskSpec } from "@lapcat/tekton";
import { type Complaints } from "./complaints.ts";

/**
 * A default may name other params. Tekton looks at their defaults only, one level deep, whatever the TaskRun passes
 * (taskrun/resources/apply.go, replacementsFromDefaultParams). Says so where the TaskRun's value would be expected.
 */
export function complainOfDefaults(spec: TaskSpec, given: readonly Param[], complaints: Complaints): void {
  const passed = new Set(given.map(({ name }) => name));
  const params = spec.params ?? [];
  params.forEach((param, index) => {
    if (typeof param.default !== "string" || passed.has(param.name)) return;
    for (const reference of findReferences(param.default)) {
      const variable = classify(reference);
      if (variable.kind !== "param") continue;
      const of = params.find(({ name }) => name === variable.name)?.default;
      const isPlain = of !== undefined && !(typeof of === "string" && of.includes("$(params."));
      const problem = isPlain
        ? `takes the default of ${JSON.stringify(variable.name)}, not the value that the TaskRun passes, as Tekton does`
        : `names ${reference.raw}, which has no plain default: it stays as it is written`;
      if (!isPlain || passed.has(variable.name))
        complaints.warning("reference.unknown", `the default of param ${JSON.stringify(param.name)} ${problem}`, [
          "params",
          index,
          "default",
        ]);
    }
  });
}

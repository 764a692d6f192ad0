import { classify, findReferences } from "@lapcat/substitution";
import { type Param, type TaskSpec } from "@lapcat/tekton";
import { type Complaints } from "./complaints.ts";

/**
 * A default may name other params. Tekton looks at their defaults only, those that name none themselves and those declared before it, and puts
 * in the last one only (taskrun/resources/apply.go, replacementsFromDefaultParams). Says so where more would be expected.
 */
export function complainOfDefaults(spec: TaskSpec, given: readonly Param[], complaints: Complaints): void {
  const passed = new Set(given.map(({ name }) => name));
  const params = spec.params ?? [];
  params.forEach((param, index) => {
    const text = param.default;
    if (typeof text !== "string" || passed.has(param.name)) return;
    const named = findReferences(text).flatMap((reference) => {
      const variable = classify(reference);
      return variable.kind === "param"
        ? [{ name: variable.name, raw: reference.raw, dotted: !reference.bracketed }]
        : [];
    });
    const isKnown = ({ name, dotted }: (typeof named)[number]): boolean => {
      const at = params.findIndex((each) => each.name === name);
      const value = params[at]?.default;
      return (
        dotted && value !== undefined && (at < index || !(typeof value === "string" && value.includes("$(params.")))
      );
    };
    const last = named.findLast(isKnown);
    for (const { name, raw } of named) {
      const problem =
        last === undefined
          ? `names ${raw}, which has no default that counts: the param has no value, and stays as it is written where it is used`
          : raw !== last.raw
            ? `names ${raw}, which stays as it is written: Tekton puts in the last param only`
            : `takes the default of ${JSON.stringify(name)}, not the value that the TaskRun passes, as Tekton does`;
      if (raw !== last?.raw || passed.has(name))
        complaints.warning("reference.unknown", `the default of param ${JSON.stringify(param.name)} ${problem}`, [
          "params",
          index,
          "default",
        ]);
    }
  });
}

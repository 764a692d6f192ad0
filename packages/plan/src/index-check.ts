import { type Diagnostic } from "@lapcat/diagnostic";
import { findReferences } from "@lapcat/substitution";
import { isArrayValue, type Param } from "@lapcat/tekton";
import { error, type Path, type Place } from "./place.ts";
import { textsIn } from "./texts.ts";

/** A reference to an element that an array param does not have. */
export interface BeyondEnd {
  readonly raw: string;
  readonly path: Path;
  readonly name: string;
  readonly length: number;
}

/** Arrays that come of results are not known here. */
export function beyondEnd(value: unknown, params: readonly Param[]): readonly BeyondEnd[] {
  const lengths = new Map(
    params.flatMap((each) =>
      isArrayValue(each.value) && !holdsStar(each.value) ? [[each.name, each.value.length]] : [],
    ),
  );
  if (lengths.size === 0) return [];
  return [...textsIn(value)].flatMap(({ text, path }) =>
    findReferences(text).flatMap(({ raw, parts: [prefix, name = ""], index }) => {
      const length = prefix === "params" ? lengths.get(name) : undefined;
      return index === undefined || length === undefined || index < length ? [] : [{ raw, path, name, length }];
    }),
  );
}

export function indexDiagnostics(value: unknown, params: readonly Param[], place: Place): readonly Diagnostic[] {
  return beyondEnd(value, params).map(({ raw, path, name, length }) => {
    const has = `${length} element${length === 1 ? "" : "s"}`;
    return error(
      "reference.unknown",
      place,
      path,
      `${raw} is beyond the end of array param "${name}", which has ${has}`,
    );
  });
}

function holdsStar(values: readonly string[]): boolean {
  return values.some((each) => /\$\(.*\[\*\]\)/u.test(each));
}

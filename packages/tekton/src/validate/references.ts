import { type Span } from "@lapcat/diagnostic";
import {
  findPrefixed,
  prohibitedReferences,
  unisolatedReferences,
  unknownReferences,
  wholeReferences,
  type PrefixedReference,
} from "@lapcat/substitution";
import { meantHint, report, type Scope } from "./scope.ts";

/** Params by what may be done with them. */
export interface KnownParams {
  readonly all: ReadonlySet<string>;
  readonly arrays: ReadonlySet<string>;
  /** The keys of each object param. */
  readonly objects: ReadonlyMap<string, ReadonlySet<string>>;
}

/** substitution.ValidateNoReferencesToUnknownVariables. */
export function checkKnown(scope: Scope, text: string, prefix: string, names: ReadonlySet<string>): void {
  for (const each of firstOf(unknownReferences(shallow(scope, text, prefix), names))) {
    const name = each.name.replace(/\[[0-9]*\*?\]/gu, "");
    report(scope, "reference.unknown", `there is no ${describe(prefix, name)}`, {
      span: spanIn(scope, text, each),
      hint: meantHint(name, names),
    });
  }
}

/** substitution.ValidateNoReferencesToProhibitedVariables: an array stands where one text is wanted. */
export function checkNoArrays(scope: Scope, text: string, prefix: string, arrays: ReadonlySet<string>): void {
  for (const each of firstOf(prohibitedReferences(shallow(scope, text, prefix), arrays))) {
    report(scope, "param.type", `${each.raw} is an array, and this is one text`, {
      span: spanIn(scope, text, each),
      hint: `take an element: $(${prefix}.${each.name.replace("[*]", "")}[0])`,
    });
  }
}

/** substitution.ValidateNoReferencesToEntireProhibitedVariables: an object stands where one text is wanted. */
export function checkNoWholeObjects(scope: Scope, text: string, prefix: string, objects: ReadonlySet<string>): void {
  for (const each of firstOf(wholeReferences(findPrefixed(text, prefix), objects))) {
    report(scope, "param.type", `${each.raw} is an object, and this is one text`, {
      span: spanIn(scope, text, each),
      hint: `take a key: $(${prefix}.${each.name.replace("[*]", "")}.key)`,
    });
  }
}

/** substitution.ValidateVariableReferenceIsIsolated: an array in a list has to be the whole item. */
export function checkIsolated(scope: Scope, text: string, prefix: string, arrays: ReadonlySet<string>): void {
  for (const each of firstOf(unisolatedReferences(text, shallow(scope, text, prefix), arrays))) {
    report(scope, "param.type", `${each.raw} is an array and has to be the whole item`, {
      span: spanIn(scope, text, each),
      hint: `give it an item of its own: "${each.raw}"`,
    });
  }
}

/** validateStringVariable and validateArrayVariable: the rules for a text of a PipelineTask. */
export function checkParamsIn(scope: Scope, text: string, known: KnownParams, isItem: boolean): void {
  checkKnown(scope, text, "params", known.all);
  for (const [name, keys] of known.objects) checkKnown(scope, text, `params.${name}`, keys);
  checkNoWholeObjects(scope, text, "params", new Set(known.objects.keys()));
  (isItem ? checkIsolated : checkNoArrays)(scope, text, "params", known.arrays);
}

/** The references with a prefix; those that go deeper than upstream allows are told and left out. */
function shallow(scope: Scope, text: string, prefix: string): readonly PrefixedReference[] {
  const references = findPrefixed(text, prefix);
  for (const deep of firstOf(references.filter(({ tooDeep }) => tooDeep))) {
    report(scope, "reference.unknown", `${deep.raw} has more than two names after ${prefix}`, {
      span: spanIn(scope, text, deep),
      hint: `a name with dots stands in brackets: $(${prefix}["${deep.whole}"])`,
    });
  }
  return references.filter(({ tooDeep }) => !tooDeep);
}

/** So many in one text are told: who mends them finds the rest, and each costs a look at the whole text. */
function firstOf(references: readonly PrefixedReference[]): readonly PrefixedReference[] {
  return references.slice(0, 20);
}

function describe(prefix: string, name: string): string {
  if (prefix === "params") return `param ${JSON.stringify(name)}`;
  if (prefix.startsWith("params."))
    return `key ${JSON.stringify(name)} in the object param ${JSON.stringify(prefix.slice(7))}`;
  if (prefix === "results" || prefix === "step.results") return `result ${JSON.stringify(name)}`;
  return `variable ${prefix}.${name}`;
}

/** Where a part of a text stands, if the scalar has it verbatim; the scalar otherwise. */
export function spanIn(scope: Scope, text: string, part: { readonly raw: string; readonly start: number }): Span {
  const scalar = scope.origin.spanOf(scope.path);
  const written = scalar.file.text.slice(scalar.start, scalar.end);
  const before = text.slice(0, part.start).split(part.raw).length - 1;
  let at = written.indexOf(part.raw);
  for (let skip = before; skip > 0 && at !== -1; skip--) at = written.indexOf(part.raw, at + 1);
  if (at === -1) return scalar;
  return { file: scalar.file, start: scalar.start + at, end: scalar.start + at + part.raw.length };
}

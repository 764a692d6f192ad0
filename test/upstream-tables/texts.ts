import {
  classify,
  findPrefixed,
  findReferences,
  isolatedReference,
  looksLikeResult,
  parseResultExpression,
  prohibitedReferences,
  replace,
  replaceList,
  replaceValue,
  unisolatedReferences,
  unknownReferences,
  wholeReferences,
  type PrefixedReference,
  type Replacements,
  type Value,
} from "../../packages/substitution/src/index.ts";
import { type Case, type Input, type Judges, type Verdict } from "./case.ts";

export const replacementsOf = (input: Input): Replacements => ({
  strings: new Map(Object.entries(input.replacements ?? input.stringReplacements ?? {})),
  arrays: new Map(Object.entries(input.arrayReplacements ?? {})),
  objects: new Map(Object.entries(input.objectReplacements ?? {})),
});

/** Upstream's prefix is a regular expression; ours are words. */
const prefixesOf = ({ prefix }: Input): readonly string[] =>
  prefix === "resources.(?:inputs|outputs)" ? ["resources.inputs", "resources.outputs"] : [prefix];

const refusal = (
  { input, error }: Case,
  judge: (found: readonly PrefixedReference[], names: ReadonlySet<string>) => readonly PrefixedReference[],
  depthMatters = true,
): Verdict => {
  const found = findPrefixed(input.value, ...prefixesOf(input));
  const tooDeep = depthMatters && found.some((each) => each.tooDeep);
  return [tooDeep || judge(found, new Set(Object.keys(input.vars))).length > 0, error !== undefined];
};

export const textJudges: Judges = {
  "substitution.ApplyReplacements": ({ input, expected }) => [replace(input.in, replacementsOf(input)), expected],
  "substitution.ApplyArrayReplacements": ({ input, expected }) => [
    replaceList([input.in], replacementsOf(input)),
    expected,
  ],
  "substitution.ValidateNoReferencesToUnknownVariables": (row) => refusal(row, unknownReferences),
  "substitution.ValidateNoReferencesToUnknownVariablesWithDetail": (row) => refusal(row, unknownReferences),
  "substitution.ValidateNoReferencesToProhibitedVariables": (row) => refusal(row, prohibitedReferences),
  "substitution.ValidateNoReferencesToEntireProhibitedVariables": (row) => refusal(row, wholeReferences, false),
  "substitution.ValidateVariableReferenceIsIsolated": (row) =>
    refusal(row, (found, names) => unisolatedReferences(row.input.value, found, names)),
  "substitution.ExtractVariablesFromString": ({ input, expected }) => {
    const found = findPrefixed(input.s, ...prefixesOf(input));
    const [names, present, complaint] = expected as [readonly string[], boolean, string];
    const ours = complaint === "" ? found.map((each) => each.name) : names;
    return [
      { names: ours, present: found.length > 0, tooDeep: found.some((each) => each.tooDeep) },
      { names, present, tooDeep: complaint !== "" },
    ];
  },
  "substitution.ExtractVariableExpressions": ({ input, expected }) => [
    findPrefixed(input.s, ...prefixesOf(input)).map((each) => each.raw),
    expected,
  ],
  "substitution.ExtractArrayIndexingParamsExpressions": ({ input, expected }) => {
    const params = findReferences(input.s).filter((each) => classify(each).kind === "param");
    return [params.filter((each) => each.index !== undefined).map((each) => each.raw), expected ?? []];
  },
  "substitution.ExtractIndexString": ({ input, expected }) => {
    const index = findReferences(input.s)[0]?.index;
    return [index === undefined ? "" : `[${index}]`, expected];
  },
  "substitution.StripStarVarSubExpression": ({ input, expected }) => {
    const expression = isolatedReference(input.s)?.expression ?? input.s;
    return [expression.endsWith("[*]") ? expression.slice(0, -3) : expression, expected];
  },
  "apis/pipeline/v1.NewResultRefs": ({ input, expected }) => {
    const found = input.expressions.flatMap((each) => parseResultExpression(each) ?? []);
    const ours = found.map(({ task, result, key, index }) => ({
      pipelineTask: task,
      property: key ?? "",
      result,
      ...(index !== undefined && { resultsIndex: index }),
    }));
    return [ours, expected ?? []];
  },
  "apis/pipeline/v1.LooksLikeContainsResultRefs": ({ input, expected }) => [
    input.expressions.some(looksLikeResult),
    expected,
  ],
  "apis/pipeline/v1.ParamValue.ApplyReplacements": ({ receiver, input, expectedReceiver }) => [
    replaceValue((receiver as Value | undefined) ?? "", replacementsOf(input)),
    expectedReceiver ?? receiver,
  ],
};

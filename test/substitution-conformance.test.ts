import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
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
} from "../packages/substitution/src/index.ts";

/** Upstream's own tables, as data; they are not part of this repository. */
const directory = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");
const table = join(directory, "substitution.jsonl");

interface Case {
  readonly name: string;
  readonly func: string;
  readonly input: Input;
  readonly receiver?: Value;
  readonly expected?: unknown;
  readonly expectedReceiver?: Value;
  readonly error?: string;
}

interface Input {
  readonly in: string;
  readonly s: string;
  readonly value: string;
  readonly prefix: string;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly expressions: readonly string[];
  readonly replacements?: Readonly<Record<string, string>>;
  readonly stringReplacements?: Readonly<Record<string, string>> | null;
  readonly arrayReplacements?: Readonly<Record<string, readonly string[]>> | null;
  readonly objectReplacements?: Readonly<Record<string, Readonly<Record<string, string>>>> | null;
}

const replacementsOf = (input: Input): Replacements => ({
  strings: new Map(Object.entries(input.replacements ?? input.stringReplacements ?? {})),
  arrays: new Map(Object.entries(input.arrayReplacements ?? {})),
  objects: new Map(Object.entries(input.objectReplacements ?? {})),
});

/** Upstream's prefix is a regular expression; ours are words. */
const prefixesOf = ({ prefix }: Input): readonly string[] =>
  prefix === "resources.(?:inputs|outputs)" ? ["resources.inputs", "resources.outputs"] : [prefix];

/** What we say and what upstream says. */
type Verdict = readonly [ours: unknown, theirs: unknown];

const refusal = (
  { input, error }: Case,
  judge: (found: readonly PrefixedReference[], names: ReadonlySet<string>) => readonly PrefixedReference[],
  depthMatters = true,
): Verdict => {
  const found = findPrefixed(input.value, ...prefixesOf(input));
  const tooDeep = depthMatters && found.some((each) => each.tooDeep);
  return [tooDeep || judge(found, new Set(Object.keys(input.vars))).length > 0, error !== undefined];
};

const judges: Readonly<Record<string, (row: Case) => Verdict>> = {
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
    replaceValue(receiver ?? "", replacementsOf(input)),
    expectedReceiver ?? receiver,
  ],
};

/** Functions of other rooms, or not written yet: this list only gets shorter. `ExtractIndex` is Go's Atoi. */
const lacking = [
  "apis/pipeline/v1.Matrix.CountCombinations",
  "apis/pipeline/v1.Matrix.FanOut",
  "apis/pipeline/v1.MergeStepsWithSpecs",
  "apis/pipeline/v1.MergeStepsWithStepTemplate",
  "apis/pipeline/v1.Params.ExtractNames",
  "apis/pipeline/v1.ParseResultName",
  "apis/pipeline/v1.PipelineRun.FinallyTimeout",
  "apis/pipeline/v1.PipelineRun.GetTaskRunSpec",
  "apis/pipeline/v1.PipelineRun.TasksTimeout",
  "apis/pipeline/v1.PipelineSpec.GetIndexingReferencesToArrayParams",
  "apis/pipeline/v1.PipelineTaskList.Deps",
  "apis/pipeline/v1.PipelineTaskResultRefs",
  "apis/pipeline/v1.TaskSpec.GetIndexingReferencesToArrayParams",
  "apis/pipeline/v1.WhenExpression.applyReplacements",
  "apis/pipeline/v1.WhenExpressions.AllowsExecution",
  "names.GenerateHashedName",
  "names.simpleNameGenerator.RestrictLength",
  "names.simpleNameGenerator.RestrictLengthWithRandomSuffix",
  "reconciler/pipeline/dag.findCyclesInDependencies",
  "reconciler/pipelinerun/resources.ApplyContexts",
  "reconciler/pipelinerun/resources.ApplyParameters",
  "reconciler/pipelinerun/resources.ApplyParametersToWorkspaceBindings",
  "reconciler/pipelinerun/resources.ApplyPipelineTaskContexts",
  "reconciler/pipelinerun/resources.ApplyPipelineTaskStateContext",
  "reconciler/pipelinerun/resources.ApplyResultsToWorkspaceBindings",
  "reconciler/pipelinerun/resources.ApplyTaskResults",
  "reconciler/pipelinerun/resources.ApplyTaskResultsToPipelineResults",
  "reconciler/pipelinerun/resources.ApplyWorkspaces",
  "reconciler/pipelinerun/resources.CheckMissingResultReferences",
  "reconciler/pipelinerun/resources.GetNamesOfChildPipelineRuns",
  "reconciler/pipelinerun/resources.GetNamesOfTaskRuns",
  "reconciler/pipelinerun/resources.GetTaskRunName",
  "reconciler/pipelinerun/resources.PipelineRunFacts.DAGExecutionQueue",
  "reconciler/pipelinerun/resources.PipelineRunFacts.GetChildReferences",
  "reconciler/pipelinerun/resources.PipelineRunFacts.GetPipelineFinalTaskStatus",
  "reconciler/pipelinerun/resources.PipelineRunFacts.GetPipelineTaskStatus",
  "reconciler/pipelinerun/resources.PropagateArtifacts",
  "reconciler/pipelinerun/resources.PropagateResults",
  "reconciler/pipelinerun/resources.ResolveResultRef",
  "reconciler/pipelinerun/resources.ResolveResultRefs",
  "reconciler/pipelinerun/resources.ValidateObjectParamRequiredKeys",
  "reconciler/pipelinerun/resources.ValidateOptionalWorkspaces",
  "reconciler/pipelinerun/resources.ValidateParamArrayIndex",
  "reconciler/pipelinerun/resources.ValidateParamEnumSubset",
  "reconciler/pipelinerun/resources.ValidateParamTypesMatching",
  "reconciler/pipelinerun/resources.ValidateParameterTypesInMatrix",
  "reconciler/pipelinerun/resources.ValidatePipelineResults",
  "reconciler/pipelinerun/resources.ValidatePipelineTaskResults",
  "reconciler/pipelinerun/resources.ValidateRequiredParametersProvided",
  "reconciler/pipelinerun/resources.ValidateTaskRunSpecs",
  "reconciler/pipelinerun/resources.ValidateWorkspaceBindings",
  "reconciler/pipelinerun/resources.getNamesOfCustomRuns",
  "reconciler/pipelinerun/resources.paramValueFromCustomRunResult",
  "reconciler/pipelinerun/resources.validateArrayResultsIndex",
  "reconciler/taskrun/resources.ApplyArtifacts",
  "reconciler/taskrun/resources.ApplyContexts",
  "reconciler/taskrun/resources.ApplyCredentialsPath",
  "reconciler/taskrun/resources.ApplyParameterSubstitutionInResolverParams",
  "reconciler/taskrun/resources.ApplyParameters",
  "reconciler/taskrun/resources.ApplyParametersToWorkspaceBindings",
  "reconciler/taskrun/resources.ApplyPodTemplateReplacements",
  "reconciler/taskrun/resources.ApplyResults",
  "reconciler/taskrun/resources.ApplyStepExitCodePath",
  "reconciler/taskrun/resources.ApplyWorkspaces",
  "reconciler/taskrun/resources.GetStepActionsData",
  "reconciler/taskrun/resources.ValidateParamArrayIndex",
  "reconciler/taskrun/resources.hasStepRefs",
  "substitution.ExtractIndex",
  "workspace.AddSidecarVolumeMount",
  "workspace.Apply",
  "workspace.CreateVolumes",
  "workspace.FindWorkspacesUsedByTask",
  "workspace.ReplaceWorkspaceBindingsVars",
  "workspace.ValidateBindings",
  "workspace.ValidateOnlyOnePVCIsUsed",
];

/** Cases about Go itself. */
const goOnly = new Set(["TestValidateValidateNoReferencesToEntireProhibitedVariables/invalid_regex"]);

if (!existsSync(table)) {
  process.stderr.write(`SKIPPED: upstream's substitution tables are not at ${table}; set TEKTON_CONFORMANCE_DIR.\n`);
}

describe.skipIf(!existsSync(table))("upstream's tables", () => {
  const rows: readonly Case[] = existsSync(table)
    ? readFileSync(table, "utf8")
        .trimEnd()
        .split("\n")
        .map((line): Case => JSON.parse(line))
    : [];
  const judged = rows.filter(({ func, name }) => judges[func] !== undefined && !goOnly.has(name));

  test("every function is judged or listed as lacking", () => {
    const functions = [...new Set(rows.map(({ func }) => func))];
    expect(functions.filter((func) => judges[func] === undefined).sort()).toEqual(lacking);
    expect(judged.length).toBeGreaterThan(100);
  });

  test.for(judged)("$func: $name", (row) => {
    const [ours, theirs] = judges[row.func]!(row);
    expect(ours).toEqual(theirs);
  });
});

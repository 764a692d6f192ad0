import { type PlannedTask } from "../../packages/plan/src/index.ts";
import { resolveResults } from "../../packages/plan/src/outcomes.ts";
import { customResult } from "../../packages/run/src/read-result.ts";
import { runResults } from "../../packages/run/src/results.ts";
import { type View } from "../../packages/run/src/view.ts";
import { type Param, type PipelineResult, type PipelineTask } from "../../packages/tekton/src/index.ts";
import { plain, same, type Case, type Judges, type Verdict } from "./case.ts";
import { isMatrixIn, outcomesOf, type ResolvedRef, type State } from "./state.ts";

interface ResolveInput {
  readonly pipelineRunState: readonly State[];
  readonly target?: State;
  readonly targets?: readonly State[];
}

/** The values of the references upstream resolved, or that there are none. */
function resolved({ input, expected, error }: Case): Verdict {
  const {
    pipelineRunState: states,
    target,
    targets = target === undefined ? [] : [target],
  } = input as unknown as ResolveInput;
  const found = targets.map(({ PipelineTask: pipelineTask }) =>
    resolveResults({ pipelineTask } as PlannedTask, outcomesOf(states), isMatrixIn(states)),
  );
  if (error !== undefined) return [found.every(({ kind }) => kind === "resolved") ? "resolved" : "refused", "refused"];
  const [references = []] = (expected ?? []) as readonly (readonly ResolvedRef[] | null)[];
  const values = (references ?? []).map(({ ResultReference: { pipelineTask, result } }) => {
    const key = `tasks.${pipelineTask}.results.${result}`;
    const sets = found.flatMap((each) => (each.kind === "resolved" ? [each.replacements] : []));
    const known = sets.map(({ strings, arrays, objects }) => strings.get(key) ?? arrays.get(key) ?? objects.get(key));
    return known.find((each) => each !== undefined);
  });
  return [
    { refused: found.some(({ kind }) => kind !== "resolved"), values: values.map(plain) },
    { refused: false, values: (references ?? []).map(({ Value }) => plain(Value)) },
  ];
}

interface PipelineResultsInput {
  readonly results: readonly PipelineResult[] | null;
  readonly taskRunResults: Readonly<Record<string, readonly Param[]>> | null;
  readonly customTaskResults?: Readonly<Record<string, readonly Param[]>> | null;
  readonly taskstatus: Readonly<Record<string, string>> | null;
}

export const resultJudges: Judges = {
  "reconciler/pipelinerun/resources.paramValueFromCustomRunResult": ({ input, expected }) => [
    customResult(input.result).value,
    expected,
  ],
  "reconciler/pipelinerun/resources.ResolveResultRef": resolved,
  "reconciler/pipelinerun/resources.ResolveResultRefs": resolved,
  "reconciler/pipelinerun/resources.CheckMissingResultReferences": resolved,
  "reconciler/pipelinerun/resources.validateArrayResultsIndex": ({ input, error }) => {
    const { allResolvedResultRefs: all } = input as unknown as {
      readonly allResolvedResultRefs: readonly ResolvedRef[];
    };
    const refused = all.some(({ ResultReference: { pipelineTask, result, resultsIndex }, Value: value }) => {
      const index = resultsIndex === undefined ? "" : `[${resultsIndex}]`;
      const task = { name: "t", params: [{ name: "p", value: `$(tasks.${pipelineTask}.results.${result}${index})` }] };
      const taskRuns = [{ metadata: { name: "r" }, status: done([{ name: result, type: "array", value }]) }];
      const states = [{ PipelineTask: { name: pipelineTask } as PipelineTask, CustomTask: false, TaskRuns: taskRuns }];
      const found = resolveResults({ pipelineTask: task } as unknown as PlannedTask, outcomesOf(states), () => false);
      return found.kind === "out-of-bounds";
    });
    return [refused, error !== undefined];
  },
  "reconciler/pipelinerun/resources.ApplyTaskResultsToPipelineResults": ({ input, expected, error }) => {
    const { results, taskRunResults, customTaskResults, taskstatus } = input as unknown as PipelineResultsInput;
    const given = new Map(Object.entries({ ...taskRunResults, ...customTaskResults }));
    const names = new Set([
      ...given.keys(),
      ...Object.keys(taskstatus ?? {}).map((key) => key.replace(/^tasks\.|\.status$/gu, "")),
    ]);
    const phaseOf = (name: string): string => {
      const status = taskstatus?.[`tasks.${name}.status`];
      if (status === "Failed") return "failed";
      return status === "None" || !names.has(name) ? "unscheduled" : "succeeded";
    };
    const planned = [...names].map((name) => ({ name, pipelineTask: { name }, predecessors: [], resultsFrom: [] }));
    const view = {
      state: { plan: { results: results ?? [], tasks: planned, finally: [] } },
      phaseOf,
      taskRunsOf: (name: string) => {
        const values = (given.get(name) ?? []).map((each) => ({ ...each, type: "string" }));
        return given.has(name) ? [{ name, attempts: [{ results: values }] }] : [];
      },
    } as unknown as View;
    const made = runResults(view);
    return same(
      { results: made.results, refused: made.invalid.length > 0 },
      {
        results: ((expected ?? []) as readonly Param[]).map(({ name, value }) => ({ name, value })),
        refused: error !== undefined,
      },
    );
  },
};

function done(results: readonly unknown[]): NonNullable<State["TaskRuns"]>[number]["status"] {
  return { conditions: [{ status: "True" }], results: results as never };
}

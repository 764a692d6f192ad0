import { findCircle } from "../../packages/tekton/src/validate/pipeline-graph.ts";
import {
  awaitedResults,
  countCombinations,
  formatDuration,
  mergePodTemplate,
  mergeStepTemplate,
  type Matrix,
  type PipelineRun,
  type PipelineSpec,
  type PipelineTask,
  type TaskSpec,
  type WhenExpression,
} from "../../packages/tekton/src/index.ts";
import { parseResultExpression } from "../../packages/substitution/src/index.ts";
import { combinationsOf } from "../../packages/plan/src/matrix.ts";
import { taskRunSpecOf } from "../../packages/plan/src/plan-task.ts";
import { replaceWhen } from "../../packages/plan/src/replacements.ts";
import { predecessorsOf } from "../../packages/plan/src/result-reference.ts";
import { budgetsOf } from "../../packages/plan/src/timeouts.ts";
import { whenOutcome } from "../../packages/plan/src/when.ts";
import { withSpecifiedResources } from "../../packages/pod/src/resources.ts";
import { indexed } from "./checks.ts";
import { same, type Judges, type Verdict } from "./case.ts";
import { replacementsOf } from "./texts.ts";

const hour = 60 * 60_000;

function timeout(receiver: unknown, part: "tasks" | "finally", expected: unknown): Verdict {
  const found = budgetsOf((receiver as PipelineRun).spec, hour)[part];
  return [found === undefined ? null : formatDuration(found), expected];
}

export const taskJudges: Judges = {
  "apis/pipeline/v1.Matrix.CountCombinations": ({ receiver, expected }) => [
    receiver === null || receiver === undefined ? 0 : countCombinations(receiver as Matrix),
    expected,
  ],
  "apis/pipeline/v1.Matrix.FanOut": ({ receiver, expected }) => same(combinationsOf(receiver as Matrix), expected),
  "apis/pipeline/v1.MergeStepsWithSpecs": ({ input, expected }) => {
    const named = { stepSpecs: input.overrides ?? [], sidecarSpecs: [], computeResources: undefined };
    const silent = { diagnostics: [], error: () => undefined, warn: () => undefined } as never;
    return same(withSpecifiedResources(input.steps, [], named, silent).steps, expected);
  },
  "apis/pipeline/v1.MergeStepsWithStepTemplate": ({ input, expected }) =>
    same(mergeStepTemplate(input.template ?? undefined, input.steps), expected),
  "apis/pipeline/v1.ParseResultName": ({ input, expected }) => {
    const found = parseResultExpression(`tasks.t.results.${input.resultName}`);
    const star = input.resultName.endsWith("[*]") ? "*" : "";
    return [[found?.result, found?.index === undefined ? star : String(found.index)], expected];
  },
  "apis/pipeline/v1.PipelineRun.FinallyTimeout": ({ receiver, expected }) => timeout(receiver, "finally", expected),
  "apis/pipeline/v1.PipelineRun.TasksTimeout": ({ receiver, expected }) => timeout(receiver, "tasks", expected),
  "apis/pipeline/v1.PipelineRun.GetTaskRunSpec": ({ receiver, input, expected }) => {
    const run = receiver as PipelineRun;
    const template = run.spec.taskRunTemplate;
    const { spec } = taskRunSpecOf(run, input.pipelineTaskName, { origin: undefined as never, path: [] });
    const serviceAccountName = spec.serviceAccountName ?? template?.serviceAccountName;
    const podTemplate = mergePodTemplate(spec.podTemplate, template?.podTemplate);
    return same({ ...spec, pipelineTaskName: input.pipelineTaskName, serviceAccountName, podTemplate }, expected);
  },
  "apis/pipeline/v1.PipelineSpec.GetIndexingReferencesToArrayParams": ({ receiver, expected }) =>
    indexed(receiver as PipelineSpec, expected),
  "apis/pipeline/v1.TaskSpec.GetIndexingReferencesToArrayParams": ({ receiver, expected }) =>
    indexed(receiver as TaskSpec, expected),
  "apis/pipeline/v1.PipelineTaskList.Deps": ({ receiver, expected }) => {
    const tasks = receiver as readonly PipelineTask[];
    return same(Object.fromEntries(tasks.map((task) => [task.name, predecessorsOf(task).toSorted()])), expected);
  },
  "apis/pipeline/v1.PipelineTaskResultRefs": ({ input, expected }) => {
    const ours = awaitedResults(input.pt).map(({ reference: { task, result, key, index } }) =>
      JSON.stringify([task, result, key ?? "", index ?? null]),
    );
    const theirs = (expected as readonly Readonly<Record<string, unknown>>[]).map((each) =>
      JSON.stringify([each["pipelineTask"], each["result"], each["property"], each["resultsIndex"] ?? null]),
    );
    return [[...new Set(ours)].toSorted(), [...new Set(theirs)].toSorted()];
  },
  "apis/pipeline/v1.WhenExpression.applyReplacements": ({ receiver, input, expected }) =>
    same(replaceWhen([receiver as WhenExpression], replacementsOf(input))[0], expected),
  "apis/pipeline/v1.WhenExpressions.AllowsExecution": ({ receiver, input, expected }) => [
    (
      whenOutcome(receiver as readonly WhenExpression[], (cel) => ({ value: input.evaluatedCEL?.[cel] ?? false })) as {
        readonly holds: boolean;
      }
    ).holds,
    expected,
  ],
  "reconciler/pipeline/dag.findCyclesInDependencies": ({ input, error }) => [
    findCircle(new Map(Object.entries(input.deps).map(([name, deps]) => [name, new Set(deps)]))) !== undefined,
    error !== undefined,
  ],
};

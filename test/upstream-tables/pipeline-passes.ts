import { pipelineParams } from "../../packages/plan/src/param-values.ts";
import {
  replaceContexts,
  replaceInPipelineTask,
  replaceOutside,
} from "../../packages/plan/src/pipeline-task-replacement.ts";
import { asPipelineTaskName, type PipelineTaskName } from "../../packages/plan/src/index.ts";
import { boundReplacements, contextTexts } from "../../packages/plan/src/contexts.ts";
import { replaceInTaskSpec } from "../../packages/plan/src/task-spec-replacement.ts";
import { propagatedArtifacts, propagatedResults } from "../../packages/plan/src/outcomes.ts";
import { replaceInBinding } from "../../packages/plan/src/workspaces.ts";
import {
  mergeReplacements,
  noReplacements,
  paramReplacements,
  resultReplacements,
  stringReplacements,
  type Replacements,
} from "../../packages/substitution/src/index.ts";
import { type PipelineRun, type PipelineSpec, type PipelineTask } from "../../packages/tekton/src/index.ts";
import { outcomesOf, type ResolvedRef, type State } from "./state.ts";
import { same, type Case, type Judges, type Verdict } from "./case.ts";

function namedTask({ PipelineTask: { name } }: State): PipelineTaskName {
  return asPipelineTaskName(name);
}

function throughout(spec: PipelineSpec, replacements: Replacements, replace = replaceInPipelineTask): PipelineSpec {
  const pass = (task: PipelineTask): PipelineTask => replace(task, replacements);
  return {
    ...spec,
    ...(spec.tasks && { tasks: spec.tasks.map(pass) }),
    ...(spec.finally && { finally: spec.finally.map(pass) }),
  };
}

function runOf(pr: PipelineRun): { readonly name: string; readonly namespace: string; readonly uid: string } {
  const { name = "", namespace = "", uid = "" } = pr.metadata;
  return { name, namespace, uid };
}

function bindings({ input, expectedArgs }: Case, replacements: Replacements): Verdict {
  const ours = (input.pr.spec.workspaces ?? []).map((each) => replaceInBinding(each, replacements));
  const theirs = ((expectedArgs?.["pr"] ?? input.pr) as PipelineRun).spec.workspaces;
  return same(ours, theirs);
}

export const pipelinePassJudges: Judges = {
  "reconciler/pipelinerun/resources.ApplyParameters": ({ input, expected, error }) => {
    const params = pipelineParams(input.p.params ?? [], input.pr.spec.params ?? []);
    if (params.kind !== "known") return ["refused", error === undefined ? expected : "refused"];
    return same(throughout(input.p, paramReplacements(params.values, "pipeline")), expected);
  },
  "reconciler/pipelinerun/resources.ApplyContexts": ({ input, expected }) => {
    const { name, namespace, uid } = runOf(input.pr);
    const texts = contextTexts(name, namespace, uid, input.pipelineName);
    return same(throughout(input.spec, stringReplacements(texts), replaceContexts), expected);
  },
  "reconciler/pipelinerun/resources.ApplyWorkspaces": ({ input, expected }) => {
    const pipeline = { name: "", spec: input.p };
    const facts = boundReplacements({ run: { resource: input.pr }, pipeline } as never);
    return same(throughout(input.p, facts), expected);
  },
  "reconciler/pipelinerun/resources.ApplyTaskResults": ({ input, expectedArgs }) => {
    const { targets, resolvedResultRefs } = input as unknown as {
      readonly targets: readonly State[];
      readonly resolvedResultRefs: readonly ResolvedRef[] | null;
    };
    const sets = (resolvedResultRefs ?? []).map(({ ResultReference: { pipelineTask, result }, Value: value }) =>
      resultReplacements("tasks", pipelineTask, result, value),
    );
    const replacements = mergeReplacements(noReplacements, ...sets);
    const ours = targets.map(({ PipelineTask: task }) => replaceOutside(task, replacements));
    const theirs = (expectedArgs?.["targets"] ?? targets) as readonly State[];
    return same(
      ours,
      theirs.map((each) => each.PipelineTask),
    );
  },
  "reconciler/pipelinerun/resources.ApplyPipelineTaskStateContext": ({ input, expectedArgs }) => {
    const { state } = input as unknown as { readonly state: readonly State[] };
    const replacements = stringReplacements(input.replacements ?? {});
    return same(
      state.map(({ PipelineTask: task }) => replaceOutside(task, replacements)),
      ((expectedArgs?.["state"] ?? state) as readonly State[]).map((each) => each.PipelineTask),
    );
  },
  "reconciler/pipelinerun/resources.PropagateResults": ({ input, expectedArgs }) => {
    const { rpt, runStates } = input as unknown as { readonly rpt: State; readonly runStates: readonly State[] };
    const results = propagatedResults(outcomesOf(runStates), () => false, runStates.map(namedTask));
    const ours = rpt.ResolvedTask?.TaskSpec && replaceInTaskSpec(rpt.ResolvedTask.TaskSpec, results);
    return same(ours, ((expectedArgs?.["rpt"] ?? rpt) as State).ResolvedTask?.TaskSpec);
  },
  "reconciler/pipelinerun/resources.PropagateArtifacts": ({ input, expectedArgs }) => {
    const { rpt, runStates } = input as unknown as { readonly rpt: State; readonly runStates: readonly State[] };
    const artifacts = propagatedArtifacts(outcomesOf(runStates), runStates.map(namedTask));
    const ours = rpt.ResolvedTask?.TaskSpec && replaceInTaskSpec(rpt.ResolvedTask.TaskSpec, artifacts);
    return same(ours, ((expectedArgs?.["rpt"] ?? rpt) as State).ResolvedTask?.TaskSpec);
  },
  "reconciler/pipelinerun/resources.ApplyParametersToWorkspaceBindings": (row) =>
    bindings(row, paramReplacements(row.input.pr.spec.params ?? [], "pipeline")),
  "reconciler/pipelinerun/resources.ApplyResultsToWorkspaceBindings": (row) => {
    const sets = Object.entries(row.input.trResults).flatMap(([task, results]) =>
      results.map(({ name, value }) => resultReplacements("tasks", task, name, value)),
    );
    return bindings(row, mergeReplacements(noReplacements, ...sets));
  },
};

import { type Pipeline, type PipelineSpec, type PipelineTask, type PipelineWorkspaceDeclaration } from "../pipeline.ts";
import { checkMatrices } from "./matrix.ts";
import { checkObjectMeta } from "./object-meta.ts";
import {
  checkParamEnums,
  checkParamTypes,
  checkParamsUnique,
  checkPassedParams,
  declaredParams,
  knownPipelineParams,
  type ParamPlace,
} from "./params.ts";
import { checkGraph } from "./pipeline-graph.ts";
import { checkContextVariables, checkTaskParams } from "./pipeline-params.ts";
import {
  checkArtifacts,
  checkExecutionStatus,
  checkFinallyResults,
  checkPrefixes,
  checkResultsOfPipelines,
} from "./pipeline-references.ts";
import { checkPipelineResults } from "./pipeline-results.ts";
import { checkPipelineTask } from "./pipeline-task.ts";
import { checkPipelineTaskWorkspaces } from "./pipeline-workspaces.ts";
import { inside, named, namedAs, report, reportMissing, within, type Scope } from "./scope.ts";
import { checkParamUsage } from "./task.ts";
import { checkWhen } from "./when.ts";

export const sections = ["tasks", "finally"] as const;

/** Pipeline.Validate: a Pipeline that stands alone declares all that it uses. */
export function checkPipeline(scope: Scope, pipeline: Pipeline): void {
  checkObjectMeta(scope, pipeline.metadata);
  const place = within(scope, "spec");
  checkPipelineSpec(place, pipeline.spec);
  checkDeclaredUse(place, pipeline.spec);
  const workspaces = new Set((pipeline.spec.workspaces ?? []).map(({ name }) => name));
  eachTask(place, pipeline.spec, (at, task) => checkPipelineTaskWorkspaces(at, task, workspaces));
}

export function eachTask(
  scope: Scope,
  spec: PipelineSpec,
  look: (at: Scope, task: PipelineTask, section: "tasks" | "finally", index: number) => void,
): void {
  for (const section of sections)
    spec[section]?.forEach((task, index) => look(within(scope, section, index), task, section, index));
}

/** PipelineSpec.Validate. */
export function checkPipelineSpec(scope: Scope, spec: PipelineSpec): void {
  const tasks = spec.tasks ?? [];
  const final = spec.finally ?? [];
  if (
    Object.values(spec).every(
      (value) => value === undefined || value === "" || (Array.isArray(value) && value.length === 0),
    )
  ) {
    reportMissing(scope, "tasks", "a Pipeline");
  }
  checkTaskNames(scope, spec);
  eachTask(scope, spec, (at, task) => checkPipelineTask(at, task, checkPipelineSpec));
  checkGraph(scope, tasks);
  checkSpecParams(scope, spec);
  checkContextVariables(within(scope, "tasks"), tasks);
  checkContextVariables(within(scope, "finally"), final);
  checkExecutionStatus(scope, tasks, final);
  checkWorkspaceDeclarations(scope, spec.workspaces ?? []);
  checkPipelineResults(scope, spec.results ?? [], tasks, final);
  checkResultsOfPipelines(scope, tasks, final);
  if (tasks.length === 0 && final.length > 0) {
    report(within(scope, "finally"), "field.value", "finally follows tasks, and there are none", { atKey: true });
  }
  final.forEach((task, index) => {
    if ((task.runAfter ?? []).length > 0) {
      report(
        inside(within(scope, "finally", index), "runAfter"),
        "field.conflict",
        "tasks of finally all start together, without runAfter",
        { atKey: true },
      );
    }
  });
  checkFinallyResults(scope, tasks, final);
  eachTask(scope, spec, (at, task) => checkWhen(within(at, "when"), task.when ?? []));
  checkMatrices(within(scope, "tasks"), tasks);
  checkMatrices(within(scope, "finally"), final);
  eachTask(scope, spec, checkArtifacts);
  eachTask(scope, spec, checkPrefixes);
}

/** PipelineTaskList.Validate: names are unique over both sections. */
function checkTaskNames(scope: Scope, spec: PipelineSpec): void {
  const names = new Set<string>();
  eachTask(scope, spec, (at, task) => {
    const name = (task.name as string | undefined) ?? "";
    if (names.has(name)) report(within(at, "name"), "field.duplicate", `another task is named ${JSON.stringify(name)}`);
    names.add(name);
  });
}

/** ValidatePipelineParameterVariables. */
function checkSpecParams(scope: Scope, spec: PipelineSpec): void {
  const declared = declaredParams(scope);
  // Upstream asks of each section, and names it.
  const place: ParamPlace = (index, name) => named(declared(index, name), "tasks");
  const params = spec.params ?? [];
  if ((spec.tasks ?? []).length > 0 || params.length > 0) {
    checkParamTypes(place, params);
    checkParamsUnique(place, params);
    checkParamEnums(place, params);
  }
  eachTask(scope, spec, (at, task) => checkPassedParams(within(at, "params"), task.params ?? []));
}

/** validatePipelineWorkspacesDeclarations. */
function checkWorkspaceDeclarations(scope: Scope, workspaces: readonly PipelineWorkspaceDeclaration[]): void {
  const names = new Set<string>();
  workspaces.forEach(({ name }, index) => {
    const place = inside(within(scope, "workspaces", index), "name");
    if (name === "") report(place, "field.value", "a workspace has a name");
    if (names.has(name)) report(place, "field.duplicate", `another workspace is named ${JSON.stringify(name)}`);
    names.add(name);
  });
}

/** validatePipelineParameterUsage. */
function checkDeclaredUse(scope: Scope, spec: PipelineSpec): void {
  const params = spec.params ?? [];
  eachTask(scope, spec, (at, task) => {
    const own = task.taskSpec;
    if (own === undefined) return;
    const place = inside(at, "taskSpec");
    const given = own.params ?? [];
    const placeOf: ParamPlace = (index) =>
      index < given.length
        ? inside(place, "params", index)
        : namedAs(inside(scope, "params", index - given.length), place);
    checkParamUsage(place, own, placeOf, [...given, ...params]);
  });
  const known = knownPipelineParams(params);
  eachTask(scope, spec, (at, task) => checkTaskParams(at, task, known));
}

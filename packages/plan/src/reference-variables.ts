import {
  mergeReplacements,
  paramReplacements,
  replace,
  type Replacements,
  stringReplacements,
} from "@lapcat/substitution";
import {
  isAfter,
  type Param,
  type ParamSpec,
  type PipelineTask,
  type Ref,
  type ResolvedPipeline,
  taskRunName,
  type TektonVersion,
} from "@lapcat/tekton";
import { contextTexts } from "./contexts.ts";
import { pipelineParams, taskParams } from "./param-values.ts";
import { replaceOutside } from "./pipeline-task-replacement.ts";
import { replaceParams } from "./replacements.ts";
import { taskRunUid } from "./task-run-uid.ts";
import { given } from "./task-spec-replacement.ts";

/** A run as far as what it refers to takes variables from it. */
export interface ReferringRun {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly params: readonly Param[];
  /** Names of those that a PipelineRun binds. */
  readonly workspaces: readonly string[];
}

/** What a resolver is asked of a Pipeline takes: a default is in the Pipeline, which is not there yet (GetPipelineFunc). */
export function pipelineRefVariables({ name, namespace, uid, params }: ReferringRun): Replacements {
  return mergeReplacements(
    paramReplacements(params, "pipeline"),
    stringReplacements(contextTexts(name, namespace, uid, "")),
  );
}

/** The same of a TaskRun's Task (GetTaskFunc). */
export function taskRefVariables({ name, namespace, uid, params }: ReferringRun): Replacements {
  const contexts = {
    "context.taskRun.name": name,
    "context.task.name": "",
    "context.taskRun.namespace": namespace,
    "context.taskRun.uid": uid,
    "context.task.retry-count": "0",
  };
  return mergeReplacements(paramReplacements(params, "task"), stringReplacements(contexts));
}

/** What a step asks of its StepAction takes: no contexts (ApplyParameterSubstitutionInResolverParams). */
export function stepRefVariables(specs: readonly ParamSpec[], passed: readonly Param[]): Replacements {
  return paramReplacements(taskParams(specs, passed), "task");
}

/** A reference with what is known of its variables; a name only where it is an address, which a step's may not make of them. */
export function replaceInRef(ref: Ref, replacements: Replacements): Ref {
  return given(ref, {
    name: ref.name && replace(ref.name, replacements),
    params: ref.params && replaceParams(ref.params, replacements),
  });
}

/** Puts a run's params, contexts and workspaces into the tasks of its Pipeline, as far as anything stands there before any of them ran. */
export function taskReplacer(
  run: ReferringRun,
  { name, spec }: Pick<ResolvedPipeline, "name" | "spec">,
  tekton?: TektonVersion,
): (task: PipelineTask) => PipelineTask {
  const params = pipelineParams(spec.params ?? [], run.params, tekton);
  const unbound = (spec.workspaces ?? []).map((each) => [`workspaces.${each.name}.bound`, "false"]);
  const bound = run.workspaces.map((each) => [`workspaces.${each}.bound`, "true"]);
  const passes = [
    paramReplacements(params.kind === "known" ? params.values : run.params, "pipeline"),
    stringReplacements(contextTexts(run.name, run.namespace, run.uid, name)),
    stringReplacements(Object.fromEntries([...unbound, ...bound])),
  ];
  return (task) => passes.reduce(replaceOutside, task);
}

/** The run that a task makes which is a Pipeline itself; what it is given of results is open. */
export function referringChild(run: ReferringRun, task: PipelineTask, tekton?: TektonVersion): ReferringRun {
  const { namespace, uid } = run;
  const name = taskRunName(run.name, task.name, { version: tekton, seed: uid });
  const isGiven = isAfter("child-runs-given", tekton);
  const bound = (task.workspaces ?? []).filter((each) => run.workspaces.includes(each.workspace || each.name));
  return {
    name,
    namespace,
    uid: taskRunUid(uid, name),
    params: isGiven ? (task.params ?? []) : [],
    workspaces: isGiven ? bound.map((each) => each.name) : [],
  };
}

/** The first expression in a reference that only a task's end, or a place in a matrix, gives a value. */
export function openExpression({ name = "", params = [] }: Ref): string | undefined {
  return /\$\((?:tasks|matrix)\.[^)]*\)/u.exec(`${name} ${JSON.stringify(params)}`)?.[0];
}

/** What a TaskRun of a task is given, each param of a matrix open. */
export function paramsPassed({ params = [], matrix }: PipelineTask): readonly Param[] {
  const varied = [...(matrix?.params ?? []), ...(matrix?.include ?? []).flatMap((each) => each.params ?? [])];
  return [...varied.map(({ name }) => ({ name, value: `$(matrix.${name})` })), ...params];
}

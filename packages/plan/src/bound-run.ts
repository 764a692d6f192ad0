import { noReplacements, type Replacements } from "@lapcat/substitution";
import { isAfter, type Param, type PipelineTask } from "@lapcat/tekton";
import { combinationsOf } from "./matrix.ts";
import { taskReplacements } from "./param-values.ts";
import { replaceDeep, replaceInPodTemplate } from "./pod-template.ts";
import {
  type BoundPipelineRun,
  type BoundTaskRun,
  type BoundWorkspace,
  type PlannedPipelineRun,
  type PlannedTaskRun,
  type RunPlan,
} from "./run-plan.ts";
import { inlineStepActions } from "./step-actions.ts";
import { replaceInTaskSpec } from "./task-spec-replacement.ts";
import { taskRunUid } from "./task-run-uid.ts";

export interface Binding {
  readonly name: BoundTaskRun["name"];
  readonly combination: readonly Param[];
  readonly pipelineTask: PipelineTask;
  readonly results: Replacements;
  readonly attempt: number;
}

/** The task as it is known before anything ran: references to other tasks stand as they are. For showing, and for pulling images early. */
export function previewTask(plan: RunPlan, planned: PlannedTaskRun, attempt = 0): BoundTaskRun {
  const [combination = []] =
    planned.pipelineTask.matrix === undefined ? [] : combinationsOf(planned.pipelineTask.matrix);
  return boundTaskRun(plan, planned, {
    name: planned.taskRunName,
    combination,
    pipelineTask: planned.pipelineTask,
    results: noReplacements,
    attempt,
  });
}

/** The same of a child PipelineRun: what is open in what it is given is no reference of its own. */
export function previewRun(plan: RunPlan, planned: PlannedPipelineRun): BoundPipelineRun {
  const { taskRunName: name, pipelineTask } = planned;
  const binding = { name, combination: [], pipelineTask, results: noReplacements, attempt: 0 };
  const { params, workspaces, ...bound } = boundPipelineRun(plan, planned, binding);
  return { ...bound, params: ofParent(params), workspaces: ofParent(workspaces) };
}

function ofParent<T extends readonly object[]>(values: T): T {
  const text = JSON.stringify(values);
  return text.includes("$(tasks.") ? (JSON.parse(text.replaceAll("$(tasks.", "$(parent.tasks.")) as T) : values;
}

export function boundTaskRun(
  plan: RunPlan,
  planned: PlannedTaskRun,
  { name, combination, pipelineTask, results, attempt }: Binding,
): BoundTaskRun {
  const { namespace, uid } = plan.identity;
  const params = [...combination, ...(pipelineTask.params ?? [])];
  const reach = planned.task.embedded && isAfter("results-propagated", plan.tekton);
  const spec = reach ? replaceInTaskSpec(planned.task.spec, results) : planned.task.spec;
  const own = taskReplacements(planned.task.spec.params ?? [], params);
  return {
    kind: "TaskRun",
    planned,
    name,
    namespace,
    uid: plan.kind === "TaskRun" ? uid : taskRunUid(uid, name),
    labels: planned.labels,
    annotations: planned.annotations,
    params,
    task: { ...planned.task, spec: inlineStepActions(spec, params, planned.task.stepActions).spec },
    // A lone TaskRun's own bindings have its params already: what those put in is not looked at again.
    workspaces: planned.workspaces.map((each) =>
      boundWorkspace(each, plan.kind === "TaskRun" && each.byDefault !== true ? [results] : [results, own]),
    ),
    attempt,
    podTemplate: isAfter("pod-template-params", plan.tekton)
      ? replaceInPodTemplate(planned.podTemplate, own)
      : planned.podTemplate,
    ...(plan.tekton !== undefined && { tekton: plan.tekton }),
  };
}

/** What a matrix adds is not passed on (createChildPipelineRun). */
export function boundPipelineRun(
  plan: RunPlan,
  planned: PlannedPipelineRun,
  { name, pipelineTask, results }: Binding,
): BoundPipelineRun {
  const uid = taskRunUid(plan.identity.uid, name);
  if (!isAfter("child-runs-given", plan.tekton))
    return { kind: "PipelineRun", planned, name, uid, params: [], workspaces: [] };
  const workspaces = planned.workspaces.map((each) => boundWorkspace(each, [results]));
  return { kind: "PipelineRun", planned, name, uid, params: pipelineTask.params ?? [], workspaces };
}

function boundWorkspace(workspace: BoundWorkspace, passes: readonly Replacements[]): BoundWorkspace {
  if (!JSON.stringify(workspace).includes("$(")) return workspace;
  return passes.reduce<BoundWorkspace>(
    (each, pass) => ({ ...(replaceDeep(each, pass) as BoundWorkspace), name: each.name }),
    workspace,
  );
}

import { type Diagnostic } from "@lapcat/diagnostic";
import { type PipelineTask, type ResolvedTask, type ResolvedTaskRun } from "@lapcat/tekton";
import { taskRunMetadata } from "./metadata.ts";
import { enumDiagnostics, extraParamDiagnostics, paramDiagnostics } from "./param-check.ts";
import { taskReplacements } from "./param-values.ts";
import { error, type Place } from "./place.ts";
import { specDiagnostics } from "./spec-check.ts";
import { withWorkspaces } from "./plan-task.ts";
import {
  asPipelineTaskName,
  asTaskRunName,
  type BoundWorkspace,
  type PlannedTaskRun,
  type PlanOptions,
  type RunIdentity,
  type RunPlan,
} from "./run-plan.ts";
import { requestedStatus } from "./requested-status.ts";
import { defaultTimeout as shippedTimeout, timeoutOfTask } from "./timeouts.ts";
import { bindingFault, boundByDefault, replaceInBinding, sourceOf } from "./workspaces.ts";

type Report = (problem: Diagnostic) => void;

/** A lone TaskRun as a plan of one task. */
export function planTaskRun({ run, task, objects }: ResolvedTaskRun, options: PlanOptions, report: Report): RunPlan {
  const { defaultTimeout: fallback = shippedTimeout, defaultWorkspace, simulated = false, tekton } = options;
  // A cluster has the TaskRun by then, and fails it (`taskRunFailure`).
  const reportOfTask = simulated ? (): void => undefined : report;
  const { metadata, spec } = run.resource;
  const place: Place = { origin: run.origin, path: ["spec"] };
  const { name = "", namespace = "default", uid = "" } = metadata;
  const params = spec.params ?? [];
  const of = task.name === undefined ? `TaskRun "${name}"` : `Task "${task.name}"`;
  const given = { by: `TaskRun "${name}"`, place, path: ["params"], params, ofRun: true } as const;
  for (const check of [paramDiagnostics, enumDiagnostics])
    check(of, task.spec.params ?? [], given).forEach(reportOfTask);
  extraParamDiagnostics(of, task, { by: `TaskRun "${name}"`, place, path: ["params"], params }, tekton).forEach(
    reportOfTask,
  );
  specDiagnostics(task, params, spec, place, task.embedded ? place : { origin: task.origin, path: task.path }).forEach(
    reportOfTask,
  );
  const identity: RunIdentity = { name, namespace, uid, ...taskRunMetadata(metadata, task) };
  const { bound, undeclared } = boundWorkspaces(run.resource.spec, task, identity, {
    place,
    report,
    reportOfTask,
    simulated,
    defaultWorkspace,
  });
  const pipelineTask: PipelineTask = {
    name,
    ...(spec.taskRef !== undefined && { taskRef: spec.taskRef }),
    ...(spec.taskSpec !== undefined && { taskSpec: spec.taskSpec }),
    ...(spec.params !== undefined && { params: spec.params }),
    ...(spec.workspaces !== undefined && { workspaces: spec.workspaces.map((each) => ({ name: each.name })) }),
  };
  const planned: PlannedTaskRun = {
    kind: "task",
    name: asPipelineTaskName(name),
    memberOf: "tasks",
    predecessors: [],
    resultsFrom: [],
    pipelineTask,
    task: withWorkspaces(task, undeclared),
    taskRunName: asTaskRunName(name),
    workspaces: bound,
    serviceAccountName: spec.serviceAccountName ?? "default",
    podTemplate: spec.podTemplate ?? {},
    labels: identity.labels,
    annotations: identity.annotations,
    stepSpecs: spec.stepSpecs ?? [],
    ...(spec.debug !== undefined && { debug: spec.debug }),
    sidecarSpecs: spec.sidecarSpecs ?? [],
    computeResources: spec.computeResources,
    timeout: timeoutOfTask([spec.timeout], fallback),
    retries: Math.max(0, spec.retries ?? 0),
    onError: "stopAndFail",
  };
  const timeouts = { pipeline: undefined, tasks: undefined, finally: undefined };
  const requested = requestedStatus(spec.status, place, report);
  return {
    kind: "TaskRun",
    ...(tekton !== undefined && { tekton }),
    ...(requested !== undefined && { requested }),
    identity,
    tasks: [planned],
    finally: [],
    results: [],
    timeouts,
    written: {
      ...(spec.workspaces !== undefined && { workspaces: spec.workspaces }),
      ...(spec.statusMessage !== undefined && { statusMessage: spec.statusMessage }),
    },
    objects,
    options,
  };
}

interface Bound {
  readonly bound: readonly BoundWorkspace[];
  /** An embedded Task need not declare what the run binds. */
  readonly undeclared: readonly string[];
}

interface Surroundings extends Pick<PlanOptions, "defaultWorkspace"> {
  readonly place: Place;
  readonly report: Report;
  readonly reportOfTask: Report;
  readonly simulated: boolean;
}

function boundWorkspaces(
  spec: ResolvedTaskRun["run"]["resource"]["spec"],
  task: ResolvedTask,
  { uid }: RunIdentity,
  { place, report, reportOfTask, simulated, defaultWorkspace }: Surroundings,
): Bound {
  const declared = new Set((task.spec.workspaces ?? []).map((each) => each.name));
  const replacements = taskReplacements(task.spec.params ?? [], spec.params ?? []);
  const bound = (spec.workspaces ?? []).flatMap((binding, index): readonly BoundWorkspace[] => {
    const replaced = replaceInBinding(binding, replacements);
    const { name, subPath } = replaced;
    const fault = bindingFault(replaced, place, ["workspaces", index], simulated);
    const source = sourceOf(replaced, uid);
    if (fault !== undefined) report(fault);
    else if (!declared.has(name) && !task.embedded) {
      const message = `workspace "${name}" is bound, but the Task does not declare it`;
      reportOfTask(error("workspace.unknown", place, ["workspaces", index], message));
    } else if (source !== undefined) return [{ name, source, ...(subPath !== undefined && { subPath }) }];
    return [];
  });
  const given = new Set((spec.workspaces ?? []).map((each) => each.name));
  const left = (task.spec.workspaces ?? []).filter(({ name }) => !given.has(name));
  for (const { name, optional } of defaultWorkspace === undefined ? left : []) {
    if (optional === true) continue;
    reportOfTask(
      error(
        "workspace.missing",
        place,
        ["workspaces"],
        `the Task needs workspace "${name}", which the TaskRun does not bind`,
        `add \`- name: ${name}\` to spec.workspaces, or give -w name=${name},…`,
      ),
    );
  }
  const byDefault = left.flatMap((each) => boundByDefault(each, defaultWorkspace, uid));
  return {
    bound: [...bound, ...byDefault],
    undeclared: bound.filter(({ name }) => !declared.has(name)).map(({ name }) => name),
  };
}

import { type Diagnostic } from "@lapcat/diagnostic";
import {
  type PipelineRun,
  type PipelineTask,
  type PipelineTaskRunSpec,
  type PipelineWorkspaceDeclaration,
  isAfter,
  mergePodTemplate,
  type ResolvedTask,
  type TektonVersion,
  taskRunName,
  type WorkspaceBinding,
  type WorkspaceDeclaration,
  type WorkspacePipelineTaskBinding,
} from "@lapcat/tekton";
import { childMetadata } from "./metadata.ts";
import { specDiagnostics } from "./spec-check.ts";
import { enumDiagnostics, extraParamDiagnostics, paramDiagnostics } from "./param-check.ts";
import { below, error, type Place } from "./place.ts";
import { producersOf } from "./result-reference.ts";
import {
  asPipelineTaskName,
  asTaskRunName,
  type BoundWorkspace,
  type PlannedTaskRun,
  type RunIdentity,
  type WorkspaceSource,
} from "./run-plan.ts";
import { taskRunUid } from "./task-run-uid.ts";
import { type Budgets, timeoutOfPart, timeoutOfTask } from "./timeouts.ts";
import { boundByDefault, escapes, joinedSubPath, workspacesUsedBy } from "./workspaces.ts";

/** A binding of the run: what stands behind a workspace of the Pipeline, and where below it. */
export interface RunWorkspace {
  readonly source: WorkspaceSource;
  readonly subPath: string | undefined;
}

export interface TaskSurroundings {
  readonly run: PipelineRun;
  readonly identity: RunIdentity;
  readonly memberOf: "tasks" | "finally";
  readonly runAfter: readonly string[];
  readonly workspaces: ReadonlyMap<string, RunWorkspace>;
  readonly declared: readonly PipelineWorkspaceDeclaration[];
  readonly budgets: Budgets;
  readonly fallbackTimeout: number;
  readonly place: Place;
  readonly ofRun: Place;
  readonly tekton: TektonVersion | undefined;
  readonly report: (problem: Diagnostic) => void;
  /** Told before the run, though a cluster fails the TaskRun only. */
  readonly reportOfTask: (problem: Diagnostic) => void;
  readonly defaultWorkspace: WorkspaceBinding | undefined;
}

/** A PipelineTask, references of the run replaced, as a task of the plan. */
export function planTask(pipelineTask: PipelineTask, resolved: ResolvedTask, around: TaskSurroundings): PlannedTaskRun {
  const { run, identity, memberOf, place, report, tekton } = around;
  const { spec, place: ofSpec } = taskRunSpecOf(run, pipelineTask.name, around.ofRun);
  const { bound, undeclared, unbound } = boundWorkspaces(pipelineTask, resolved, around);
  const name = resolved.name === undefined ? `task "${pipelineTask.name}"` : `Task "${resolved.name}"`;
  const given = { by: `task "${pipelineTask.name}"`, place, path: ["params"], params: pipelineTask.params ?? [] };
  const passed = { ...given, ...(pipelineTask.matrix && { matrix: pipelineTask.matrix }) };
  const declaredParams = resolved.spec.params ?? [];
  paramDiagnostics(name, declaredParams, passed).forEach(report);
  // A cluster looks at these when it makes the TaskRun.
  enumDiagnostics(name, declaredParams, passed).forEach(around.reportOfTask);
  extraParamDiagnostics(name, resolved, given, tekton).forEach(report);
  const embedded = embeddedIn(pipelineTask, resolved);
  specDiagnostics(
    embedded,
    pipelineTask.params ?? [],
    spec,
    ofSpec,
    resolved.embedded ? place : { origin: resolved.origin, path: resolved.path },
  ).forEach(around.reportOfTask);
  const resultsFrom = producersOf(pipelineTask);
  const predecessors = memberOf === "finally" ? [] : [...new Set([...around.runAfter, ...resultsFrom])];
  return {
    kind: "task",
    name: asPipelineTaskName(pipelineTask.name),
    memberOf,
    predecessors: predecessors.map(asPipelineTaskName),
    resultsFrom: resultsFrom.map(asPipelineTaskName),
    pipelineTask,
    task: withWorkspaces(embedded, undeclared),
    taskRunName: asTaskRunName(taskRunName(identity.name, pipelineTask.name, { version: tekton, seed: identity.uid })),
    workspaces: bound,
    serviceAccountName: spec.serviceAccountName ?? run.spec.taskRunTemplate?.serviceAccountName ?? "default",
    podTemplate: mergePodTemplate(spec.podTemplate, run.spec.taskRunTemplate?.podTemplate),
    ...childMetadata(identity, pipelineTask, memberOf, resolved, spec),
    stepSpecs: spec.stepSpecs ?? [],
    sidecarSpecs: spec.sidecarSpecs ?? [],
    computeResources: spec.computeResources,
    ...(unbound !== undefined && { unbound }),
    timeout: timeoutOfTask(
      [spec.timeout, pipelineTask.timeout],
      timeoutOfPart(around.budgets, memberOf, around.fallbackTimeout, tekton),
    ),
    // Whoever runs a custom task tries it again.
    retries: resolved.custom === undefined ? Math.max(0, pipelineTask.retries ?? 0) : 0,
    onError: pipelineTask.onError === "continue" ? "continue" : "stopAndFail",
  };
}

/** What the run says of one task; of several entries the last counts. */
export function taskRunSpecOf(
  run: PipelineRun,
  task: string,
  ofRun: Place,
): { readonly spec: PipelineTaskRunSpec; readonly place: Place } {
  const all = run.spec.taskRunSpecs ?? [];
  const index = all.findLastIndex((each) => each.pipelineTaskName === task);
  return { spec: all[index] ?? {}, place: below(ofRun, "taskRunSpecs", index) };
}

/** An embedded Task was replaced together with its PipelineTask. */
function embeddedIn({ taskSpec }: PipelineTask, resolved: ResolvedTask): ResolvedTask {
  if (!resolved.embedded || taskSpec === undefined) return resolved;
  const { apiVersion: _version, kind: _kind, spec: _spec, metadata: _metadata, ...spec } = taskSpec;
  return { ...resolved, spec };
}

export function withWorkspaces(task: ResolvedTask, names: readonly string[]): ResolvedTask {
  if (names.length === 0) return task;
  const workspaces: readonly WorkspaceDeclaration[] = [
    ...(task.spec.workspaces ?? []),
    ...names.map((name) => ({ name })),
  ];
  return { ...task, spec: { ...task.spec, workspaces } };
}

interface Bound {
  readonly bound: readonly BoundWorkspace[];
  /** Workspaces that an embedded Task gets without declaring them. */
  readonly undeclared: readonly string[];
  /** The first that is needed and that nobody binds. */
  readonly unbound: string | undefined;
}

function boundWorkspaces(task: PipelineTask, resolved: ResolvedTask, around: TaskSurroundings): Bound {
  const declared = new Map((resolved.spec.workspaces ?? []).map((each) => [each.name, each]));
  const written = task.workspaces ?? [];
  const reach = resolved.embedded && isAfter("workspaces-propagated", around.tekton);
  const used = reach && task.taskSpec !== undefined ? workspacesUsedBy(task.taskSpec) : [];
  const propagated = used.filter((name) => written.every((each) => each.name !== name)).map((name) => ({ name }));
  const all: readonly WorkspacePipelineTaskBinding[] = [...written, ...propagated];
  const unbound = all.find(
    (each) => declared.get(each.name)?.optional !== true && !around.workspaces.has(namedBy(each)),
  );
  const bound = all.flatMap((each, index) => boundWorkspace(task, each, index, declared, resolved, around));
  for (const { name, optional } of declared.values()) {
    if (optional === true || all.some((each) => each.name === name) || around.defaultWorkspace !== undefined) continue;
    around.reportOfTask(
      error(
        "workspace.missing",
        around.place,
        [],
        `task "${task.name}" does not bind workspace "${name}", which its Task needs`,
        `add \`- name: ${name}\` to its workspaces`,
      ),
    );
  }
  const taskRun = taskRunUid(around.identity.uid, taskRunName(around.identity.name, task.name));
  const left = [...declared.values()].filter(({ name }) => all.every((each) => each.name !== name));
  const byDefault = left.flatMap((each) => boundByDefault(each, around.defaultWorkspace, taskRun));
  const undeclared = resolved.embedded ? bound.filter(({ name }) => !declared.has(name)) : [];
  return {
    bound: [...bound, ...byDefault],
    undeclared: undeclared.map(({ name }) => name),
    unbound: unbound && namedBy(unbound),
  };
}

/** The Pipeline's workspace. */
function namedBy({ name, workspace }: WorkspacePipelineTaskBinding): string {
  return workspace === undefined || workspace === "" ? name : workspace;
}

function boundWorkspace(
  task: PipelineTask,
  binding: WorkspacePipelineTaskBinding,
  index: number,
  declared: ReadonlyMap<string, WorkspaceDeclaration>,
  resolved: ResolvedTask,
  around: TaskSurroundings,
): readonly BoundWorkspace[] {
  const from = namedBy(binding);
  const path = index < (task.workspaces ?? []).length ? ["workspaces", index] : [];
  const inPipeline = around.declared.find((each) => each.name === from);
  const inTask = declared.get(binding.name);
  if (inTask === undefined && !resolved.embedded && resolved.custom === undefined) {
    around.reportOfTask(
      error(
        "workspace.unknown",
        around.place,
        path,
        `task "${task.name}" binds workspace "${binding.name}", which its Task does not declare`,
      ),
    );
    if (around.workspaces.get(from) === undefined) return [];
  }
  // Upstream asks that only of those that name the Pipeline's workspace (ValidateOptionalWorkspaces).
  const isNamed = binding.workspace === from;
  if (isNamed && inPipeline?.optional === true && inTask !== undefined && inTask.optional !== true && path.length > 0) {
    around.report(
      error(
        "workspace.missing",
        around.place,
        path,
        `workspace "${from}" of the Pipeline is optional, but task "${task.name}" needs "${binding.name}"`,
      ),
    );
    return [];
  }
  const source = around.workspaces.get(from);
  if (source === undefined) {
    // A required workspace of the Pipeline that the run leaves out is told once, at the run.
    if (inTask?.optional !== true && (inPipeline === undefined || inPipeline.optional === true)) {
      around.reportOfTask(
        error(
          "workspace.missing",
          around.place,
          path,
          `task "${task.name}" needs workspace "${from}", which the run does not bind`,
        ),
      );
    }
    return [];
  }
  const subPath = joinedSubPath(source.subPath, binding.subPath);
  if (subPath !== undefined && escapes(subPath)) {
    around.report(
      error(
        "path.escape",
        around.place,
        [...path, "subPath"],
        `subPath "${subPath}" of workspace "${binding.name}" leads out of the volume`,
      ),
    );
    return [];
  }
  return [{ name: binding.name, source: source.source, ...(subPath !== undefined && { subPath }) }];
}

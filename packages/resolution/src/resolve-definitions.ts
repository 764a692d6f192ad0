import { type Diagnostic, didYouMean, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import { formatPath } from "@lapcat/manifest";
import {
  type CustomTask,
  type Located,
  type PipelineRun,
  type PipelineTask,
  type ResolvedPipeline,
  type ResolvedPipelineRun,
  type ResolvedTask,
  type ResolvedTaskRun,
  type TaskRun,
} from "@lapcat/tekton";
import { provenanceOf } from "./find-in-catalogs.ts";
import { type TaskFinder } from "./find-task.ts";
import { isKind } from "./kind.ts";
import { type Place } from "./needed-objects.ts";
import { objectsOf } from "./objects.ts";
import { refusedRef, unsupported } from "./refused-refs.ts";
import { type StepActionFinder } from "./step-actions.ts";

export interface Finders {
  readonly tasks: TaskFinder;
  readonly stepActions: StepActionFinder;
}

/** A PipelineRun with its Pipeline and the Task of every entry. */
export async function resolvePipelineRun(
  run: Located<PipelineRun>,
  near: readonly Located[],
  finders: Finders,
): Promise<Result<ResolvedPipelineRun>> {
  const found = resolvePipeline(run, near);
  if (!found.ok) return found;
  const pipeline = found.value;
  const tasks = new Map<string, ResolvedTask>();
  const diagnostics: Diagnostic[] = [...found.diagnostics];
  for (const list of ["tasks", "finally"] as const) {
    for (const [index, task] of (pipeline.spec[list] ?? []).entries()) {
      const resolved = await resolvePipelineTask(
        task,
        { origin: pipeline.origin, path: [...pipeline.path, list, index] },
        finders,
      );
      diagnostics.push(...resolved.diagnostics);
      if (resolved.ok) tasks.set(task.name, resolved.value);
    }
  }
  if (hasErrors(diagnostics)) return fail(diagnostics);
  return succeed({ kind: "PipelineRun", run, pipeline, tasks, objects: objectsOf(near) }, diagnostics);
}

function resolvePipeline(run: Located<PipelineRun>, near: readonly Located[]): Result<ResolvedPipeline> {
  const { origin, resource } = run;
  const { pipelineRef, pipelineSpec } = resource.spec;
  const { name: runName = "", labels = {}, annotations = {} } = resource.metadata;
  if (pipelineSpec !== undefined) {
    return succeed({
      name: runName,
      spec: pipelineSpec,
      embedded: true,
      labels,
      annotations,
      origin,
      path: ["spec", "pipelineSpec"],
      provenance: provenanceOf(origin.document.source),
    });
  }
  const path = ["spec", "pipelineRef"];
  const refused = pipelineRef === undefined ? undefined : refusedRef(pipelineRef, "Pipeline", origin, path);
  if (refused !== undefined) return fail([refused]);
  const name = pipelineRef?.name;
  const place = { span: origin.spanOf([...path, "name"]), path: formatPath([...path, "name"]) };
  if (name === undefined)
    return fail([
      {
        code: "field.missing",
        severity: "error",
        message: "the run names no Pipeline: spec.pipelineRef or spec.pipelineSpec is needed",
        ...place,
      },
    ]);
  const pipelines = near.filter(isKind("Pipeline"));
  const found = pipelines.find((each) => each.resource.metadata.name === name);
  if (found === undefined) {
    const meant = didYouMean(
      name,
      pipelines.flatMap((each) => each.resource.metadata.name ?? []),
    );
    const hint = meant === undefined ? "Give its file with -f" : `Did you mean ${meant}?`;
    return fail([
      {
        code: "pipeline.missing",
        severity: "error",
        message: `there is no Pipeline ${JSON.stringify(name)} among the documents`,
        ...place,
        hint,
      },
    ]);
  }
  const { metadata, spec } = found.resource;
  return succeed({
    name,
    spec,
    embedded: false,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    origin: found.origin,
    path: ["spec"],
    provenance: provenanceOf(found.origin.document.source),
  });
}

async function resolvePipelineTask(
  task: PipelineTask,
  { origin, path }: Place,
  finders: Finders,
): Promise<Result<ResolvedTask>> {
  for (const field of ["pipelineRef", "pipelineSpec"] as const) {
    if (task[field] !== undefined)
      return fail([
        unsupported(
          origin,
          [...path, field],
          "Pipelines in Pipelines are not executed yet",
          "Write its tasks into this Pipeline",
        ),
      ]);
  }
  const custom = customTask(task);
  if (custom !== undefined) return succeed(resolvedCustomTask(task, custom, origin, path));
  if (task.taskSpec !== undefined) {
    const at = [...path, "taskSpec"];
    const { apiVersion: _apiVersion, kind: _kind, spec: _spec, metadata, ...spec } = task.taskSpec;
    const { labels = {}, annotations = {} } = metadata ?? {};
    return finders.stepActions.close({
      name: undefined,
      spec,
      embedded: true,
      labels,
      annotations,
      origin,
      path: at,
      provenance: provenanceOf(origin.document.source),
    });
  }
  const at = [...path, "taskRef"];
  const refused = task.taskRef === undefined ? undefined : refusedRef(task.taskRef, "Task", origin, at);
  if (refused !== undefined) return fail([refused]);
  return findTask(task.taskRef?.name, { origin, path: at }, finders);
}

/** A reference or an embedded Task with both an apiVersion and a kind is some other program's, whatever they say (tektoncd/pipeline#6457). */
function customTask({ taskRef, taskSpec }: PipelineTask): CustomTask | undefined {
  const { apiVersion = "", kind = "" } = taskRef ?? taskSpec ?? {};
  return apiVersion === "" || kind === "" ? undefined : { apiVersion, kind };
}

function resolvedCustomTask(
  { taskRef, taskSpec }: PipelineTask,
  custom: CustomTask,
  origin: Place["origin"],
  path: Place["path"],
): ResolvedTask {
  return {
    name: taskRef?.name,
    spec: {},
    embedded: taskSpec !== undefined,
    custom,
    labels: taskSpec?.metadata?.labels ?? {},
    annotations: taskSpec?.metadata?.annotations ?? {},
    origin,
    path: [...path, taskSpec === undefined ? "taskRef" : "taskSpec"],
    provenance: provenanceOf(origin.document.source),
  };
}

/** A TaskRun with its Task. */
export async function resolveTaskRun(
  run: Located<TaskRun>,
  near: readonly Located[],
  finders: Finders,
): Promise<Result<ResolvedTaskRun>> {
  const { origin, resource } = run;
  const { taskRef, taskSpec } = resource.spec;
  const path = ["spec", taskSpec === undefined ? "taskRef" : "taskSpec"];
  const refused = taskRef === undefined ? undefined : refusedRef(taskRef, "Task", origin, path);
  if (refused !== undefined) return fail([refused]);
  const task =
    taskSpec !== undefined
      ? await finders.stepActions.close({
          name: undefined,
          spec: taskSpec,
          embedded: true,
          labels: {},
          annotations: {},
          origin,
          path,
          provenance: provenanceOf(origin.document.source),
        })
      : await findTask(taskRef?.name, { origin, path }, finders);
  if (!task.ok) return task;
  return succeed({ kind: "TaskRun", run, task: task.value, objects: objectsOf(near) }, task.diagnostics);
}

async function findTask(
  name: string | undefined,
  { origin, path }: Place,
  finders: Finders,
): Promise<Result<ResolvedTask>> {
  const place = { span: origin.spanOf([...path, "name"]), path: formatPath([...path, "name"]) };
  if (name === undefined)
    return fail([
      {
        code: "field.missing",
        severity: "error",
        message: "no Task is named: taskRef.name or taskSpec is needed",
        ...place,
      },
    ]);
  const found = await finders.tasks.find(name, place);
  if (!found.ok) return found;
  const closed = await finders.stepActions.close(found.value);
  const diagnostics = [...found.diagnostics, ...closed.diagnostics];
  return closed.ok ? succeed(closed.value, diagnostics) : fail(diagnostics);
}

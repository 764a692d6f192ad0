import { type Diagnostic, didYouMean, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import { formatPath } from "@lapcat/manifest";
import {
  type CustomTask,
  type Located,
  type PipelineRun,
  type PipelineSpec,
  type PipelineTask,
  type Ref,
  type ResolvedChild,
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
import { refusedRef } from "./refused-refs.ts";
import { type StepActionFinder } from "./step-actions.ts";

export interface Finders {
  readonly tasks: TaskFinder;
  readonly stepActions: StepActionFinder;
  /** A child PipelineRun may lack what it refers to: it is played only, and fails as in a cluster. */
  readonly lenient: boolean;
}

/** A PipelineRun with its Pipeline and the Task, or the Pipeline, of every entry. */
export async function resolvePipelineRun(
  run: Located<PipelineRun>,
  near: readonly Located[],
  finders: Finders,
): Promise<Result<ResolvedPipelineRun>> {
  const found = resolvePipeline(run, near);
  if (!found.ok) return found;
  const pipeline = found.value;
  const { entries, lost } = await resolveEntries(pipeline, pipeline.embedded ? [] : [pipeline.name], near, finders);
  const diagnostics = [...found.diagnostics, ...lost];
  if (hasErrors(diagnostics)) return fail(diagnostics);
  return succeed({ kind: "PipelineRun", run, pipeline, ...entries, objects: objectsOf(near) }, diagnostics);
}

interface Resolved {
  readonly entries: Pick<ResolvedPipelineRun, "tasks" | "children">;
  readonly lost: readonly Diagnostic[];
}

/** What the entries of a Pipeline refer to; `within` are the Pipelines that it runs in, and itself, innermost first. */
async function resolveEntries(
  pipeline: ResolvedPipeline,
  within: readonly string[],
  near: readonly Located[],
  finders: Finders,
): Promise<Resolved> {
  const tasks = new Map<string, ResolvedTask>();
  const children = new Map<string, ResolvedChild>();
  const diagnostics: Diagnostic[] = [];
  for (const list of ["tasks", "finally"] as const) {
    for (const [index, task] of (pipeline.spec[list] ?? []).entries()) {
      const place = { origin: pipeline.origin, path: [...pipeline.path, list, index] };
      if (task.pipelineRef !== undefined || task.pipelineSpec !== undefined) {
        const child = await resolveChild(task, place, within, near, finders);
        diagnostics.push(...child.diagnostics);
        if (child.ok) children.set(task.name, child.value);
      } else {
        const resolved = await resolvePipelineTask(task, place, finders);
        diagnostics.push(...resolved.diagnostics);
        if (resolved.ok) tasks.set(task.name, resolved.value);
      }
    }
  }
  return { entries: { tasks, children }, lost: diagnostics };
}

/** A Pipeline in a Pipeline, with all that its own entries refer to. */
async function resolveChild(
  { pipelineRef, pipelineSpec }: PipelineTask,
  { origin, path }: Place,
  within: readonly string[],
  near: readonly Located[],
  finders: Finders,
): Promise<Result<ResolvedChild>> {
  const name = pipelineRef?.name;
  if (name !== undefined && pipelineRef?.resolver === undefined && within.includes(name))
    return succeed({ kind: "cycle", pipeline: name, within: within.slice(0, within.indexOf(name)) });
  const found =
    pipelineSpec !== undefined
      ? succeed(embeddedPipeline("", pipelineSpec, { origin, path: [...path, "pipelineSpec"] }))
      : findPipeline(pipelineRef, { origin, path: [...path, "pipelineRef"] }, near);
  if (!found.ok) return found;
  const pipeline = found.value;
  const around = pipeline.embedded ? within : [pipeline.name, ...within];
  const { entries, lost } = await resolveEntries(pipeline, around, near, finders);
  const told = lost.map((each): Diagnostic => (finders.lenient ? { ...each, severity: "warning" } : each));
  const diagnostics = [...found.diagnostics, ...told];
  return hasErrors(told) ? fail(diagnostics) : succeed({ kind: "pipeline", pipeline, ...entries }, diagnostics);
}

function resolvePipeline(run: Located<PipelineRun>, near: readonly Located[]): Result<ResolvedPipeline> {
  const { origin, resource } = run;
  const { pipelineRef, pipelineSpec } = resource.spec;
  const { name = "", labels = {}, annotations = {} } = resource.metadata;
  if (pipelineSpec !== undefined) {
    const embedded = embeddedPipeline(name, pipelineSpec, { origin, path: ["spec", "pipelineSpec"] });
    return succeed({ ...embedded, labels, annotations });
  }
  return findPipeline(pipelineRef, { origin, path: ["spec", "pipelineRef"] }, near);
}

function embeddedPipeline(name: string, spec: PipelineSpec, { origin, path }: Place): ResolvedPipeline {
  const provenance = provenanceOf(origin.document.source);
  return { name, spec, embedded: true, labels: {}, annotations: {}, origin, path, provenance };
}

function findPipeline(
  ref: Ref | undefined,
  { origin, path }: Place,
  near: readonly Located[],
): Result<ResolvedPipeline> {
  const refused = ref === undefined ? undefined : refusedRef(ref, "Pipeline", origin, path);
  if (refused !== undefined) return fail([refused]);
  const name = ref?.name;
  const place = { span: origin.spanOf([...path, "name"]), path: formatPath([...path, "name"]) };
  if (name === undefined)
    return fail([
      {
        code: "field.missing",
        severity: "error",
        message: `no Pipeline is named: ${formatPath(path)} or ${formatPath([...path.slice(0, -1), "pipelineSpec"])} is needed`,
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

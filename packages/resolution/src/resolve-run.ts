import { stat } from "node:fs/promises";
import { type Diagnostic, didYouMean, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import { formatPath } from "@lapcat/manifest";
import {
  generateName,
  type Located,
  newUid,
  type PipelineRun,
  type PipelineTask,
  type ResolvedPipeline,
  type ResolvedPipelineRun,
  type ResolvedRun,
  type ResolvedTask,
  type ResolvedTaskRun,
  type TaskRun,
} from "@lapcat/tekton";
import { type Choice, chooseRun } from "./choose-run.ts";
import { provenanceOf, type TaskFinder, taskFinder } from "./find-task.ts";
import { isKind } from "./kind.ts";
import { type Place } from "./needed-objects.ts";
import { checkObjects, objectsOf } from "./objects.ts";
import { refusedRef, refusedSpec, refusedSteps, unsupported } from "./refused-refs.ts";
import { runFor } from "./run-for.ts";

export interface ResolveOptions {
  /** Directories in the layout of tektoncd/catalog, asked in order. */
  readonly catalogs: readonly string[];
  /** Versions asked for, by Task name. */
  readonly pins: ReadonlyMap<string, string>;
  /** From 0 up to, not including, 1: for generated names and the uid. */
  random(): number;
  /** What the command line changes in the run (params, workspaces …), before anything of it is looked up. */
  adapt?(run: Located<PipelineRun | TaskRun>): Result<Located<PipelineRun | TaskRun>>;
}

/** The run that was chosen, closed: with every definition and object it refers to; or all that is missing. */
export async function resolveRun(resources: readonly Located[], choice: Choice | undefined, options: ResolveOptions): Promise<Result<ResolvedRun>> {
  const unusable = await unusableCatalogs(options.catalogs);
  if (unusable.length > 0) return fail(unusable);
  const chosen = chooseRun(resources, choice);
  if (!chosen.ok) return chosen;
  const adapted = options.adapt?.(runFor(chosen.value)) ?? succeed(runFor(chosen.value));
  if (!adapted.ok) return adapted;

  const run = named(adapted.value, options.random);
  const near = resources.filter(({ resource }) => (resource.metadata.namespace ?? run.resource.metadata.namespace) === run.resource.metadata.namespace);
  const finder = taskFinder(near.filter(isKind("Task")), options.catalogs, options.pins);
  const resolved = isKind("PipelineRun")(run) ? await resolvePipelineRun(run, near, finder) : isKind("TaskRun")(run) ? await resolveTaskRun(run, near, finder) : undefined;
  if (resolved === undefined) throw new Error("neither a PipelineRun nor a TaskRun");
  const diagnostics = [...adapted.diagnostics, ...resolved.diagnostics];
  if (!resolved.ok) return fail(diagnostics);
  const all = [...diagnostics, ...checkObjects(resolved.value)];
  return hasErrors(all) ? fail(all) : succeed(resolved.value, all);
}

/** With its name, namespace and uid, as an API server gives them. */
function named(located: Located<PipelineRun | TaskRun>, random: () => number): Located<PipelineRun | TaskRun> {
  const { metadata } = located.resource;
  const name = metadata.name ?? generateName(metadata.generateName ?? "run-", random);
  return { ...located, resource: { ...located.resource, metadata: { ...metadata, name, namespace: metadata.namespace ?? "default", uid: newUid(random) } } };
}

async function resolvePipelineRun(run: Located<PipelineRun>, near: readonly Located[], finder: TaskFinder): Promise<Result<ResolvedPipelineRun>> {
  const found = resolvePipeline(run, near);
  if (!found.ok) return found;
  const pipeline = found.value;
  const tasks = new Map<string, ResolvedTask>();
  const diagnostics: Diagnostic[] = [...found.diagnostics];
  for (const list of ["tasks", "finally"] as const) {
    for (const [index, task] of (pipeline.spec[list] ?? []).entries()) {
      const resolved = await resolvePipelineTask(task, { origin: pipeline.origin, path: [...pipeline.path, list, index] }, finder);
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
    return succeed({ name: runName, spec: pipelineSpec, embedded: true, labels, annotations, origin, path: ["spec", "pipelineSpec"], provenance: provenanceOf(origin.document.source) });
  }
  const path = ["spec", "pipelineRef"];
  const refused = pipelineRef === undefined ? undefined : refusedRef(pipelineRef, "Pipeline", origin, path);
  if (refused !== undefined) return fail([refused]);
  const name = pipelineRef?.name;
  const place = { span: origin.spanOf([...path, "name"]), path: formatPath([...path, "name"]) };
  if (name === undefined) return fail([{ code: "field.missing", severity: "error", message: "the run names no Pipeline: spec.pipelineRef or spec.pipelineSpec is needed", ...place }]);
  const pipelines = near.filter(isKind("Pipeline"));
  const found = pipelines.find((each) => each.resource.metadata.name === name);
  if (found === undefined) {
    const meant = didYouMean(name, pipelines.flatMap((each) => each.resource.metadata.name ?? []));
    const hint = meant === undefined ? "Give its file with -f" : `Did you mean ${meant}?`;
    return fail([{ code: "pipeline.missing", severity: "error", message: `there is no Pipeline ${JSON.stringify(name)} among the documents`, ...place, hint }]);
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

async function resolvePipelineTask(task: PipelineTask, { origin, path }: Place, finder: TaskFinder): Promise<Result<ResolvedTask>> {
  for (const field of ["pipelineRef", "pipelineSpec"] as const) {
    if (task[field] !== undefined) return fail([unsupported(origin, [...path, field], "Pipelines in Pipelines are not executed yet", "Write its tasks into this Pipeline")]);
  }
  if (task.taskSpec !== undefined) {
    const at = [...path, "taskSpec"];
    const refused = refusedSpec(task.taskSpec, origin, at);
    if (refused !== undefined) return fail([refused]);
    const { apiVersion: _apiVersion, kind: _kind, spec: _spec, metadata, ...spec } = task.taskSpec;
    const { labels = {}, annotations = {} } = metadata ?? {};
    return closed({ name: undefined, spec, embedded: true, labels, annotations, origin, path: at, provenance: provenanceOf(origin.document.source) });
  }
  const at = [...path, "taskRef"];
  const refused = task.taskRef === undefined ? undefined : refusedRef(task.taskRef, "Task", origin, at);
  if (refused !== undefined) return fail([refused]);
  return findTask(task.taskRef?.name, { origin, path: at }, finder);
}

async function resolveTaskRun(run: Located<TaskRun>, near: readonly Located[], finder: TaskFinder): Promise<Result<ResolvedTaskRun>> {
  const { origin, resource } = run;
  const { taskRef, taskSpec } = resource.spec;
  const path = ["spec", taskSpec === undefined ? "taskRef" : "taskSpec"];
  const refused = taskRef === undefined ? undefined : refusedRef(taskRef, "Task", origin, path);
  if (refused !== undefined) return fail([refused]);
  const task =
    taskSpec !== undefined
      ? closed({ name: undefined, spec: taskSpec, embedded: true, labels: {}, annotations: {}, origin, path, provenance: provenanceOf(origin.document.source) })
      : await findTask(taskRef?.name, { origin, path }, finder);
  if (!task.ok) return task;
  return succeed({ kind: "TaskRun", run, task: task.value, objects: objectsOf(near) }, task.diagnostics);
}

async function findTask(name: string | undefined, { origin, path }: Place, finder: TaskFinder): Promise<Result<ResolvedTask>> {
  const place = { span: origin.spanOf([...path, "name"]), path: formatPath([...path, "name"]) };
  if (name === undefined) return fail([{ code: "field.missing", severity: "error", message: "no Task is named: taskRef.name or taskSpec is needed", ...place }]);
  const found = await finder.find(name, place);
  if (!found.ok) return found;
  const checked = closed(found.value);
  return checked.ok ? found : fail([...found.diagnostics, ...checked.diagnostics]);
}

/** A Task whose steps are references is not closed. */
function closed(task: ResolvedTask): Result<ResolvedTask> {
  const refused = refusedSteps(task.spec, task.origin, task.path);
  return refused.length > 0 ? fail(refused) : succeed(task);
}

async function unusableCatalogs(catalogs: readonly string[]): Promise<readonly Diagnostic[]> {
  const checked = await Promise.all(
    catalogs.map(async (catalog): Promise<Diagnostic | undefined> => {
      const why = await stat(catalog).then(
        (found) => (found.isDirectory() ? undefined : "it is not a directory"),
        () => "there is no such directory",
      );
      if (why === undefined) return undefined;
      return { code: "file.unreadable", severity: "error", message: `the catalog ${catalog} cannot be read: ${why}`, hint: "A catalog is laid out as task/NAME/VERSION/NAME.yaml" };
    }),
  );
  return checked.filter((each) => each !== undefined);
}

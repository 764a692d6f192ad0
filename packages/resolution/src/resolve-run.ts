import { stat } from "node:fs/promises";
import { type Diagnostic, didYouMean, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import { formatPath } from "@lapcat/manifest";
import {
  applyRunFlags,
  generateName,
  type Located,
  newUid,
  type ParamSpec,
  type PipelineRun,
  type PipelineTask,
  type ResolvedPipeline,
  type ResolvedPipelineRun,
  type ResolvedRun,
  type ResolvedTask,
  type ResolvedTaskRun,
  type RunFlags,
  runForPipeline,
  runForTask,
  type TaskRun,
} from "@lapcat/tekton";
import { type Choice, chooseRun, type Runnable } from "./choose-run.ts";
import { provenanceOf, type TaskFinder, taskFinder } from "./find-task.ts";
import { isKind } from "./kind.ts";
import { type Place } from "./needed-objects.ts";
import { checkObjects, objectsOf } from "./objects.ts";
import { refusedRef, refusedSpec, refusedSteps, unsupported } from "./refused-refs.ts";

export interface ResolveOptions {
  /** Directories in the layout of tektoncd/catalog, asked in order. */
  readonly catalogs: readonly string[];
  /** Versions asked for, by Task name. */
  readonly pins: ReadonlyMap<string, string>;
  /** From 0 up to, not including, 1: for generated names and the uid. */
  random(): number;
  /** What the command line says of the run; how a param's text is read depends on what the Pipeline or Task declares. */
  flags?(declared: readonly ParamSpec[]): Result<RunFlags>;
}

/** The run that was chosen, closed: with every definition and object it refers to; or all that is missing. */
export async function resolveRun(
  resources: readonly Located[],
  choice: Choice | undefined,
  options: ResolveOptions,
): Promise<Result<ResolvedRun>> {
  const unusable = await unusableCatalogs(options.catalogs);
  if (unusable.length > 0) return fail(unusable);
  const chosen = chooseRun(resources, choice);
  if (!chosen.ok) return chosen;
  const run = named(runFor(chosen.value), () => options.random());
  const near = resources.filter(
    ({ resource }) =>
      (resource.metadata.namespace ?? run.resource.metadata.namespace) === run.resource.metadata.namespace,
  );
  const finder = taskFinder(near.filter(isKind("Task")), options.catalogs, options.pins);
  const resolved = isPipelineRun(run)
    ? await resolvePipelineRun(run, near, finder)
    : await resolveTaskRun(run, near, finder);
  if (!resolved.ok) return resolved;
  const flags = options.flags?.(declaredParams(resolved.value)) ?? succeed({});
  const diagnostics = [...resolved.diagnostics, ...flags.diagnostics];
  if (!flags.ok) return fail(diagnostics);
  const flagged = withFlags(resolved.value, flags.value);
  const all = [...diagnostics, ...checkObjects(flagged)];
  return hasErrors(all) ? fail(all) : succeed(flagged, all);
}

function declaredParams(resolved: ResolvedRun): readonly ParamSpec[] {
  return (resolved.kind === "PipelineRun" ? resolved.pipeline : resolved.task).spec.params ?? [];
}

function withFlags(resolved: ResolvedRun, flags: RunFlags): ResolvedRun {
  if (resolved.kind === "PipelineRun") return { ...resolved, run: applyRunFlags(resolved.run, flags) };
  return { ...resolved, run: applyRunFlags(resolved.run, flags) };
}

type AnyRun = Located<PipelineRun> | Located<TaskRun>;

function isPipelineRun(run: AnyRun): run is Located<PipelineRun> {
  return run.resource.kind === "PipelineRun";
}

function runFor(located: Located<Runnable>): AnyRun {
  const { resource, origin } = located;
  switch (resource.kind) {
    case "PipelineRun":
      return { resource, origin };
    case "TaskRun":
      return { resource, origin };
    case "Pipeline":
      return runForPipeline({ resource, origin });
    case "Task":
      return runForTask({ resource, origin });
  }
}

/** With its name, namespace and uid, as an API server gives them. */
function named({ resource, origin }: AnyRun, random: () => number): AnyRun {
  const given = resource.metadata;
  const name = given.name ?? generateName(given.generateName ?? "run-", random);
  const metadata = { ...given, name, namespace: given.namespace ?? "default", uid: newUid(random) };
  return resource.kind === "PipelineRun"
    ? { resource: { ...resource, metadata }, origin }
    : { resource: { ...resource, metadata }, origin };
}

async function resolvePipelineRun(
  run: Located<PipelineRun>,
  near: readonly Located[],
  finder: TaskFinder,
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
        finder,
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
  finder: TaskFinder,
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
  if (task.taskSpec !== undefined) {
    const at = [...path, "taskSpec"];
    const refused = refusedSpec(task.taskSpec, origin, at);
    if (refused !== undefined) return fail([refused]);
    const { apiVersion: _apiVersion, kind: _kind, spec: _spec, metadata, ...spec } = task.taskSpec;
    const { labels = {}, annotations = {} } = metadata ?? {};
    return closed({
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
  return findTask(task.taskRef?.name, { origin, path: at }, finder);
}

async function resolveTaskRun(
  run: Located<TaskRun>,
  near: readonly Located[],
  finder: TaskFinder,
): Promise<Result<ResolvedTaskRun>> {
  const { origin, resource } = run;
  const { taskRef, taskSpec } = resource.spec;
  const path = ["spec", taskSpec === undefined ? "taskRef" : "taskSpec"];
  const refused = taskRef === undefined ? undefined : refusedRef(taskRef, "Task", origin, path);
  if (refused !== undefined) return fail([refused]);
  const task =
    taskSpec !== undefined
      ? closed({
          name: undefined,
          spec: taskSpec,
          embedded: true,
          labels: {},
          annotations: {},
          origin,
          path,
          provenance: provenanceOf(origin.document.source),
        })
      : await findTask(taskRef?.name, { origin, path }, finder);
  if (!task.ok) return task;
  return succeed({ kind: "TaskRun", run, task: task.value, objects: objectsOf(near) }, task.diagnostics);
}

async function findTask(
  name: string | undefined,
  { origin, path }: Place,
  finder: TaskFinder,
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
      return {
        code: "file.unreadable",
        severity: "error",
        message: `the catalog ${catalog} cannot be read: ${why}`,
        hint: "A catalog is laid out as task/NAME/VERSION/NAME.yaml",
      };
    }),
  );
  return checked.filter((each) => each !== undefined);
}

import { stat } from "node:fs/promises";
import { type Diagnostic, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import { type ReferringRun } from "@lapcat/plan";
import {
  applyRunFlags,
  defaultGates,
  generateName,
  type Located,
  newUid,
  type ParamSpec,
  type PipelineRun,
  type ResolvedRun,
  type RunFlags,
  runForPipeline,
  runForTask,
  type TaskRun,
} from "@lapcat/tekton";
import { type Choice, chooseRun, type Runnable } from "./choose-run.ts";
import { taskFinder } from "./find-task.ts";
import { type Finders } from "./finders.ts";
import { isKind } from "./kind.ts";
import { missingOfMadeRun } from "./made-run.ts";
import { checkObjects } from "./objects.ts";
import { type Admission } from "./remote/read-definition.ts";
import { isRemote } from "./remote/is-remote.ts";
import { remoteFinder } from "./remote/remote-finder.ts";
import { type RemoteSource } from "./remote/remote-source.ts";
import { resolvePipeline, resolvePipelineRun } from "./resolve-pipeline.ts";
import { resolveTask, resolveTaskRun } from "./resolve-task.ts";
import { stepActionFinder } from "./step-actions.ts";
import { workspaceSlips } from "./workspace-flags.ts";

export interface ResolveOptions {
  /** Directories in the layout of tektoncd/catalog, asked in order. */
  readonly catalogs: readonly string[];
  /** Versions asked for, by Task name. */
  readonly pins: ReadonlyMap<string, string>;
  /** From 0 up to, not including, 1: for generated names and the uid. */
  random(): number;
  /** In place of a random one. */
  readonly uid?: string;
  /** What containers would need may be absent, objects and StepActions: none is started. */
  readonly withoutObjects?: boolean;
  /** Who answers what references ask of resolvers; without it nobody but the documents. */
  readonly remote?: RemoteSource;
  /** The cluster's settings, which a definition from elsewhere is read and checked by. */
  readonly admission?: Admission;
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
  const run = named(runFor(chosen.value), options);
  const near = resources.filter(
    ({ resource }) =>
      (resource.metadata.namespace ?? run.resource.metadata.namespace) === run.resource.metadata.namespace,
  );
  const { withoutObjects = false, remote: source = { kind: "documents" }, admission = shipped } = options;
  const namespace = run.resource.metadata.namespace ?? "default";
  const remote = remoteFinder(resources, { namespace, source, lenient: withoutObjects, ...admission });
  const finders = {
    lenient: withoutObjects,
    tekton: admission.gates.tekton,
    remote,
    tasks: taskFinder(near.filter(isKind("Task")), options.catalogs, options.pins),
    stepActions: stepActionFinder(near.filter(isKind("StepAction")), options.catalogs, remote, withoutObjects),
  };
  const found = isPipelineRun(run)
    ? await closePipelineRun(run, near, finders, options)
    : await closeTaskRun(run, near, finders, options);
  if (!found.ok) return found;
  const { resolved, flags } = found.value;
  const diagnostics = [...found.diagnostics];
  diagnostics.push(...workspaceSlips(resolved, flags));
  // Without objects it is played only, and goes on to be failed as Tekton would.
  if (!withoutObjects) diagnostics.push(...missingOf(chosen.value, flags), ...checkObjects(resolved));
  if (hasErrors(diagnostics)) return fail(diagnostics);
  const fetched = remote.fetched();
  return succeed(fetched.length === 0 ? resolved : { ...resolved, fetched }, diagnostics);
}

const shipped: Admission = { settings: {}, gates: defaultGates };

interface Closed {
  /** With what the flags say. */
  readonly resolved: ResolvedRun;
  readonly flags: RunFlags;
}

/** What the flags say depends on what the Pipeline declares, and what its tasks refer to may depend on them. */
async function closePipelineRun(
  run: Located<PipelineRun>,
  near: readonly Located[],
  finders: Finders,
  options: ResolveOptions,
): Promise<Result<Closed>> {
  const pipeline = await resolvePipeline(run, referring(guessed(run, options)), near, finders);
  if (!pipeline.ok) return pipeline;
  const flags = flagsFor(pipeline.value.spec.params, options);
  const flagged = flags.ok ? applyRunFlags(run, flags.value) : run;
  const resolved = await resolvePipelineRun(flagged, pipeline.value, referring(flagged), near, finders);
  return closed(pipeline.diagnostics, resolved, flags);
}

async function closeTaskRun(
  run: Located<TaskRun>,
  near: readonly Located[],
  finders: Finders,
  options: ResolveOptions,
): Promise<Result<Closed>> {
  const task = await resolveTask(run, referring(guessed(run, options)), finders);
  if (!task.ok) return task;
  const flags = flagsFor(task.value.spec.params, options);
  const flagged = flags.ok ? applyRunFlags(run, flags.value) : run;
  return closed(task.diagnostics, await resolveTaskRun(flagged, task.value, near, finders), flags);
}

function closed(before: readonly Diagnostic[], resolved: Result<ResolvedRun>, flags: Result<RunFlags>): Result<Closed> {
  const diagnostics = [...before, ...resolved.diagnostics, ...(resolved.ok ? flags.diagnostics : [])];
  if (!resolved.ok || !flags.ok) return fail(diagnostics);
  return succeed({ resolved: resolved.value, flags: flags.value }, diagnostics);
}

function flagsFor(declared: readonly ParamSpec[] = [], options: ResolveOptions): Result<RunFlags> {
  return options.flags?.(declared) ?? succeed({});
}

/** As long as nothing is declared, what the flags give is taken for text. */
function guessed<R extends AnyRun>(run: R, options: ResolveOptions): R {
  const { spec } = run.resource;
  if (!isRemote("pipelineRef" in spec ? spec.pipelineRef : "taskRef" in spec ? spec.taskRef : undefined)) return run;
  const flags = flagsFor([], options);
  return flags.ok ? (applyRunFlags(run as Located<PipelineRun>, flags.value) as R) : run;
}

function referring({ resource: { metadata, spec } }: AnyRun): ReferringRun {
  const { name = "", namespace = "default", uid = "" } = metadata;
  const workspaces = (spec.workspaces ?? []).map((each) => each.name);
  return { name, namespace, uid, params: spec.params ?? [], workspaces };
}

function missingOf({ resource, origin }: Located<Runnable>, flags: RunFlags): readonly Diagnostic[] {
  return resource.kind === "Pipeline" || resource.kind === "Task" ? missingOfMadeRun({ resource, origin }, flags) : [];
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
function named({ resource, origin }: AnyRun, options: ResolveOptions): AnyRun {
  const given = resource.metadata;
  const name = given.name ?? generateName(given.generateName ?? "run-", () => options.random());
  const metadata = {
    ...given,
    name,
    namespace: given.namespace ?? "default",
    uid: options.uid ?? newUid(() => options.random()),
  };
  return resource.kind === "PipelineRun"
    ? { resource: { ...resource, metadata }, origin }
    : { resource: { ...resource, metadata }, origin };
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

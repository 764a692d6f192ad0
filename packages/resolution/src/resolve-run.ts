import { stat } from "node:fs/promises";
import { type Diagnostic, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import {
  applyRunFlags,
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
import { isKind } from "./kind.ts";
import { missingOfMadeRun } from "./made-run.ts";
import { checkObjects } from "./objects.ts";
import { resolvePipelineRun, resolveTaskRun } from "./resolve-definitions.ts";
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
  const finders = {
    lenient: options.withoutObjects === true,
    tasks: taskFinder(near.filter(isKind("Task")), options.catalogs, options.pins),
    stepActions: stepActionFinder(near.filter(isKind("StepAction")), options.catalogs, options.withoutObjects === true),
  };
  const resolved = isPipelineRun(run)
    ? await resolvePipelineRun(run, near, finders)
    : await resolveTaskRun(run, near, finders);
  if (!resolved.ok) return resolved;
  const flags = options.flags?.(declaredParams(resolved.value)) ?? succeed({});
  const diagnostics = [...resolved.diagnostics, ...flags.diagnostics];
  if (!flags.ok) return fail(diagnostics);
  diagnostics.push(...workspaceSlips(resolved.value, flags.value));
  // Without objects it is played only, and goes on to be failed as Tekton would.
  if (options.withoutObjects !== true) diagnostics.push(...missingOf(chosen.value, flags.value));
  const flagged = withFlags(resolved.value, flags.value);
  const all = [...diagnostics, ...(options.withoutObjects === true ? [] : checkObjects(flagged))];
  return hasErrors(all) ? fail(all) : succeed(flagged, all);
}

function missingOf({ resource, origin }: Located<Runnable>, flags: RunFlags): readonly Diagnostic[] {
  return resource.kind === "Pipeline" || resource.kind === "Task" ? missingOfMadeRun({ resource, origin }, flags) : [];
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

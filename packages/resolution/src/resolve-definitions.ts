import { type Diagnostic, didYouMean, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import { formatPath } from "@lapcat/manifest";
import {
  paramsPassed,
  pipelineRefVariables,
  referringChild,
  type ReferringRun,
  replaceInRef,
  taskRefVariables,
  taskReplacer,
} from "@lapcat/plan";
import {
  type CustomTask,
  type Located,
  type Param,
  type Pipeline,
  type PipelineRun,
  type PipelineSpec,
  type PipelineTask,
  type Provenance,
  type Ref,
  type ResolvedChild,
  type ResolvedPipeline,
  type ResolvedPipelineRun,
  type ResolvedTask,
  type ResolvedTaskRun,
  type TaskRun,
  type TektonVersion,
} from "@lapcat/tekton";
import { provenanceOf } from "./find-in-catalogs.ts";
import { resolvedTask, type TaskFinder } from "./find-task.ts";
import { isKind } from "./kind.ts";
import { type Place } from "./needed-objects.ts";
import { objectsOf } from "./objects.ts";
import { refusedRef } from "./refused-refs.ts";
import { isRemote } from "./remote/is-remote.ts";
import { type RemoteFinder } from "./remote/remote-finder.ts";
import { type StepActionFinder } from "./step-actions.ts";

export interface Finders {
  readonly tasks: TaskFinder;
  readonly stepActions: StepActionFinder;
  readonly remote: RemoteFinder;
  readonly tekton?: TektonVersion | undefined;
  /** A child PipelineRun may lack what it refers to: it is played only, and fails as in a cluster. */
  readonly lenient: boolean;
}

/** A PipelineRun's Pipeline; `referring` is the run, as far as it is known without it. */
export function resolvePipeline(
  run: Located<PipelineRun>,
  referring: ReferringRun,
  near: readonly Located[],
  { remote }: Finders,
): Promise<Result<ResolvedPipeline>> {
  const { origin, resource } = run;
  const { pipelineRef, pipelineSpec } = resource.spec;
  const { name = "", labels = {}, annotations = {} } = resource.metadata;
  if (pipelineSpec !== undefined) {
    const embedded = embeddedPipeline(name, pipelineSpec, { origin, path: ["spec", "pipelineSpec"] });
    return Promise.resolve(succeed({ ...embedded, labels, annotations }));
  }
  return findPipeline(pipelineRef, { origin, path: ["spec", "pipelineRef"] }, [referring], near, remote);
}

/** A PipelineRun with the Task, or the Pipeline, of every entry of its Pipeline. */
export async function resolvePipelineRun(
  run: Located<PipelineRun>,
  pipeline: ResolvedPipeline,
  referring: ReferringRun,
  near: readonly Located[],
  finders: Finders,
): Promise<Result<ResolvedPipelineRun>> {
  const within = pipeline.embedded ? [] : [pipeline.name];
  const { entries, whole, diagnostics } = await resolveEntries(pipeline, referring, within, near, finders);
  if (!whole) return fail(diagnostics);
  return succeed({ kind: "PipelineRun", run, pipeline, ...entries, objects: objectsOf(near) }, diagnostics);
}

interface Resolved {
  readonly entries: Pick<ResolvedPipelineRun, "tasks" | "children">;
  /** Every entry has what it refers to. */
  readonly whole: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** What the entries of a Pipeline refer to; `within` are the Pipelines that it runs in, and itself, innermost first. */
async function resolveEntries(
  pipeline: ResolvedPipeline,
  referring: ReferringRun,
  within: readonly string[],
  near: readonly Located[],
  finders: Finders,
): Promise<Resolved> {
  const replaced = taskReplacer(referring, pipeline, finders.tekton);
  const written = (["tasks", "finally"] as const).flatMap((list) =>
    (pipeline.spec[list] ?? []).map((task, index) => ({ task, path: [...pipeline.path, list, index] })),
  );
  const resolved = await Promise.all(
    written.map(async ({ task, path }) => {
      const place = { origin: pipeline.origin, path };
      if (task.pipelineRef !== undefined || task.pipelineSpec !== undefined) {
        const own = referringChild(referring, replaced(task), finders.tekton);
        const child = await resolveChild(task, place, [referring, own], within, near, finders);
        return { name: task.name, child, diagnostics: child.diagnostics };
      }
      const found = await resolvePipelineTask(task, () => replaced(task), place, finders);
      return { name: task.name, task: found, diagnostics: found.diagnostics };
    }),
  );
  return {
    entries: {
      tasks: new Map(resolved.flatMap(({ name, task }) => (task?.ok === true ? [[name, task.value]] : []))),
      children: new Map(resolved.flatMap(({ name, child }) => (child?.ok === true ? [[name, child.value]] : []))),
    },
    whole: resolved.every(({ task, child }) => task?.ok === true || child?.ok === true),
    diagnostics: resolved.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** Nobody writes so many Pipelines in one another; a server that makes them up could go on for ever. */
const deepest = 100;

/** A Pipeline in a Pipeline, with all that its own entries refer to; `referring` are the run around it and its own. */
async function resolveChild(
  { pipelineRef, pipelineSpec }: PipelineTask,
  { origin, path }: Place,
  referring: readonly [ReferringRun, ReferringRun],
  within: readonly string[],
  near: readonly Located[],
  finders: Finders,
): Promise<Result<ResolvedChild>> {
  const at = { origin, path: [...path, "pipelineRef"] };
  const found =
    pipelineSpec !== undefined
      ? succeed(embeddedPipeline("", pipelineSpec, { origin, path: [...path, "pipelineSpec"] }))
      : await findPipeline(pipelineRef, at, referring, near, finders.remote);
  if (!found.ok) return found;
  const pipeline = found.value;
  const { name } = pipeline;
  if (!pipeline.embedded && within.includes(name))
    return succeed({ kind: "cycle", pipeline: name, within: within.slice(0, within.indexOf(name)) }, found.diagnostics);
  if (within.length >= deepest) return fail([...found.diagnostics, tooDeep(at)]);
  const around = pipeline.embedded ? within : [name, ...within];
  const { entries, whole, diagnostics: met } = await resolveEntries(pipeline, referring[1], around, near, finders);
  const mayLack = finders.lenient && hasErrors(met);
  const told = met.map((each): Diagnostic => (finders.lenient ? { ...each, severity: "warning" } : each));
  const diagnostics = [...found.diagnostics, ...told];
  return whole || mayLack ? succeed({ kind: "pipeline", pipeline, ...entries }, diagnostics) : fail(diagnostics);
}

function tooDeep({ origin, path }: Place): Diagnostic {
  return {
    code: "pipeline.cycle",
    severity: "error",
    message: `Pipelines run in one another more than ${deepest} deep`,
    span: origin.spanOf(path),
    path: formatPath(path),
  };
}

function embeddedPipeline(name: string, spec: PipelineSpec, { origin, path }: Place): ResolvedPipeline {
  const provenance = provenanceOf(origin.document.source);
  return { name, spec, embedded: true, labels: {}, annotations: {}, origin, path, provenance };
}

/**
 * A Pipeline by its reference. A run that a PipelineTask makes follows the reference itself, once more, with what it was given, after the run
 * around it did: the last of `referring` is who runs it.
 */
async function findPipeline(
  ref: Ref | undefined,
  { origin, path }: Place,
  referring: readonly ReferringRun[],
  near: readonly Located[],
  remote: RemoteFinder,
): Promise<Result<ResolvedPipeline>> {
  if (isRemote(ref)) {
    let found: Result<ResolvedPipeline> = fail([]);
    for (const run of referring) {
      const asked = replaceInRef(ref, pipelineRefVariables(run));
      const answer = await remote.find("Pipeline", asked, { origin, path });
      if (!answer.ok) return answer;
      const { located, provenance } = answer.value;
      const diagnostics = [...found.diagnostics, ...answer.diagnostics];
      found = succeed({ ...resolvedPipeline(located, provenance), remote: true }, diagnostics);
    }
    return found;
  }
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
  return succeed(resolvedPipeline(found, provenanceOf(found.origin.document.source)));
}

function resolvedPipeline({ resource, origin }: Located<Pipeline>, provenance: Provenance): ResolvedPipeline {
  const { name = "", labels = {}, annotations = {} } = resource.metadata;
  return { name, spec: resource.spec, embedded: false, labels, annotations, origin, path: ["spec"], provenance };
}

/** `replaced` is the entry with the run's variables in their places. */
async function resolvePipelineTask(
  task: PipelineTask,
  replaced: () => PipelineTask,
  { origin, path }: Place,
  finders: Finders,
): Promise<Result<ResolvedTask>> {
  const custom = customTask(task);
  if (custom !== undefined) return succeed(resolvedCustomTask(task, custom, origin, path));
  if (task.taskSpec !== undefined) {
    const at = [...path, "taskSpec"];
    const { apiVersion: _apiVersion, kind: _kind, spec: _spec, metadata, ...spec } = task.taskSpec;
    const { labels = {}, annotations = {} } = metadata ?? {};
    const embedded = {
      name: undefined,
      spec,
      embedded: true,
      labels,
      annotations,
      origin,
      path: at,
      provenance: provenanceOf(origin.document.source),
    };
    return finders.stepActions.close(embedded, () => paramsPassed(replaced()));
  }
  const isOpen = isRemote(task.taskRef) || task.taskRef?.name?.includes("$(") === true;
  const found = await findTask(
    isOpen ? replaced().taskRef : task.taskRef,
    { origin, path: [...path, "taskRef"] },
    finders,
  );
  return closed(found, () => paramsPassed(replaced()), finders);
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

/** A TaskRun's Task, its steps as they are written; `referring` is the run, as far as it is known without it. */
export function resolveTask(
  run: Located<TaskRun>,
  referring: ReferringRun,
  finders: Finders,
): Promise<Result<ResolvedTask>> {
  const { origin, resource } = run;
  const { taskRef, taskSpec } = resource.spec;
  if (taskSpec === undefined) {
    const ref = isRemote(taskRef) ? replaceInRef(taskRef, taskRefVariables(referring)) : taskRef;
    return findTask(ref, { origin, path: ["spec", "taskRef"] }, finders);
  }
  const embedded = {
    name: undefined,
    spec: taskSpec,
    embedded: true,
    labels: {},
    annotations: {},
    origin,
    path: ["spec", "taskSpec"],
    provenance: provenanceOf(origin.document.source),
  };
  return Promise.resolve(succeed(embedded));
}

/** A TaskRun with its Task, and the StepActions of that. */
export async function resolveTaskRun(
  run: Located<TaskRun>,
  task: ResolvedTask,
  near: readonly Located[],
  { stepActions }: Finders,
): Promise<Result<ResolvedTaskRun>> {
  const found = await stepActions.close(task, () => run.resource.spec.params ?? []);
  if (!found.ok) return found;
  return succeed({ kind: "TaskRun", run, task: found.value, objects: objectsOf(near) }, found.diagnostics);
}

async function findTask(
  ref: Ref | undefined,
  { origin, path }: Place,
  finders: Finders,
): Promise<Result<ResolvedTask>> {
  if (isRemote(ref)) {
    const found = await finders.remote.find("Task", ref, { origin, path });
    if (!found.ok) return found;
    const { located, provenance } = found.value;
    return succeed({ ...resolvedTask(located, provenance), remote: true }, found.diagnostics);
  }
  const refused = ref === undefined ? undefined : refusedRef(ref, "Task", origin, path);
  if (refused !== undefined) return fail([refused]);
  const place = { span: origin.spanOf([...path, "name"]), path: formatPath([...path, "name"]) };
  if (ref?.name === undefined)
    return fail([
      {
        code: "field.missing",
        severity: "error",
        message: "no Task is named: taskRef.name or taskSpec is needed",
        ...place,
      },
    ]);
  return finders.tasks.find(ref.name, place);
}

async function closed(
  found: Result<ResolvedTask>,
  passed: () => readonly Param[],
  { stepActions }: Finders,
): Promise<Result<ResolvedTask>> {
  if (!found.ok) return found;
  const task = await stepActions.close(found.value, passed);
  const diagnostics = [...found.diagnostics, ...task.diagnostics];
  return task.ok ? succeed(task.value, diagnostics) : fail(diagnostics);
}

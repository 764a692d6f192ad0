import { type Diagnostic, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import { formatPath } from "@lapcat/manifest";
import { referringChild, type ReferringRun, taskReplacer } from "@lapcat/plan";
import {
  type Located,
  type PipelineRun,
  type PipelineTask,
  type ResolvedChild,
  type ResolvedPipeline,
  type ResolvedPipelineRun,
} from "@lapcat/tekton";
import { type Finders } from "./finders.ts";
import { embeddedPipeline, findPipeline } from "./find-pipeline.ts";
import { type Place } from "./needed-objects.ts";
import { objectsOf } from "./objects.ts";
import { resolvePipelineTask } from "./resolve-task.ts";

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

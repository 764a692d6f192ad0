import {
  type Provenance,
  type ResolvedChild,
  type ResolvedPipelineRun,
  type ResolvedRun,
  type ResolvedTask,
} from "@lapcat/tekton";

/** From where a run's definitions were taken, which their copies in its record cannot tell. By PipelineTask; a lone TaskRun has one. */
export interface Sources {
  readonly pipeline?: Provenance;
  readonly tasks?: Readonly<Record<string, Provenance>>;
  /** Of the Pipelines that PipelineTasks are. */
  readonly children?: Readonly<Record<string, Sources>>;
  readonly task?: Provenance;
}

type Definitions = Pick<ResolvedPipelineRun, "pipeline" | "tasks" | "children">;

export function sourcesOf(resolved: ResolvedRun): Sources {
  return resolved.kind === "TaskRun" ? { task: resolved.task.provenance } : sourcesOfPipeline(resolved);
}

function sourcesOfPipeline({ pipeline, tasks, children }: Definitions): Sources {
  const nested = [...children].flatMap(([name, child]): readonly (readonly [string, Sources])[] =>
    child.kind === "pipeline" ? [[name, sourcesOfPipeline(child)]] : [],
  );
  return {
    pipeline: pipeline.provenance,
    tasks: Object.fromEntries([...tasks].map(([name, task]) => [name, task.provenance])),
    ...(nested.length > 0 && { children: Object.fromEntries(nested) }),
  };
}

/** A run that was read from its record, with its definitions' own sources. */
export function withSources(resolved: ResolvedRun, sources: Sources): ResolvedRun {
  if (resolved.kind === "TaskRun") return { ...resolved, task: knownTask(resolved.task, sources.task) };
  return { ...resolved, ...knownPipeline(resolved, sources) };
}

function knownPipeline<D extends Definitions>({ pipeline, tasks, children }: D, sources: Sources): Definitions {
  const knownChild = (name: string, child: ResolvedChild): ResolvedChild => {
    const own = sources.children?.[name];
    return child.kind === "pipeline" && own !== undefined ? { ...child, ...knownPipeline(child, own) } : child;
  };
  return {
    pipeline: { ...pipeline, provenance: sources.pipeline ?? pipeline.provenance },
    tasks: new Map([...tasks].map(([name, task]) => [name, knownTask(task, sources.tasks?.[name])])),
    children: new Map([...children].map(([name, child]) => [name, knownChild(name, child)])),
  };
}

function knownTask(task: ResolvedTask, provenance: Provenance | undefined): ResolvedTask {
  return provenance === undefined ? task : { ...task, provenance };
}

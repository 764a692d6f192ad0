import { type ResolvedChild, type ResolvedPipeline, type ResolvedRun, type ResolvedTask } from "./resolved.ts";

/** Every Task of a closed run, those of its Pipelines in Pipelines too. */
export function tasksOf(resolved: ResolvedRun): readonly ResolvedTask[] {
  if (resolved.kind === "TaskRun") return [resolved.task];
  return [resolved, ...childrenOf(resolved.children)].flatMap(({ tasks }) => [...tasks.values()]);
}

/** Every Pipeline of a closed run, its own first. */
export function pipelinesOf(resolved: ResolvedRun): readonly ResolvedPipeline[] {
  if (resolved.kind === "TaskRun") return [];
  return [resolved.pipeline, ...childrenOf(resolved.children).map(({ pipeline }) => pipeline)];
}

type Child = Extract<ResolvedChild, { kind: "pipeline" }>;

function childrenOf(children: ReadonlyMap<string, ResolvedChild>): readonly Child[] {
  return [...children.values()].flatMap((each) => (each.kind === "cycle" ? [] : [each, ...childrenOf(each.children)]));
}

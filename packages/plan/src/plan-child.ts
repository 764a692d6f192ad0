import {
  formatDuration,
  isAfter,
  type PipelineRun,
  type PipelineTask,
  type ResolvedChild,
  type ResolvedPipelineRun,
  taskRunName,
} from "@lapcat/tekton";
import { failureOf } from "./run-failure.ts";
import { childRunMetadata, pipelineRunMetadata } from "./metadata.ts";
import { error } from "./place.ts";
import { type TaskSurroundings } from "./plan-task.ts";
import { producersOf } from "./result-reference.ts";
import {
  asPipelineTaskName,
  asTaskRunName,
  type BoundPipelineRun,
  type BoundWorkspace,
  type PlannedPipelineRun,
  type RunPlan,
} from "./run-plan.ts";
import { defaultTimeout } from "./timeouts.ts";
import { bindingOf, escapes, joinedSubPath } from "./workspaces.ts";

/** A PipelineTask that is a Pipeline of its own, references of the run replaced, as a task of the plan. */
export function planPipeline(
  pipelineTask: PipelineTask,
  child: ResolvedChild,
  { identity, memberOf, runAfter, place, ...around }: TaskSurroundings,
): PlannedPipelineRun {
  const resultsFrom = producersOf(pipelineTask);
  const predecessors = memberOf === "finally" ? [] : [...new Set([...runAfter, ...resultsFrom])];
  // A workspace that the run does not bind is the child's to miss.
  const workspaces = (pipelineTask.workspaces ?? []).flatMap((binding, index): readonly BoundWorkspace[] => {
    const from = binding.workspace === undefined || binding.workspace === "" ? binding.name : binding.workspace;
    const bound = around.workspaces.get(from);
    if (bound === undefined) return [];
    const subPath = joinedSubPath(bound.subPath, binding.subPath);
    if (subPath !== undefined && escapes(subPath)) {
      const message = `subPath "${subPath}" of workspace "${binding.name}" leads out of the volume`;
      around.report(error("path.escape", place, ["workspaces", index, "subPath"], message));
      return [];
    }
    return [{ name: binding.name, source: bound.source, ...(subPath !== undefined && { subPath }) }];
  });
  return {
    kind: "pipeline",
    name: asPipelineTaskName(pipelineTask.name),
    memberOf,
    predecessors: predecessors.map(asPipelineTaskName),
    resultsFrom: resultsFrom.map(asPipelineTaskName),
    pipelineTask,
    child,
    place,
    taskRunName: asTaskRunName(
      taskRunName(identity.name, pipelineTask.name, { version: around.tekton, seed: identity.uid }),
    ),
    workspaces,
    ...childRunMetadata(identity, pipelineTask, memberOf),
    timeout: undefined,
    retries: 0,
    onError: pipelineTask.onError === "continue" ? "continue" : "stopAndFail",
  };
}

/** The PipelineRun that a PipelineRun makes, closed: its parent's was. */
export function childRun(parent: RunPlan, bound: BoundPipelineRun): ResolvedPipelineRun {
  const { child, place, pipelineTask, labels, annotations } = bound.planned;
  if (child.kind === "cycle") throw new Error("a Pipeline that would run in itself is never bound");
  const { name, uid, params, workspaces } = bound;
  const taskRunTemplate = isAfter("child-runs-given", parent.tekton) ? parent.written.taskRunTemplate : undefined;
  const { pipelineRef } = pipelineTask;
  const resource: PipelineRun = {
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: { name, namespace: parent.identity.namespace, uid, labels, annotations },
    spec: {
      ...(pipelineRef === undefined ? { pipelineSpec: child.pipeline.spec } : { pipelineRef }),
      ...(params.length > 0 && { params }),
      ...(taskRunTemplate !== undefined && { taskRunTemplate }),
      ...(workspaces.length > 0 && { workspaces: workspaces.map(bindingOf) }),
      timeouts: { pipeline: formatDuration(parent.options.defaultTimeout ?? defaultTimeout) },
    },
  };
  const pipeline = child.pipeline.embedded ? { ...child.pipeline, name, labels, annotations } : child.pipeline;
  const { tasks, children } = child;
  const run = { resource, origin: place.origin };
  return { kind: "PipelineRun", run, pipeline, tasks, children, objects: parent.objects };
}

/** A child PipelineRun that cannot be planned: it ends as a cluster ends it, and nothing of it begins. */
export function failingPlan(
  parent: RunPlan,
  resolved: ResolvedPipelineRun,
  why: string,
): RunPlan & { readonly failure: NonNullable<RunPlan["failure"]> } {
  const { metadata, spec } = resolved.run.resource;
  const { name = "", namespace = "default", uid = "" } = metadata;
  return {
    kind: "PipelineRun",
    identity: { name, namespace, uid, ...pipelineRunMetadata(resolved.run.resource, resolved.pipeline) },
    pipeline: resolved.pipeline,
    tasks: [],
    finally: [],
    results: [],
    timeouts: { pipeline: parent.options.defaultTimeout ?? defaultTimeout, tasks: undefined, finally: undefined },
    written: writtenIn(spec),
    objects: parent.objects,
    options: parent.options,
    ...(parent.tekton !== undefined && { tekton: parent.tekton }),
    failure: failureOf(resolved, parent.tekton) ?? { reason: "PipelineValidationFailed", message: why },
  };
}

/** What a PipelineRun says of itself and its status shows. */
export function writtenIn({
  pipelineRef,
  params,
  workspaces,
  taskRunTemplate,
}: PipelineRun["spec"]): RunPlan["written"] {
  return {
    ...(pipelineRef !== undefined && { pipelineRef }),
    ...(params !== undefined && { params }),
    ...(workspaces !== undefined && { workspaces }),
    ...(taskRunTemplate !== undefined && { taskRunTemplate }),
  };
}

import { type PipelineSpec, type PipelineTask } from "../pipeline.ts";
import { type Located } from "../resource.ts";
import { type StepAction, type TaskSpec } from "../task.ts";
import { at, type Place } from "./advice.ts";

/** A PipelineSpec where it stands: a Pipeline's, a PipelineRun's own, one inside another. */
export interface PlacedPipeline {
  readonly spec: PipelineSpec;
  readonly place: Place;
}

export interface PlacedPipelineTask {
  readonly task: PipelineTask;
  readonly place: Place;
}

/** A TaskSpec where it stands: a Task's, a TaskRun's own, a PipelineTask's. */
export interface PlacedTask {
  readonly spec: TaskSpec;
  readonly place: Place;
}

export function pipelinesIn({ resource, origin }: Located): readonly PlacedPipeline[] {
  if (resource.kind === "Pipeline") return withInner({ spec: resource.spec, place: { origin, path: ["spec"] } });
  if (resource.kind !== "PipelineRun" || resource.spec.pipelineSpec === undefined) return [];
  return withInner({ spec: resource.spec.pipelineSpec, place: { origin, path: ["spec", "pipelineSpec"] } });
}

function withInner(pipeline: PlacedPipeline): readonly PlacedPipeline[] {
  const inner = pipelineTasksOf(pipeline).flatMap(({ task, place }) =>
    task.pipelineSpec === undefined ? [] : withInner({ spec: task.pipelineSpec, place: at(place, "pipelineSpec") }),
  );
  return [pipeline, ...inner];
}

/** Those of `finally` too. */
export function pipelineTasksOf({ spec, place }: PlacedPipeline): readonly PlacedPipelineTask[] {
  return (["tasks", "finally"] as const).flatMap((list) =>
    (spec[list] ?? []).map((task, index) => ({ task, place: at(place, list, index) })),
  );
}

/** A custom task's spec is its controller's to read. */
export function tasksIn(located: Located): readonly PlacedTask[] {
  const { resource, origin } = located;
  if (resource.kind === "Task") return [{ spec: resource.spec, place: { origin, path: ["spec"] } }];
  if (resource.kind === "TaskRun") {
    const { taskSpec: spec } = resource.spec;
    return spec === undefined ? [] : [{ spec, place: { origin, path: ["spec", "taskSpec"] } }];
  }
  return pipelinesIn(located)
    .flatMap(pipelineTasksOf)
    .flatMap(({ task: { taskSpec: spec }, place }) =>
      spec === undefined || spec.apiVersion !== undefined ? [] : [{ spec, place: at(place, "taskSpec") }],
    );
}

export interface PlacedAction {
  readonly spec: StepAction["spec"];
  readonly place: Place;
}

export function stepActionsIn({ resource, origin }: Located): readonly PlacedAction[] {
  return resource.kind === "StepAction" ? [{ spec: resource.spec, place: { origin, path: ["spec"] } }] : [];
}

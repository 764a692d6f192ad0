import {
  type PipelineRun,
  type PipelineTask,
  type PipelineTaskRunSpec,
  type ResolvedPipeline,
  type ResolvedTask,
} from "@lapcat/tekton";
import { type RunIdentity } from "./run-plan.ts";

type Texts = Readonly<Record<string, string>>;
interface Metadata {
  readonly labels: Texts;
  readonly annotations: Texts;
}

const managedBy: Texts = { "app.kubernetes.io/managed-by": "tekton-pipelines" };

/** A PipelineRun's labels and annotations: its own before its Pipeline's, and the Pipeline's name. */
export function pipelineRunMetadata(run: PipelineRun, pipeline: ResolvedPipeline): Metadata {
  const { labels, annotations, generateName } = run.metadata;
  const embedded = (generateName ?? "").slice(0, 63).replace(/[^a-zA-Z0-9]+$/u, "");
  const name = pipeline.embedded && embedded !== "" ? embedded : pipeline.name;
  return {
    labels: { ...pipeline.labels, "tekton.dev/pipeline": name, ...labels },
    annotations: { ...kept(pipeline.annotations), ...kept(annotations) },
  };
}

/** Those of a TaskRun that a PipelineRun makes: taskRunSpecs, then the run, then the PipelineTask's own, then the Task (EV-4). */
export function childMetadata(
  run: RunIdentity,
  task: PipelineTask,
  memberOf: "tasks" | "finally",
  resolved: ResolvedTask,
  spec: PipelineTaskRunSpec,
): Metadata {
  return {
    labels: {
      ...managedBy,
      ...taskLabels(resolved),
      ...task.taskSpec?.metadata?.labels,
      ...run.labels,
      "tekton.dev/pipelineRun": run.name,
      "tekton.dev/pipelineRunUID": run.uid,
      "tekton.dev/pipelineTask": task.name,
      "tekton.dev/memberOf": memberOf,
      ...spec.metadata?.labels,
    },
    annotations: {
      ...kept(resolved.annotations),
      ...task.taskSpec?.metadata?.annotations,
      ...kept(run.annotations),
      ...spec.metadata?.annotations,
      ...(task.onError === "continue" && { "pipeline.tekton.dev/pipeline-task-on-error": "continue" }),
    },
  };
}

/** Those of a PipelineRun that a PipelineRun makes: the Pipeline it is of is told by its own. */
export function childRunMetadata(run: RunIdentity, task: PipelineTask, memberOf: "tasks" | "finally"): Metadata {
  const { "tekton.dev/pipeline": _pipeline, ...labels } = run.labels;
  return {
    labels: {
      ...labels,
      "tekton.dev/pipelineRun": run.name,
      "tekton.dev/pipelineRunUID": run.uid,
      "tekton.dev/pipelineTask": task.name,
      "tekton.dev/memberOf": memberOf,
    },
    annotations: kept(run.annotations),
  };
}

/** Those of a TaskRun that stands for itself. */
export function taskRunMetadata(
  own: { readonly labels?: Texts; readonly annotations?: Texts },
  resolved: ResolvedTask,
): Metadata {
  return {
    labels: { ...managedBy, ...taskLabels(resolved), ...own.labels },
    annotations: { ...kept(resolved.annotations), ...kept(own.annotations) },
  };
}

function taskLabels({ name, labels }: ResolvedTask): Texts {
  return { ...labels, ...(name !== undefined && { "tekton.dev/task": name }) };
}

/** Annotations that Tekton reserves for Chains are dropped (API-14). */
function kept(annotations: Texts | undefined): Texts {
  return Object.fromEntries(Object.entries(annotations ?? {}).filter(([key]) => !/chains\.tekton\.dev\//u.test(key)));
}

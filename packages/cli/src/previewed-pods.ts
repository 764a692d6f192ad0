import { type Diagnostic } from "@lapcat/diagnostic";
import { asRunId, type PodSpec } from "@lapcat/engine";
import { previewChild, previewTask, type PlannedTask, type PlannedTaskRun, type RunPlan } from "@lapcat/plan";
import { podOf, type PodOptions } from "@lapcat/pod";
import { type ImagesByTask } from "@lapcat/report";
import { type PodSettings } from "./pod-settings.ts";

/** A task's Pod as far as it is known before anything ran. */
export interface PreviewedPod {
  /** The PipelineTask's, with the way to it where it is one of a Pipeline in this Pipeline: `child/task`. */
  readonly name: string;
  readonly task: PlannedTaskRun;
  /** The tasks that it depends on to be run with just these values: itself, and the Pipelines around it. */
  readonly around: readonly PlannedTask[];
  /** Undefined when it cannot be made. */
  readonly pod: PodSpec | undefined;
  /** Secret texts that are in the Pod. */
  readonly secrets: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export function previewedPods(plan: RunPlan, settings: PodSettings): readonly PreviewedPod[] {
  return previewedIn(plan, { ...settings, run: asRunId("preview"), objects: plan.objects }, []);
}

function previewedIn(plan: RunPlan, options: PodOptions, around: readonly PlannedTask[]): readonly PreviewedPod[] {
  return [...plan.tasks, ...plan.finally].flatMap((task): readonly PreviewedPod[] => {
    const way = [...around, task];
    if (task.kind === "pipeline") {
      const child = previewChild(plan, task);
      return child === undefined ? [] : previewedIn(child, options, way);
    }
    if (task.task.custom !== undefined) return [];
    const made = podOf(previewTask(plan, task), options);
    const common = { name: way.map((each) => each.name).join("/"), task, around: way, diagnostics: made.diagnostics };
    return made.ok
      ? [{ ...common, pod: made.value.spec, secrets: made.value.secrets }]
      : [{ ...common, pod: undefined, secrets: [] }];
  });
}

/** The run will ask for this very Pod: nothing in it depends on what other tasks do, and no `when` can keep it from being made. */
export function isCertain({ around }: PreviewedPod): boolean {
  return around.every((task) => task.resultsFrom.length === 0 && (task.pipelineTask.when ?? []).length === 0);
}

export function imagesByTask(pods: readonly PreviewedPod[]): ImagesByTask {
  return new Map(
    pods.map(({ task, pod }) => [
      task.taskRunName,
      (pod?.containers ?? []).map(({ name, image }) => ({
        step: name.replace(/^step-/u, "").replace(/^sidecar-/u, "sidecar "),
        image,
      })),
    ]),
  );
}

import { type Diagnostic } from "@lapcat/diagnostic";
import { asRunId, type PodSpec } from "@lapcat/engine";
import { previewTask, type PlannedTask, type RunPlan } from "@lapcat/plan";
import { podOf } from "@lapcat/pod";
import { type ImagesByTask } from "@lapcat/report";
import { type PodSettings } from "./pod-settings.ts";

/** A task's Pod as far as it is known before anything ran. */
export interface PreviewedPod {
  readonly task: PlannedTask;
  /** Undefined when it cannot be made. */
  readonly pod: PodSpec | undefined;
  /** Secret texts that are in the Pod. */
  readonly secrets: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export function previewedPods(plan: RunPlan, settings: PodSettings): readonly PreviewedPod[] {
  const options = { ...settings, run: asRunId("preview"), objects: plan.objects };
  return [...plan.tasks, ...plan.finally].map((task) => {
    const made = podOf(previewTask(plan, task), options);
    const { diagnostics } = made;
    return made.ok
      ? { task, pod: made.value.spec, secrets: made.value.secrets, diagnostics }
      : { task, pod: undefined, secrets: [], diagnostics };
  });
}

/** The run will ask for this very Pod: nothing in it depends on what other tasks do, and no `when` can keep it from being made. */
export function isCertain({ task }: PreviewedPod): boolean {
  return task.resultsFrom.length === 0 && (task.pipelineTask.when ?? []).length === 0;
}

export function imagesByTask(pods: readonly PreviewedPod[]): ImagesByTask {
  return new Map(
    pods.map(({ task, pod }) => [
      task.name,
      (pod?.containers ?? []).map(({ name, image }) => ({
        step: name.replace(/^step-/u, "").replace(/^sidecar-/u, "sidecar "),
        image,
      })),
    ]),
  );
}

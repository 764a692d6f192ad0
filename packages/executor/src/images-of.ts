import { type ContainerSpec, type RegistryCredential } from "@lapcat/engine";
import { type BoundTaskRun, type PlannedTask, previewChild, previewTask, type RunPlan } from "@lapcat/plan";
import { podOf, type PodOptions, registryCredentialsOf } from "@lapcat/pod";

export interface NeededImages {
  readonly containers: readonly Pick<ContainerSpec, "image" | "pullPolicy">[];
  readonly credentials: readonly RegistryCredential[];
}

/** The images of these tasks, as far as they are known before they ran; others are pulled when their task starts. */
export function imagesOf(plan: RunPlan, tasks: readonly PlannedTask[], options: PodOptions): readonly NeededImages[] {
  return tasks.flatMap((planned): readonly NeededImages[] => {
    if (planned.kind === "pipeline") {
      const child = previewChild(plan, planned);
      return child === undefined ? [] : imagesOf(child, [...child.tasks, ...child.finally], options);
    }
    if (planned.task.custom !== undefined) return [];
    const bound = previewTask(plan, planned);
    const pod = podOf(bound, options);
    // What prevents the Pod is told when the task starts, if it starts: results may still mend it.
    if (!pod.ok) return [];
    const containers = pod.value.spec.containers.filter(({ image }) => !image.includes("$("));
    return [{ containers, credentials: credentialsFor(bound, options) }];
  });
}

export function credentialsFor(bound: BoundTaskRun, options: PodOptions): readonly RegistryCredential[] {
  const { planned, podTemplate } = bound;
  const own = options.credentials === undefined ? {} : { credentials: options.credentials };
  return registryCredentialsOf(
    { serviceAccountName: planned.serviceAccountName, podTemplate, ...own },
    options.objects,
  );
}

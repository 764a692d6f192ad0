import { type Span } from "@lapcat/diagnostic";
import { type ContainerSpec, type RegistryCredential } from "@lapcat/engine";
import { type BoundTaskRun, type PlannedTask, previewChild, previewTask, type RunPlan } from "@lapcat/plan";
import { podOf, type PodOptions, registryCredentialsOf } from "@lapcat/pod";
import { sidecarContainerName, stepContainerName } from "@lapcat/tekton";

export interface NeededImage extends Pick<ContainerSpec, "image" | "pullPolicy"> {
  readonly credentials: readonly RegistryCredential[];
  /** Where it is named. */
  readonly span?: Span;
}

/** The images of these tasks, as far as they are known before they ran; others are pulled when their task starts. */
export function imagesOf(plan: RunPlan, tasks: readonly PlannedTask[], options: PodOptions): readonly NeededImage[] {
  return tasks.flatMap((planned): readonly NeededImage[] => {
    if (planned.kind === "pipeline") {
      const child = previewChild(plan, planned);
      return child === undefined ? [] : imagesOf(child, [...child.tasks, ...child.finally], options);
    }
    if (planned.task.custom !== undefined) return [];
    const bound = previewTask(plan, planned);
    const pod = podOf(bound, options);
    // What prevents the Pod is told when the task starts, if it starts: results may still mend it.
    if (!pod.ok) return [];
    const known = pod.value.spec.containers.filter(({ image }) => !image.includes("$("));
    return neededBy(bound, known, options);
  });
}

/** The images of these containers of a Pod, with the logins that its TaskRun has. */
export function neededBy(
  bound: BoundTaskRun,
  containers: readonly ContainerSpec[],
  options: PodOptions,
): readonly NeededImage[] {
  const credentials = credentialsFor(bound, options);
  const { spec, origin, path } = bound.task;
  const steps = (spec.steps ?? []).map(({ name }, index) => stepContainerName(name, index));
  const sidecars = (spec.sidecars ?? []).map(({ name }) => sidecarContainerName(name));
  return containers.map(({ name, role, image, pullPolicy }): NeededImage => {
    const index = (role === "step" ? steps : sidecars).indexOf(name);
    const span = origin.spanOf([...path, role === "step" ? "steps" : "sidecars", index, "image"]);
    return { image, pullPolicy, credentials, span };
  });
}

function credentialsFor(bound: BoundTaskRun, options: PodOptions): readonly RegistryCredential[] {
  const { planned, podTemplate } = bound;
  const own = options.credentials === undefined ? {} : { credentials: options.credentials };
  return registryCredentialsOf(
    { serviceAccountName: planned.serviceAccountName, podTemplate, ...own },
    options.objects,
  );
}

import { type Code, type Diagnostic } from "@lapcat/diagnostic";
import { type BoundTaskRun, validated } from "@lapcat/plan";
import { mergeStepTemplate, type TaskRunReason } from "@lapcat/tekton";

/** How a TaskRun's condition tells that its Pod could not be made. */
export interface PodFailure {
  readonly reason: TaskRunReason;
  readonly message: string;
}

/** What a kubelet notices when it makes the containers; all else is noticed when the Pod is made. */
const configErrors: readonly Code[] = ["secret.missing", "configmap.missing", "key.missing"];

/** The reason and message for the diagnostics of a Pod that was refused (taskrun.go, handlePodCreationError). */
export function podFailure(bound: BoundTaskRun, diagnostics: readonly Diagnostic[]): PodFailure {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const message = errors.map((each) => each.message).join("; ");
  if (errors.every(({ code }) => configErrors.includes(code))) return { reason: "CreateContainerConfigError", message };
  const pulling = errors.map(({ code, path }) => (code === "image.name" ? knownToRun(bound, path) : undefined));
  if (pulling[0] !== undefined && !pulling.includes(undefined))
    return {
      reason: "TaskRunImagePullFailed",
      message: `the ${pulling[0]} in TaskRun "${bound.name}" failed to pull the image "". The pod errored with the message: "${message}."`,
    };
  const whose =
    bound.task.name === undefined
      ? "invalid TaskSpec"
      : `missing or invalid Task ${bound.namespace}/${bound.task.name}`;
  return {
    reason: "PodCreationFailed",
    message: `failed to create task run pod ${JSON.stringify(bound.name)}: ${message}. Maybe ${whose}`,
  };
}

/**
 * The step or sidecar at a place, if the document says what it runs: Tekton asks no registry then, and that its image is none is noticed by the
 * kubelet only.
 */
function knownToRun(bound: BoundTaskRun, path = ""): string | undefined {
  const { steps = [], sidecars = [], stepTemplate } = validated(bound);
  const [, list, digits] = /(steps|sidecars)\[(\d+)\]\.image$/u.exec(path) ?? [];
  const index = Number(digits);
  if (list === "sidecars") return `sidecar ${JSON.stringify(sidecars[index]?.name)}`;
  const step = mergeStepTemplate(stepTemplate, steps)[index];
  if ((step?.script ?? "") === "" && (step?.command ?? []).length === 0) return undefined;
  return `step ${JSON.stringify(step?.name ?? `unnamed-${index}`)}`;
}

import { type Code, type Diagnostic } from "@lapcat/diagnostic";
import { type BoundTaskRun } from "@lapcat/plan";
import { type TaskRunReason } from "@lapcat/tekton";

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
  const whose =
    bound.task.name === undefined
      ? "invalid TaskSpec"
      : `missing or invalid Task ${bound.namespace}/${bound.task.name}`;
  return {
    reason: "PodCreationFailed",
    message: `failed to create task run pod ${JSON.stringify(bound.name)}: ${message}. Maybe ${whose}`,
  };
}

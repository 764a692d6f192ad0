import { type PlannedTask, type RunPlan } from "@lapcat/plan";
import {
  formatDuration,
  isAfter,
  type RunResult,
  type TaskResult,
  type TaskRunReason,
  userError,
} from "@lapcat/tekton";
import { type AttemptState, type ContainerState, type StopCause, type TaskRunState } from "./run-state.ts";

/** How an attempt ended, in Tekton's words (ST-2, ST-3). */
export interface AttemptOutcome {
  readonly status: "True" | "False";
  readonly reason: TaskRunReason | (string & {});
  readonly message: string;
}

/** The first that applies: cancelled, too late, no Pod, wrong results, a container that failed, success. */
export function outcomeOf(
  plan: RunPlan,
  planned: PlannedTask,
  taskRun: TaskRunState,
  attempt: AttemptState,
): AttemptOutcome {
  if (planned.kind === "pipeline") return attempt.child?.finished ?? failure("Failed", "");
  if (planned.task.custom !== undefined) return customOutcome(taskRun, attempt);
  if (attempt.stop === "run-cancelled" || attempt.stop === "run-timed-out")
    return cancelled(plan, taskRun.name, attempt.stop);
  if (attempt.stop === "task-timed-out" || isLate(planned, attempt)) return timedOut(planned, taskRun.name);
  if (attempt.interrupted !== undefined) return interrupted("TaskRun", taskRun.name);
  if (attempt.podFailed !== undefined) return failure(attempt.podFailed.reason, attempt.podFailed.message);
  const declared = attempt.pod?.taskSpec.results ?? [];
  const mistyped =
    mistypedText(declared, attempt.results) ?? missingKeysText(declared, attempt.results, planned.task.embedded);
  if (mistyped !== undefined) return failure("TaskRunValidationFailed", userError(mistyped, plan.tekton));
  const failed = failedContainer(plan, attempt);
  if (failed === undefined)
    return { status: "True", reason: "Succeeded", message: "All Steps have completed executing" };
  return planned.onError === "continue" ? { ...failed, reason: "FailureIgnored" } : failed;
}

function customOutcome({ name }: TaskRunState, { stop, custom, interrupted: lost }: AttemptState): AttemptOutcome {
  if (stop !== undefined) return failure("CustomRunCancelled", cancelText("CustomRun", stop));
  if (lost !== undefined) return interrupted("CustomRun", name);
  return custom ?? failure("Failed", "");
}

/** Why a child of a run is to end, as its `spec.statusMessage` says it. */
export function cancelText(kind: "TaskRun" | "CustomRun", cause: StopCause): string {
  return `${kind} cancelled as the PipelineRun it belongs to has ${cause === "run-cancelled" ? "been cancelled" : "timed out"}.`;
}

/** Whether an end is not the task's own. */
export function isCancelled({ reason }: Pick<AttemptOutcome, "reason">): boolean {
  return reason === "TaskRunCancelled" || reason === "CustomRunCancelled";
}

/** Tekton has no reason of its own for it: a Pod that was lost is one that failed. */
function interrupted(kind: "TaskRun" | "CustomRun", name: string): AttemptOutcome {
  return failure("Failed", `${kind} "${name}" was interrupted: lapcat ended while it ran`);
}

function failure(reason: string, message: string): AttemptOutcome {
  return { status: "False", reason, message };
}

export function cancelled(
  { kind, tekton }: RunPlan,
  name: string,
  cause: "run-cancelled" | "run-timed-out",
  before?: AttemptOutcome,
): AttemptOutcome {
  if (!isAfter("cancel-explained", tekton)) return failure("TaskRunCancelled", `TaskRun "${name}" was cancelled`);
  const of = kind === "TaskRun" ? "" : cancelText("TaskRun", cause);
  const previous =
    before === undefined || !isAfter("previous-status-told", tekton)
      ? ""
      : `\nPrevious status: [ToBeRetried] ${before.message}`;
  return failure("TaskRunCancelled", `TaskRun "${name}" was cancelled. ${of}${previous}`);
}

function timedOut({ timeout }: PlannedTask, name: string): AttemptOutcome {
  return failure("TaskRunTimeout", `TaskRun "${name}" failed to finish within "${formatDuration(timeout ?? 0)}"`);
}

/** A Pod that ended after its time has timed out, told in time or not. */
function isLate({ timeout }: PlannedTask, { startedAt, podFinishedAt, interrupted: lost }: AttemptState): boolean {
  return (
    timeout !== undefined &&
    lost === undefined &&
    startedAt !== undefined &&
    podFinishedAt !== undefined &&
    podFinishedAt - startedAt > timeout
  );
}

/** Sidecars before steps, memory before everything else (getFailureInfo). */
function failedContainer(plan: RunPlan, { pod, containers }: AttemptState): AttemptOutcome | undefined {
  const broken = (reason: TaskRunReason, ended: Ended): AttemptOutcome =>
    failure(isAfter("step-failure-reasons", plan.tekton) ? reason : "Failed", exitText(plan, pod, ended));
  const ended = (role: "step" | "sidecar"): readonly Ended[] =>
    (pod?.containers ?? []).flatMap(({ name, role: its }) => {
      const end = its === role ? containers.get(name)?.end : undefined;
      return end === undefined || isFine(end) ? [] : [{ name, end }];
    });
  const oom = ({ end }: Ended): boolean => end.reason === "OOMKilled";
  const [sidecars, steps] = [ended("sidecar"), ended("step")];
  const [sidecarOom, stepOom] = [sidecars.find(oom), steps.find(oom)];
  if (sidecarOom !== undefined) return broken("SidecarOOM", sidecarOom);
  if (stepOom !== undefined) return broken("StepOOM", stepOom);
  if (sidecars[0] !== undefined) return broken("SidecarFailed", sidecars[0]);
  if (steps[0] !== undefined) return broken("StepFailed", steps[0]);
  return pod === undefined ? failure("Failed", "build failed for unspecified reasons.") : undefined;
}

interface Ended {
  readonly name: string;
  readonly end: NonNullable<ContainerState["end"]>;
}

/** Ignored failures and sidecars that were ended when the steps were done are told as `Completed`. */
function isFine({ exitCode, reason }: NonNullable<ContainerState["end"]>): boolean {
  return exitCode === 0 ? reason !== "OOMKilled" : reason === "Completed";
}

function exitText({ identity, tekton }: RunPlan, pod: AttemptState["pod"], { name, end }: Ended): string {
  if (end.terminationReason === "TimeoutExceeded")
    return `"${name}" exited because the step exceeded the specified timeout limit`;
  const code = `"${name}" exited with code ${end.exitCode}`;
  if (isAfter("failure-with-state", tekton)) return `${code}: ${end.reason}`;
  if (isAfter("failure-without-kubectl", tekton)) return code;
  const image = pod?.containers.find((each) => each.name === name)?.imageId ?? "";
  return `${code} (image: ${JSON.stringify(image)}); for logs run: kubectl -n ${identity.namespace} logs ${pod?.name ?? ""} -c ${name}\n`;
}

/** RES-3: a result of another type than declared. */
function mistypedText(declared: readonly TaskResult[], results: readonly RunResult[]): string | undefined {
  const wrong = results.flatMap(({ name, type }) => {
    const spec = declared.find((each) => each.name === name);
    const needed = spec === undefined ? type : typeOfResult(spec);
    return needed === type
      ? []
      : [
          ` "${name}": task result is expected to be "${needed}" type but was initialized to a different type "${type}"`,
        ];
  });
  if (wrong.length === 0) return undefined;
  return `Provided results don't match declared results; may be invalid JSON or missing result declaration: ${wrong.sort().join(",")}`;
}

/** Upstream looks for the results of an embedded Task in two places, and tells each key once for each of them. */
function missingKeysText(
  declared: readonly TaskResult[],
  results: readonly RunResult[],
  embedded: boolean,
): string | undefined {
  const missing = results.flatMap(({ name, value }) => {
    const keys = Object.keys(declared.find((each) => each.name === name)?.properties ?? {});
    // One without any key is not looked at (findMissingKeys).
    const isLooked = typeof value !== "string" && !Array.isArray(value) && Object.keys(value).length > 0;
    const lacks = isLooked ? keys.filter((key) => !(key in value)) : [];
    const told = embedded ? [...lacks, ...lacks] : lacks;
    return lacks.length === 0 ? [] : [`${name}:[${told.join(" ")}]`];
  });
  return missing.length === 0
    ? undefined
    : `missing keys for these results which are required in TaskResult's properties map[${missing.sort().join(" ")}]`;
}

export function typeOfResult({ type, properties }: TaskResult): RunResult["type"] {
  return type ?? (properties === undefined ? "string" : "object");
}

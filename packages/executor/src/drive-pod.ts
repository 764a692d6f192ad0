import { LapcatError } from "@lapcat/diagnostic";
import { type Pod } from "@lapcat/engine";
import { type BoundTaskRun, taskRunFailure } from "@lapcat/plan";
import { podFailure, type PodPlan } from "@lapcat/pod";
import { type AttemptKey, type PodContainer } from "@lapcat/run";
import { type PodPorts, type Stop } from "./pod-ports.ts";
import { runContainers } from "./run-containers.ts";
import { factOf, notRun } from "./step-outcome.ts";
import { unlessStopped } from "./unless-stopped.ts";

/**
 * Drives one attempt from its plan to `pod.finished`: every container is made before the first starts, steps run one after the other.
 * Failures of the attempt are facts; it rejects only when the world failed (engine gone, disk full).
 */
export async function drivePod(bound: BoundTaskRun, ports: PodPorts, stop: Stop): Promise<void> {
  const key: AttemptKey = { taskRun: bound.name, attempt: bound.attempt };
  const fail = (reason: string, message: string): void => {
    ports.observe({ type: "pod.failed", ...key, reason, message });
    ports.observe({ type: "pod.finished", ...key });
  };
  const refused = taskRunFailure(bound);
  if (refused !== undefined) return fail(refused.reason, refused.message);
  const made = ports.makePod(bound);
  for (const each of made.diagnostics) if (each.severity !== "error") ports.warn(each);
  if (!made.ok) {
    const { reason, message } = podFailure(bound, made.diagnostics);
    return fail(reason, message);
  }
  const plan = made.value;

  const pullFailure = await unlessStopped(stop, failureOf(ports.pullFor(bound, plan.spec.containers)));
  if (pullFailure === "stopped") return endUnopened(plan, key, ports, stop);
  if (pullFailure !== undefined) {
    const messages = pullFailure.diagnostics.map(({ message }) => message);
    return fail("TaskRunImagePullFailed", messages.join("; "));
  }

  let pod: Pod;
  try {
    pod = await ports.openPod(bound, plan.spec, stop.signal);
  } catch (error) {
    if (stop.signal.aborted && !isLost(error)) return endUnopened(plan, key, ports, stop);
    if (!(error instanceof LapcatError)) throw error;
    const { code, message } = error.diagnostic;
    if (code === "image.unavailable" || code === "image.unauthorized") return fail("TaskRunImagePullFailed", message);
    // A path may lead out of its volume because of what an earlier task put there.
    if (code === "engine.refused" || code === "path.escape") return fail("PodCreationFailed", message);
    throw error;
  }
  try {
    for (const notice of pod.notices) ports.warn(notice);
    ports.observe({
      type: "pod.created",
      ...key,
      pod: pod.name,
      taskSpec: plan.taskSpec,
      containers: containersOf(plan, pod),
    });
    await runContainers(plan, { pod, key, ports, stop, newMasker: () => ports.newMasker() });
    ports.observe({ type: "pod.finished", ...key });
  } finally {
    ports.inBackground(pod[Symbol.asyncDispose]());
  }
}

/** Stopped before there were containers: no step ran. */
function endUnopened(plan: PodPlan, key: AttemptKey, ports: PodPorts, stop: Stop): void {
  const outcome = notRun(stop.because() ?? "TaskRunCancelled");
  for (const { container } of plan.steps)
    ports.observe({ type: "step.finished", ...key, container, ...factOf(outcome) });
  ports.observe({ type: "pod.finished", ...key });
}

function containersOf(plan: PodPlan, pod: Pod): readonly PodContainer[] {
  const names = new Map([...plan.steps, ...plan.sidecars].map((each) => [each.container, each.name]));
  return plan.spec.containers.map(({ name, role, image }) => ({
    name,
    role,
    displayName: names.get(name) ?? name,
    image,
    ...pod.describe(name),
  }));
}

function isLost(error: unknown): boolean {
  return error instanceof LapcatError && error.diagnostic.code === "engine.lost";
}

/** The image's failure as a value; other failures reject. */
async function failureOf(work: Promise<unknown>): Promise<LapcatError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof LapcatError && !isLost(error)) return error;
    throw error;
  }
}

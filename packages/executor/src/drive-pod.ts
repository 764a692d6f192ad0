import { type Diagnostic, LapcatError, type Result } from "@lapcat/diagnostic";
import { type CancelSignal, type Clock, type ContainerSpec, type Engine, type Pod } from "@lapcat/engine";
import { type BoundTaskRun } from "@lapcat/plan";
import { type PlannedSidecar, type PlannedStep, podFailure, type PodPlan } from "@lapcat/pod";
import { type AttemptKey, type Instant, type PodContainer, type ReadResult, type RunEvent } from "@lapcat/run";
import { type Masker, maskerFor } from "./mask.ts";
import { type LogSink } from "./ports.ts";
import { pumpLog } from "./pump-log.ts";
import { resultReader } from "./read-results.ts";
import { type EndedBecause, notRun, type StepOutcome, stepOutcome } from "./step-outcome.ts";
import { mentionsExitCodes } from "./exit-codes.ts";

/** What driving a Pod needs of the world and of its run. */
export interface PodPorts {
  readonly engine: Engine;
  readonly logs: LogSink;
  readonly clock: Clock;
  makePod(bound: BoundTaskRun): Result<PodPlan>;
  /** Makes the containers' images present, with the logins that this TaskRun has. */
  pullFor(bound: BoundTaskRun, containers: readonly ContainerSpec[]): Promise<void>;
  /** A fact; `at` when it is told later than it happened. */
  observe(event: RunEvent, at?: Instant): void;
  /** Something a user should know, once a run however often it is said. */
  warn(diagnostic: Diagnostic): void;
  /** Work that nothing waits for but the end of the run. */
  inBackground(work: Promise<void>): void;
  /** Milliseconds from SIGTERM to SIGKILL. */
  readonly grace: number;
  /** Aborted when the user does not want to wait any longer: SIGKILL at once. */
  readonly hurry: CancelSignal;
}

/** A request to end an attempt, before or while its containers run. */
export interface Stop {
  readonly signal: AbortSignal;
  because(): "TaskRunCancelled" | "TaskRunTimeout" | undefined;
}

/** A sidecar has no work of its own to finish: its TaskRun does not wait long for it. */
const sidecarGrace = 2000;
const never: CancelSignal = new AbortController().signal;

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
  const made = ports.makePod(bound);
  for (const each of made.diagnostics) if (each.severity !== "error") ports.warn(each);
  if (!made.ok) {
    const { reason, message } = podFailure(bound, made.diagnostics);
    return fail(reason, message);
  }
  const plan = made.value;

  const pullFailure = await unlessStopped(stop, failureOf(ports.pullFor(bound, plan.spec.containers)));
  if (pullFailure === "stopped") return endUnopened(plan, key, ports, stop);
  if (pullFailure !== undefined) return fail("TaskRunImagePullFailed", pullFailure.diagnostic.message);

  let pod: Pod;
  try {
    pod = await ports.engine.open(plan.spec, stop.signal);
  } catch (error) {
    if (stop.signal.aborted && !isLost(error)) return endUnopened(plan, key, ports, stop);
    if (!(error instanceof LapcatError)) throw error;
    const { code, message } = error.diagnostic;
    if (code === "image.unavailable" || code === "image.unauthorized") return fail("TaskRunImagePullFailed", message);
    if (code === "engine.refused") return fail("PodCreationFailed", message);
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
    await runContainers(plan, pod, key, ports, stop);
    ports.observe({ type: "pod.finished", ...key });
  } finally {
    ports.inBackground(pod[Symbol.asyncDispose]());
  }
}

async function runContainers(plan: PodPlan, pod: Pod, key: AttemptKey, ports: PodPorts, stop: Stop): Promise<void> {
  const newMasker = maskerFor(plan.secrets);
  const sidecars = await startSidecars(plan.sidecars, pod, key, ports, newMasker);
  const results = resultReader(plan.results, pod);
  const keepsExitCodes = mentionsExitCodes(plan.spec);
  let skip: StepOutcome | undefined;
  for (const step of plan.steps) {
    const stopped = stop.because();
    if (stopped !== undefined) skip = notRun(stopped);
    if (skip !== undefined) {
      ports.observe({ type: "step.finished", ...key, container: step.container, ...factOf(skip) });
      continue;
    }
    const ended = await runStep(step, pod, key, ports, stop, newMasker);
    const at = ports.clock.now();
    const tell = (name: string, { type, value }: ReadResult): void =>
      ports.observe({ type: "result.written", ...key, name, resultType: type, value }, at);
    const outcome = plan.results.length === 0 ? ended : await results.afterStep(ended, at, tell);
    if (outcome.exitCodeFile !== undefined && keepsExitCodes) {
      await pod.write(step.exitCode.volume, step.exitCode.path, Buffer.from(outcome.exitCodeFile), 0o644);
    }
    ports.observe({ type: "step.finished", ...key, container: step.container, ...factOf(outcome) }, at);
    if (!outcome.goesOn) skip = notRun(stop.because() ?? "Skipped");
  }
  await sidecars.stop();
}

async function runStep(
  step: PlannedStep,
  pod: Pod,
  key: AttemptKey,
  ports: PodPorts,
  stop: Stop,
  newMasker: () => Masker,
): Promise<StepOutcome> {
  const { container } = step;
  await pod.start(container);
  ports.observe({ type: "step.started", ...key, container });
  let because: EndedBecause | undefined;
  const kills: Promise<void>[] = [];
  const end = (why: EndedBecause, grace: number): void => {
    because ??= why;
    const killed = pod.kill(container, grace);
    // Awaited below, with everything else of this step.
    killed.catch(() => undefined);
    kills.push(killed);
  };
  const ended = new AbortController();
  const release = [
    onAbort(stop.signal, () => end(stop.because() ?? "TaskRunCancelled", ports.hurry.aborted ? 0 : ports.grace)),
    onAbort(ports.hurry, () => {
      if (because !== undefined) end(because, 0);
    }),
  ];
  if (step.timeout !== undefined) {
    void ports.clock.sleep(step.timeout, ended.signal).then(() => {
      if (!ended.signal.aborted) end("timeout", 0);
    });
  }
  try {
    const waiting = pod.wait(container, never);
    const log = ports.logs.openLog({ ...key, container });
    const [status] = await Promise.all([
      waiting,
      pumpLog(pod.logs(container), log, newMasker, ports.clock, async () => (await waiting).startError),
    ]);
    await Promise.all(kills);
    return stepOutcome(step, status, because);
  } finally {
    ended.abort();
    for (const each of release) each();
  }
}

async function startSidecars(
  sidecars: readonly PlannedSidecar[],
  pod: Pod,
  key: AttemptKey,
  ports: PodPorts,
  newMasker: () => Masker,
): Promise<{ stop(): Promise<void> }> {
  let stopping = false;
  const watch = async ({ container }: PlannedSidecar): Promise<void> => {
    const log = ports.logs.openLog({ ...key, container });
    const waiting = pod.wait(container, never);
    const [{ exitCode, oomKilled, startError }] = await Promise.all([
      waiting,
      pumpLog(pod.logs(container), log, newMasker, ports.clock, async () => (await waiting).startError),
    ]);
    const reason =
      startError !== undefined
        ? "StartError"
        : exitCode === 0 || stopping
          ? "Completed"
          : oomKilled
            ? "OOMKilled"
            : "Error";
    ports.observe({ type: "sidecar.finished", ...key, container, exitCode, reason });
  };
  const watches = await Promise.all(
    sidecars.map(async (sidecar) => {
      await pod.start(sidecar.container);
      ports.observe({ type: "sidecar.started", ...key, container: sidecar.container });
      const watching = watch(sidecar);
      // Awaited by stop; until then the steps tell whether the engine is well.
      watching.catch(() => undefined);
      return { watching };
    }),
  );
  return {
    async stop() {
      stopping = true;
      const grace = ports.hurry.aborted ? 0 : Math.min(ports.grace, sidecarGrace);
      await Promise.all(sidecars.map(({ container }) => pod.kill(container, grace)));
      await Promise.all(watches.map(({ watching }) => watching));
    },
  };
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

function factOf({
  exitCode,
  reason,
  terminationReason,
  message,
}: StepOutcome): Pick<StepOutcome, "exitCode" | "reason" | "terminationReason" | "message"> {
  return { exitCode, reason, terminationReason, ...(message === undefined ? {} : { message }) };
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

async function unlessStopped<T>(stop: Stop, work: Promise<T>): Promise<T | "stopped"> {
  if (stop.signal.aborted) return "stopped";
  let release = (): void => undefined;
  const stopped = new Promise<"stopped">((resolve) => {
    release = onAbort(stop.signal, () => resolve("stopped"));
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    release();
  }
}

/** Calls at once if it is aborted already. Returns what undoes it. */
function onAbort(signal: CancelSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}

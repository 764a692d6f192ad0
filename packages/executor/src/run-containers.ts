import { LapcatError } from "@lapcat/diagnostic";
import { type LogChunk, type Pod } from "@lapcat/engine";
import { type PlannedStep, type PodPlan } from "@lapcat/pod";
import { type AttemptKey } from "@lapcat/run";
import { type Masker } from "./mask.ts";
import { mentionsExitCodes } from "./mentions.ts";
import { onAbort } from "./on-abort.ts";
import { type PodPorts, type Stop } from "./pod-ports.ts";
import { pumpLog } from "./pump-log.ts";
import { resultReader } from "./read-results.ts";
import { takeTurn, type Turn } from "./settle.ts";
import { unlessStopped } from "./unless-stopped.ts";
import { startSidecars } from "./sidecars.ts";
import { watchBreakpoints } from "./watch-breakpoints.ts";
import { type EndedBecause, factOf, notRun, passedOver, type StepOutcome, stepOutcome } from "./step-outcome.ts";

/** An attempt whose Pod is open. */
export interface Attempt {
  readonly pod: Pod;
  readonly key: AttemptKey;
  readonly ports: PodPorts;
  readonly stop: Stop;
  readonly newMasker: () => Masker;
}

const never = new AbortController().signal;

/** Runs an open Pod's containers: sidecars beside, steps one after the other. */
export async function runContainers(plan: PodPlan, attempt: Attempt): Promise<void> {
  const { pod, key, ports, stop } = attempt;
  const sidecars = startSidecars(plan, attempt);
  await unlessStopped(stop, sidecars.ready);
  const results = resultReader(plan, pod, key, ports.resultLimit);
  const keepsExitCodes = mentionsExitCodes(plan.spec);
  let skip: StepOutcome | undefined;
  for (const step of plan.steps) {
    const stopped = stop.because();
    if (stopped !== undefined) skip = notRun(stopped);
    if (skip !== undefined) {
      ports.observe({ type: "step.finished", ...key, container: step.container, ...factOf(skip) });
      continue;
    }
    const turn = await takeTurn(step, plan, pod, ports.evaluateCel);
    for (const problem of turn.problems)
      ports.warn({
        code: "reference.unknown",
        severity: "warning",
        message: `step ${step.name} of ${key.taskRun}: ${problem}`,
      });
    let outcome: StepOutcome;
    let at: number;
    if (turn.kind === "run") {
      const ended = await runStep(step, turn, attempt);
      at = ports.clock.now();
      outcome = await results.afterStep(step, ended, at, (event) => ports.observe(event, at));
    } else {
      at = ports.clock.now();
      outcome = turn.kind === "skip" ? passedOver : { ...notRun("Error"), message: turn.message };
      await say(turn.kind === "skip" ? skipText : turn.message, step, attempt);
    }
    if (outcome.exitCodeFile !== undefined && keepsExitCodes) {
      await keepExitCode(step, outcome.exitCodeFile, attempt);
    }
    ports.observe({ type: "step.finished", ...key, container: step.container, ...factOf(outcome) }, at);
    if (!outcome.goesOn) skip = notRun(stop.because() ?? "Skipped");
  }
  await sidecars.stop();
  const tooLarge = results.tooLarge();
  if (tooLarge !== undefined) ports.observe({ type: "pod.failed", ...key, ...tooLarge });
}

/** A step that puts something else in the place of its own directory has no such file, and later steps read what they find. */
async function keepExitCode({ name, directory }: PlannedStep, code: string, attempt: Attempt): Promise<void> {
  const { pod, key, ports } = attempt;
  try {
    await pod.write(directory.volume, `${directory.path}/exitCode`, Buffer.from(code), 0o644);
  } catch (error) {
    if (!(error instanceof LapcatError) || error.diagnostic.code !== "path.escape") throw error;
    const message = `the exit code of step ${name} of ${key.taskRun} is in no file: ${error.diagnostic.message}`;
    ports.warn({ code: "path.escape", severity: "warning", message });
  }
}

/** As the entrypoint says it. */
const skipText = "Step was skipped due to when expressions were evaluated to false.";

/** A line of ours in the log of a step that has no output of its own. */
async function say(text: string, { container }: PlannedStep, { key, ports, newMasker }: Attempt): Promise<void> {
  const log = ports.logs.openLog({ ...key, container });
  await pumpLog(none(), log, newMasker, ports.clock, () => Promise.resolve(text));
}

async function* none(): AsyncGenerator<LogChunk> {}

async function runStep(
  step: PlannedStep,
  { process, copies }: Extract<Turn, { kind: "run" }>,
  attempt: Attempt,
): Promise<StepOutcome> {
  const { pod, key, ports, stop, newMasker } = attempt;
  const { container } = step;
  const before = pod.describe(container).containerId;
  await pod.start(container, process);
  const { containerId } = pod.describe(container);
  // What an engine could not do as asked may show only now.
  for (const notice of pod.notices) ports.warn(notice);
  ports.observe({ type: "step.started", ...key, container, ...(containerId !== before && { containerId }) });
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
  // Awaited below: what it finds broken, breaks the attempt.
  const watching = watchBreakpoints(step, attempt, ended.signal, (why) => end(why, 0));
  watching.catch(() => undefined);
  if (step.timeout !== undefined && step.breakpoints === undefined) {
    void ports.clock.sleep(step.timeout, ended.signal).then(() => {
      if (!ended.signal.aborted) end("timeout", 0);
    });
  }
  try {
    const waiting = pod.wait(container, never);
    const log = ports.logs.openLog({ ...key, container });
    const [status] = await Promise.all([
      waiting,
      pumpLog(copies.of(pod.logs(container)), log, newMasker, ports.clock, async () => (await waiting).startError),
    ]);
    ended.abort();
    await Promise.all([watching, ...kills]);
    const { startError } = status;
    const lacksShell = step.breakpoints !== undefined && startError !== undefined;
    const told = lacksShell
      ? { ...status, startError: `${startError} (a breakpoint needs /bin/sh in the image)` }
      : status;
    return stepOutcome(step, told, because);
  } finally {
    ended.abort();
    for (const each of release) each();
  }
}

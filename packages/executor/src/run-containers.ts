import { type Pod } from "@lapcat/engine";
import { type PlannedStep, type PodPlan } from "@lapcat/pod";
import { type AttemptKey, type ReadResult } from "@lapcat/run";
import { mentionsExitCodes } from "./exit-codes.ts";
import { type Masker } from "./mask.ts";
import { onAbort } from "./on-abort.ts";
import { type PodPorts, type Stop } from "./pod-ports.ts";
import { pumpLog } from "./pump-log.ts";
import { resultReader } from "./read-results.ts";
import { startSidecars } from "./sidecars.ts";
import { type EndedBecause, factOf, notRun, type StepOutcome, stepOutcome } from "./step-outcome.ts";

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
  const sidecars = await startSidecars(plan.sidecars, attempt);
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
    const ended = await runStep(step, attempt);
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

async function runStep(step: PlannedStep, { pod, key, ports, stop, newMasker }: Attempt): Promise<StepOutcome> {
  const { container } = step;
  await pod.start(container);
  // What an engine could not do as asked may show only now.
  for (const notice of pod.notices) ports.warn(notice);
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

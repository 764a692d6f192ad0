import { type ExitStatus } from "@lapcat/engine";
import { type Hook, type PlannedProbe, type PlannedSidecar } from "@lapcat/pod";
import { ask, type Decides, probe, type Verdict } from "./probe.ts";
import { pumpLog } from "./pump-log.ts";
import { type Attempt } from "./run-containers.ts";

/** A sidecar from its start to its end; each of the promises settles as well when it ended by itself. */
export interface Sidecar {
  readonly begun: Promise<void>;
  /** Begun and started up: what comes after it may begin. */
  readonly up: Promise<void>;
  readonly ready: Promise<void>;
  /** From now on it is not begun again, and its end is no failure. */
  settle(): void;
  /** Ends it, after its `preStop`. */
  stop(): Promise<void>;
}

/** A sidecar has no work of its own to finish: its TaskRun does not wait long for it. */
const grace = 2000;
/** What Kubernetes gives a Pod to end, hooks included. */
const hookLimit = 30_000;
/** Milliseconds before one of Kubernetes' own sidecars is begun again: at once, then ever later. The kubelet's are ten times that. */
const pauses = [0, 1000, 2000, 4000, 8000, 16_000, 30_000] as const;
const never = new AbortController().signal;

/** Upstream's words for a sidecar that was stopped, and did not end by itself (updateStoppedSidecarStatus). */
const stoppedMessage = "Sidecar container successfully stopped by nop image";

export function startSidecar(planned: PlannedSidecar, { pod, key, ports, newMasker, stop }: Attempt): Sidecar {
  const { container, name } = planned;
  const { clock } = ports;
  const stopping = new AbortController();
  const begun = Promise.withResolvers<void>();
  const up = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  // Who waits for them is told; where nobody does, `stop` tells.
  for (const { promise } of [begun, up, ready]) promise.catch(() => undefined);
  let running = false;

  const kill = async (why: string, patience: number | undefined): Promise<void> => {
    ports.warn({
      code: "sidecar.failed",
      severity: "warning",
      message: `the sidecar ${name} was ended: ${why.replace(/: $/u, "")}`,
    });
    await end(patience ?? ports.grace);
  };
  const end = async (patience: number): Promise<void> => {
    if (planned.preStop !== undefined && running && !ports.hurry.aborted) {
      const said = await perform(planned.preStop, ports.hurry);
      if (said !== undefined)
        ports.warn({ code: "sidecar.failed", severity: "warning", message: `preStop of the sidecar ${name}: ${said}` });
    }
    await pod.kill(container, ports.hurry.aborted ? 0 : patience);
  };
  /** What went wrong, if anything did. */
  const perform = async (hook: Hook, over: AbortSignal | typeof ports.hurry): Promise<string | undefined> => {
    if (hook.kind === "sleep") {
      await clock.sleep(Math.min(hook.milliseconds, hookLimit), over);
      return undefined;
    }
    const answer = await ask(pod, container, hook, hookLimit, clock, over);
    return answer === undefined || answer.ok ? undefined : answer.said;
  };

  /** Hooks and probes of one life, until `over`. */
  const tend = async (startedAt: number, over: AbortSignal): Promise<void> => {
    const asked = (each: PlannedProbe, decides: Decides): Promise<Verdict> =>
      probe(pod, planned, each, decides, clock, startedAt, over);
    if (planned.postStart !== undefined) {
      const said = await perform(planned.postStart, over);
      if (said !== undefined) return kill(`its postStart failed: ${said}`, undefined);
    }
    if (planned.startup !== undefined) {
      const { successes, failures } = planned.startup;
      const verdict = await asked(planned.startup, { successes, failures });
      if (verdict.kind === "failed")
        return kill(`its startupProbe failed ${failures} times: ${verdict.said}`, planned.startup.grace);
      if (verdict.kind === "stopped") return tellUnready(verdict.said);
    }
    up.resolve();
    const readied = async (): Promise<void> => {
      const { readiness } = planned;
      const verdict: Verdict =
        readiness === undefined ? { kind: "succeeded" } : await asked(readiness, { successes: readiness.successes });
      if (verdict.kind === "stopped") return tellUnready(verdict.said);
      if (isProbed(planned) && !over.aborted) ports.observe({ type: "sidecar.ready", ...key, container });
      ready.resolve();
    };
    const lived = async (): Promise<void> => {
      const { liveness } = planned;
      if (liveness === undefined) return;
      const verdict = await asked(liveness, { failures: liveness.failures });
      if (verdict.kind === "failed")
        await kill(`its livenessProbe failed ${liveness.failures} times: ${verdict.said}`, liveness.grace);
    };
    await Promise.all([readied(), lived()]);
  };
  const tellUnready = (said: string): void => {
    if (!stop.signal.aborted) return;
    const last = said === "" ? "" : `; its probe said last: ${said}`;
    ports.warn({
      code: "sidecar.failed",
      severity: "warning",
      message: `the sidecar ${name} was not ready when its TaskRun ended${last}`,
    });
  };

  const life = async (): Promise<ExitStatus> => {
    await pod.start(container);
    running = true;
    const startedAt = clock.now();
    ports.observe({ type: "sidecar.started", ...key, container });
    begun.resolve();
    const over = new AbortController();
    const onStop = (): void => over.abort();
    stopping.signal.addEventListener("abort", onStop, { once: true });
    const waiting = pod.wait(container, never);
    const ended = waiting.finally(() => {
      running = false;
      over.abort();
    });
    const log = ports.logs.openLog({ ...key, container });
    const [status] = await Promise.all([
      ended,
      pumpLog(pod.logs(container), log, newMasker, clock, async () => (await waiting).startError),
      stopping.signal.aborted ? undefined : tend(startedAt, over.signal),
    ]);
    stopping.signal.removeEventListener("abort", onStop);
    ports.observe({ type: "sidecar.finished", ...key, container, ...factOf(status, stopping.signal.aborted) });
    return status;
  };
  const lives = async (): Promise<void> => {
    for (let times = 0; ; times++) {
      const status = await life();
      if (!planned.native || stopping.signal.aborted) return;
      await clock.sleep(pauses[Math.min(times, pauses.length - 1)] ?? 0, stopping.signal);
      if (!stopping.signal.aborted) continue;
      // It would have been begun again: how it ended before is not how it ends.
      return ports.observe({ type: "sidecar.finished", ...key, container, ...factOf(status, true) });
    }
  };
  const living = lives();
  living.then(
    () => {
      for (const each of [begun, up, ready]) each.resolve();
    },
    (error: unknown) => {
      for (const each of [begun, up, ready]) each.reject(error);
    },
  );
  return {
    begun: begun.promise,
    up: up.promise,
    ready: ready.promise,
    settle: () => stopping.abort(),
    async stop() {
      stopping.abort();
      await end(Math.min(ports.grace, grace));
      await living;
    },
  };
}

function isProbed({ startup, readiness }: PlannedSidecar): boolean {
  return startup !== undefined || readiness !== undefined;
}

function factOf(
  { exitCode, oomKilled, startError }: ExitStatus,
  stopped: boolean,
): { readonly exitCode: number; readonly reason: string; readonly message?: string } {
  if (startError !== undefined) return { exitCode, reason: "StartError" };
  if (stopped) return { exitCode, reason: "Completed", message: stoppedMessage };
  return { exitCode, reason: exitCode === 0 ? "Completed" : oomKilled ? "OOMKilled" : "Error" };
}

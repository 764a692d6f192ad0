import { type PlannedSidecar } from "@lapcat/pod";
import { pumpLog } from "./pump-log.ts";
import { type Attempt } from "./run-containers.ts";

/** A sidecar has no work of its own to finish: its TaskRun does not wait long for it. */
const grace = 2000;
const never = new AbortController().signal;

/** Starts all sidecars side by side; `stop` ends them when the steps are done. */
export async function startSidecars(
  sidecars: readonly PlannedSidecar[],
  { pod, key, ports, newMasker }: Attempt,
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
      const patience = ports.hurry.aborted ? 0 : Math.min(ports.grace, grace);
      await Promise.all(sidecars.map(({ container }) => pod.kill(container, patience)));
      await Promise.all(watches.map(({ watching }) => watching));
    },
  };
}

import { type PlannedStep } from "@lapcat/pod";
import { type EndedBecause } from "./step-outcome.ts";
import { decode } from "./read-results.ts";
import { type Attempt } from "./run-containers.ts";

/** Milliseconds between two looks. */
const patience = 500;

/**
 * Tells when a step waits for somebody, until it has ended. Its own time is that of its process: what is spent waiting does not count,
 * neither before it nor after it failed. The TaskRun's time goes on, as on a cluster.
 */
export async function watchBreakpoints(
  { container, timeout, breakpoints }: PlannedStep,
  { pod, key, ports }: Attempt,
  ended: AbortSignal,
  end: (why: EndedBecause) => void,
): Promise<void> {
  if (breakpoints === undefined) return;
  const { volume, path } = breakpoints.state;
  let state = "";
  let spent = 0;
  for (let last = ports.clock.now(); ;) {
    await ports.clock.sleep(patience, ended);
    if (ended.aborted) return;
    const found = await pod.read(volume, path, 100);
    const now = ports.clock.now();
    if (state === "running") spent += now - last;
    last = now;
    const next = found === undefined ? "" : decode(found.bytes);
    if (next !== state && (next === "before" || next === "failed"))
      ports.observe({
        type: "breakpoint.reached",
        ...key,
        container,
        of: next === "before" ? "beforeStep" : "onFailure",
      });
    state = next;
    if (timeout !== undefined && state === "running" && spent >= timeout) end("timeout");
  }
}

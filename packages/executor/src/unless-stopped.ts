import { onAbort } from "./on-abort.ts";
import { type Stop } from "./pod-ports.ts";

/** The work's end, or that the attempt is to end before. */
export async function unlessStopped<T>(stop: Stop, work: Promise<T>): Promise<T | "stopped"> {
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

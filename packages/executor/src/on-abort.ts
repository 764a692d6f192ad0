import { type CancelSignal } from "@lapcat/engine";

/** Calls at once if it is aborted already. Returns what undoes it. */
export function onAbort(signal: CancelSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}

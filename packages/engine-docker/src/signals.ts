import { type CancelSignal } from "@lapcat/engine";

/** The platform's own signal for one that only looks like it. Call `release` when the work is over. */
export function platformSignal(signal: CancelSignal): { readonly abortSignal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return { abortSignal: controller.signal, release: () => signal.removeEventListener("abort", abort) };
}

/** Rejects as soon as the signal is aborted; otherwise settles as `work` does. */
export async function unlessCancelled<T>(work: Promise<T>, signal: CancelSignal): Promise<T> {
  const { abortSignal, release } = platformSignal(signal);
  try {
    return await new Promise<T>((resolve, reject) => {
      const cancel = (): void => reject(new DOMException("cancelled", "AbortError"));
      if (abortSignal.aborted) cancel();
      abortSignal.addEventListener("abort", cancel, { once: true });
      work.then(resolve, reject);
    });
  } finally {
    release();
  }
}

/** What Ctrl-C asks for: first to cancel, then to kill. */
export interface Interrupts extends Disposable {
  readonly cancel: AbortSignal;
  readonly hurry: AbortSignal;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Until disposed, signals no longer end the process; the third ends it at once, and the next command cleans up. */
export function interrupts(tell: (count: 1 | 2) => void): Interrupts {
  const cancel = new AbortController();
  const hurry = new AbortController();
  const onSignal = (): void => {
    if (!cancel.signal.aborted) {
      cancel.abort();
      tell(1);
    } else if (!hurry.signal.aborted) {
      hurry.abort();
      tell(2);
    } else {
      process.exit(130);
    }
  };
  for (const each of signals) process.on(each, onSignal);
  return {
    cancel: cancel.signal,
    hurry: hurry.signal,
    [Symbol.dispose]() {
      for (const each of signals) process.off(each, onSignal);
    },
  };
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What has to be done should the process end before this is disposed: work that takes no time. A signal then does what it would have done. */
export function atDeath(work: () => void): Disposable {
  const onSignal = (signal: NodeJS.Signals): void => {
    work();
    process.off(signal, onSignal);
    // Whoever else listens has heard it too.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  process.on("exit", work);
  for (const each of signals) process.on(each, onSignal);
  return {
    [Symbol.dispose]() {
      process.off("exit", work);
      for (const each of signals) process.off(each, onSignal);
    },
  };
}

/** Observations on their way to the loop. Once it receives, each is received as it is put in: what follows it in time follows it in the log. */
export interface Inbox<T> {
  put(item: T): void;
  /** Makes `changed` fail: nothing good can come any more. */
  break(reason: unknown): void;
  /** What was put in so far, and from now on everything at once. */
  receive(receiver: (item: T) => void): void;
  /** Resolves when something was received since it was last asked. Rejects when the inbox is broken. */
  changed(): Promise<void>;
}

export function inbox<T>(): Inbox<T> {
  const early: T[] = [];
  let receiver: ((item: T) => void) | undefined;
  let broken: { readonly reason: unknown } | undefined;
  let isChanged = false;
  let waiting: { readonly promise: Promise<void>; wake(): void } | undefined;
  const stir = (): void => {
    waiting?.wake();
    waiting = undefined;
  };
  const self: Inbox<T> = {
    put(item) {
      if (receiver === undefined) {
        early.push(item);
        return;
      }
      isChanged = true;
      try {
        receiver(item);
      } catch (error) {
        // The loop is told, not whoever observed something: that may be a signal's listener.
        self.break(error);
      }
      stir();
    },
    break(reason) {
      broken ??= { reason };
      stir();
    },
    receive(to) {
      receiver = to;
      for (const item of early.splice(0)) self.put(item);
    },
    async changed() {
      if (!isChanged && broken === undefined) {
        // Shared: whoever asked before and went away must not take the wake-up of the next.
        waiting ??= waiter();
        await waiting.promise;
      }
      isChanged = false;
      if (broken !== undefined) throw broken.reason;
    },
  };
  return self;
}

function waiter(): { readonly promise: Promise<void>; wake(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, wake: resolve };
}

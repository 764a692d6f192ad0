/** Observations on their way to the loop: many put in, one takes out, in order. */
export interface Inbox<T> {
  put(item: T): void;
  /** Makes the taker fail, after all that was put in before. */
  break(reason: unknown): void;
  /** At once if something is there. */
  take(): T | undefined;
  /** Resolves when there is something to take. Rejects when the inbox is broken and empty. */
  filled(): Promise<void>;
}

export function inbox<T>(): Inbox<T> {
  const items: T[] = [];
  let broken: { readonly reason: unknown } | undefined;
  let wake: (() => void) | undefined;
  const stir = (): void => {
    wake?.();
    wake = undefined;
  };
  return {
    put(item) {
      items.push(item);
      stir();
    },
    break(reason) {
      broken ??= { reason };
      stir();
    },
    take: () => items.shift(),
    async filled() {
      if (items.length === 0 && broken === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (items.length === 0 && broken !== undefined) throw broken.reason;
    },
  };
}

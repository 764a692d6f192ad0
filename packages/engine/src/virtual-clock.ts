import { type Clock } from "./clock.ts";

/** Lets everything that can go on go on, until all wait for time or for someone else. */
export type Settle = () => Promise<void>;

/** A clock that stands still until it is turned: no timers, so a test of an hour takes no time and comes out the same each time. */
export interface VirtualClock extends Clock {
  /** Turns the clock on by so much, waking each sleeper at its moment. */
  advance(milliseconds: number): Promise<void>;
  /**
   * Turns the clock from sleeper to sleeper until `work` is done, and settles as it does. Rejects when nobody sleeps and the work still is
   * not done: it would wait for ever. Where real input and output takes part, give a `settle` that waits for it (such as setImmediate).
   */
  runUntil<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** More turns of the microtask queue than any chain of promises between two waits has. */
const turns = 400;

async function settleMicrotasks(): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}

export function virtualClock(start = 0, settle: Settle = settleMicrotasks): VirtualClock {
  let now = start;
  let sleepers: readonly Sleeper[] = [];

  const next = (): Sleeper | undefined => {
    let soonest: Sleeper | undefined;
    for (const each of sleepers) if (soonest === undefined || each.due < soonest.due) soonest = each;
    return soonest;
  };
  const leave = (sleeper: Sleeper): void => {
    sleepers = sleepers.filter((each) => each !== sleeper);
  };
  const wakeNext = (sleeper: Sleeper): void => {
    now = Math.max(now, sleeper.due);
    sleeper.wake();
  };

  return {
    now: () => now,
    sleep(milliseconds, signal) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper: Sleeper = {
          due: now + Math.max(0, milliseconds),
          wake: () => {
            leave(sleeper);
            signal.removeEventListener("abort", sleeper.wake);
            resolve();
          },
        };
        sleepers = [...sleepers, sleeper];
        signal.addEventListener("abort", sleeper.wake, { once: true });
      });
    },
    async advance(milliseconds) {
      const until = now + milliseconds;
      for (;;) {
        await settle();
        const sleeper = next();
        if (sleeper === undefined || sleeper.due > until) break;
        wakeNext(sleeper);
      }
      now = until;
    },
    async runUntil(work) {
      let done = false;
      const finish = (): void => {
        done = true;
      };
      work.then(finish, finish);
      for (;;) {
        await settle();
        if (done) return work;
        const sleeper = next();
        if (sleeper === undefined) throw new Error("nobody sleeps and the work is not done: it would wait for ever");
        wakeNext(sleeper);
      }
    },
  };
}

/** A signal that is never aborted, or is by `cancel`: for where the platform's own is not at hand. */
export interface ManualSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
  cancel(): void;
}

export function manualSignal(): ManualSignal {
  let aborted = false;
  let listeners: readonly (() => void)[] = [];
  return {
    get aborted() {
      return aborted;
    },
    addEventListener(_type, listener) {
      listeners = [...listeners, listener];
    },
    removeEventListener(_type, listener) {
      listeners = listeners.filter((each) => each !== listener);
    },
    cancel() {
      if (aborted) return;
      aborted = true;
      for (const listener of listeners) listener();
      listeners = [];
    },
  };
}

import { type CancelSignal } from "./engine.ts";

/** Time as the rooms above see it; the system's in the shell, a hand-wound one in tests. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves when the time has passed, or at once when the signal is aborted: look at the signal. Never rejects. */
  sleep(milliseconds: number, signal: CancelSignal): Promise<void>;
}

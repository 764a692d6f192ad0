import { type Instant } from "./event.ts";
import { type RunState } from "./run-state.ts";

/**
 * How long nobody worked at the run since then. A cluster goes on while nobody looks, so Tekton's clocks never stop; here nothing goes on,
 * and a run that was taken up again the next morning would be over at once.
 */
export function pausedSince({ pauses }: RunState, from: Instant): number {
  return pauses.reduce((sum, { endedAt, length }) => (endedAt > from ? sum + length : sum), 0);
}

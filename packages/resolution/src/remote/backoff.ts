import { setTimeout as sleep } from "node:timers/promises";
import { type Diagnostic } from "@lapcat/diagnostic";
import { formatDuration, parseDuration } from "@lapcat/tekton";

/** How often, and after which waits, what does not answer is asked again; times in milliseconds. */
export interface Backoff {
  readonly duration: number;
  readonly factor: number;
  /** The share of a wait that chance may add to it. */
  readonly jitter: number;
  /** How often it is asked in all. */
  readonly steps: number;
  readonly cap: number;
}

const usual: Backoff = { duration: 2000, factor: 2, jitter: 0.1, steps: 2, cap: 10_000 };

const keys = {
  duration: "backoff-duration",
  factor: "backoff-factor",
  jitter: "backoff-jitter",
  steps: "backoff-steps",
  cap: "backoff-cap",
} as const;

/** As the ConfigMap of a resolver has it; a value that cannot be read, or is negative, is told, and counts as absent. */
export function backoffOf(
  configMap: string,
  settings: Readonly<Record<string, string>>,
): {
  readonly backoff: Backoff;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const read = (name: keyof Backoff, parse: (text: string) => number | undefined): number => {
    const text = settings[keys[name]];
    const value = text === undefined ? usual[name] : parse(text);
    if (value !== undefined && value >= 0) return value;
    const message = `${keys[name]} of ${configMap} is ${JSON.stringify(text)}, which is none: ${name === "duration" || name === "cap" ? formatDuration(usual[name]) : usual[name]} is used`;
    diagnostics.push({ code: "resolver.param", severity: "warning", message });
    return usual[name];
  };
  const backoff = {
    duration: read("duration", parseDuration),
    factor: read("factor", number),
    jitter: read("jitter", number),
    steps: read("steps", number),
    cap: read("cap", parseDuration),
  };
  return { backoff, diagnostics };
}

function number(text: string): number | undefined {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)$/u.test(text) ? Number(text) : undefined;
}

/** The first answer that need not be asked for again, or the last there was time for. */
export async function persistently<T>(
  backoff: Backoff,
  signal: AbortSignal,
  ask: () => Promise<{ readonly answer: T; readonly mayPass: boolean }>,
): Promise<T> {
  for (let wait = backoff.duration, left = backoff.steps; ; left--) {
    const { answer, mayPass } = await ask();
    if (!mayPass || left <= 1) return answer;
    const next = backoff.factor === 0 ? wait : wait * backoff.factor;
    // Where a wait would pass the cap nothing more is tried (wait.ExponentialBackoff).
    if (backoff.cap > 0 && next > backoff.cap && backoff.factor !== 0) return answer;
    const slept = sleep(wait * (1 + Math.random() * backoff.jitter), true, { signal });
    // When the time is up what was answered is all there is.
    if (!(await slept.catch(() => false))) return answer;
    wait = next;
  }
}

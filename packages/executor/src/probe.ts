import { type Answer, type CancelSignal, type Clock, type Pod, type Question } from "@lapcat/engine";
import { type PlannedProbe, type PlannedSidecar } from "@lapcat/pod";
import { onAbort } from "./on-abort.ts";

export type Verdict =
  | { readonly kind: "succeeded" }
  | { readonly kind: "failed"; readonly said: string }
  /** Nobody wants to know any more. */
  | { readonly kind: "stopped"; readonly said: string };

/** Which answers in a row decide: a readiness probe is never failed, a liveness probe never succeeded. */
export type Decides = Readonly<Partial<Record<"successes" | "failures", number>>>;

/** Asks a sidecar, each time a period after the time before, until enough answers in a row agree. */
export async function probe(
  pod: Pod,
  { container }: Pick<PlannedSidecar, "container">,
  planned: PlannedProbe,
  { successes = Number.POSITIVE_INFINITY, failures = Number.POSITIVE_INFINITY }: Decides,
  clock: Clock,
  startedAt: number,
  over: CancelSignal,
): Promise<Verdict> {
  let inARow = { ok: true, times: 0 };
  let said = "";
  let next = startedAt + planned.initialDelay;
  for (;;) {
    const wait = next - clock.now();
    if (wait > 0) await clock.sleep(wait, over);
    if (over.aborted) return { kind: "stopped", said };
    next = Math.max(next, clock.now()) + planned.period;
    const answer = await ask(pod, container, planned.question, planned.timeout, clock, over);
    if (answer === undefined) return { kind: "stopped", said };
    said = answer.ok ? "" : answer.said;
    inARow = { ok: answer.ok, times: answer.ok === inARow.ok ? inARow.times + 1 : 1 };
    if (inARow.ok && inARow.times >= successes) return { kind: "succeeded" };
    if (!inARow.ok && inARow.times >= failures) return { kind: "failed", said };
  }
}

/** One answer, which is no when it takes too long; undefined when it is over. */
export async function ask(
  pod: Pod,
  container: PlannedSidecar["container"],
  question: Question,
  timeout: number,
  clock: Clock,
  over: CancelSignal,
): Promise<Answer | undefined> {
  const given = new AbortController();
  const release = onAbort(over, () => given.abort());
  const answered = new AbortController();
  void clock.sleep(timeout, answered.signal).then(() => given.abort());
  try {
    return await pod.ask(container, question, given.signal);
  } catch (error) {
    if (!given.signal.aborted) throw error;
    if (over.aborted) return undefined;
    return { ok: false, said: `no answer within ${timeout / 1000} s` };
  } finally {
    answered.abort();
    release();
  }
}

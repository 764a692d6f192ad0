import { type Clock } from "./clock.ts";
import { type Answer, type CancelSignal, type Question } from "./engine.ts";
import { fits, type FakeContainer } from "./fake-script.ts";

/** What a container of the fake answers by its script. */
export async function answerOf(
  { answers }: FakeContainer,
  question: Question,
  startedAt: number,
  clock: Clock,
  signal: CancelSignal,
): Promise<Answer> {
  const words = wordsOf(question);
  const found = answers?.find(({ to }) => to === undefined || fits(to, words));
  const { from = 0, until = Number.POSITIVE_INFINITY, takes = 0, said = "" } = found ?? {};
  const asked = clock.now() - startedAt;
  await (takes === "never" ? aborted(signal) : clock.sleep(takes, signal));
  if (signal.aborted) throw new Error(`asking ${words} was cancelled`);
  return asked >= from && asked < until ? { ok: true, said: "" } : { ok: false, said };
}

export function wordsOf(question: Question): string {
  switch (question.kind) {
    case "exec":
      return ["exec", ...question.command].join(" ");
    case "tcp":
      return `tcp ${question.port}`;
    case "http":
      return `http ${question.port}${question.path}`;
  }
}

function aborted(signal: CancelSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", resolve, { once: true });
  });
}

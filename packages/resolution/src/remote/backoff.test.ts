import { expect, test } from "vitest";
import { backoffOf, persistently } from "./backoff.ts";

test("what the settings do not say is as usual, and what cannot be read is told", () => {
  const settings = {
    "backoff-duration": "5ms",
    "backoff-factor": "1.5",
    "backoff-steps": "many",
    "backoff-cap": "-1s",
  };
  expect(backoffOf("bundleresolver-config", settings)).toEqual({
    backoff: { duration: 5, factor: 1.5, jitter: 0.1, steps: 2, cap: 10_000 },
    diagnostics: [
      'backoff-steps of bundleresolver-config is "many", which is none: 2 is used',
      'backoff-cap of bundleresolver-config is "-1s", which is none: 10s is used',
    ].map((message) => ({ code: "resolver.param", severity: "warning", message })),
  });
});

const backoff = { duration: 1, factor: 2, jitter: 0, steps: 4, cap: 100 };
test.for([
  ["as often as the steps say", {}, 4],
  ["once where there are no steps", { steps: 0 }, 1],
  ["until a wait would pass the cap", { cap: 3 }, 2],
  ["without a cap", { cap: 0, steps: 6 }, 6],
  ["with equal waits where the factor is 0", { factor: 0, cap: 1 }, 4],
] as const)("what fails in passing is tried %s", async ([, more, times]) => {
  let asked = 0;
  const ask = (): Promise<{ answer: number; mayPass: boolean }> => Promise.resolve({ answer: ++asked, mayPass: true });
  expect(await persistently({ ...backoff, ...more }, new AbortController().signal, ask)).toBe(times);
});

test("what does not is tried once, and no wait outlives the resolution", async () => {
  const { signal } = new AbortController();
  expect(await persistently(backoff, signal, () => Promise.resolve({ answer: "no", mayPass: false }))).toBe("no");
  const late = AbortSignal.timeout(5);
  const forever = { ...backoff, duration: 60_000, cap: 0 };
  expect(await persistently(forever, late, () => Promise.resolve({ answer: "not yet", mayPass: true }))).toBe(
    "not yet",
  );
});

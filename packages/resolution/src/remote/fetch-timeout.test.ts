import { expect, test } from "vitest";
import { fetchTimeout, timerOf } from "./fetch-timeout.ts";

test.for([
  ["90s", 90_000],
  ["1.5us", 1],
  ["-1s", 0],
  // A timer of more than 31 bits would end at once.
  ["1000h", 2 ** 31 - 1],
  ["soon", undefined],
] as const)("%s is %s milliseconds to a timer", ([text, milliseconds]) => {
  expect(timerOf(text)).toBe(milliseconds);
});

test("a ConfigMap that says nothing sets no time, one that says no duration is told", () => {
  expect(fetchTimeout(undefined, "x-config")).toMatchObject({ ok: true, value: undefined });
  expect(fetchTimeout("soon", "x-config")).toMatchObject({
    ok: false,
    diagnostics: [{ code: "resolver.param", message: 'fetch-timeout "soon" of x-config is no duration' }],
  });
});

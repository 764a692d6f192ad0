import { expect, test } from "vitest";
import { decodeBase64 } from "./base64.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { parseQuantity } from "./quantity.ts";

test.for<[string, number | undefined]>([
  ["1h0m0s", 3_600_000],
  ["1.5s", 1500],
  ["-2m", -120_000],
  ["100ms", 100],
  ["0", 0],
  ["0s", 0],
  ["1h30", undefined],
  ["", undefined],
  ["soon", undefined],
  ["5 s", undefined],
])("%s is a duration of %s ms", ([text, milliseconds]) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.for<[number, string]>([
  [3_600_000, "1h0m0s"],
  [90_000, "1m30s"],
  [1500, "1.5s"],
  [250, "250ms"],
  [0, "0s"],
  [-5000, "-5s"],
])("%s ms is said %s", ([milliseconds, text]) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test.for<[string | number, number | undefined]>([
  ["500m", 0.5],
  ["1Gi", 1_073_741_824],
  ["1e3", 1000],
  ["100M", 100_000_000],
  [2, 2],
  ["1gb", undefined],
  ["", undefined],
])("%s is the quantity %s", ([text, value]) => {
  expect(parseQuantity(text)).toBe(value);
});

test.for<[string, readonly number[] | undefined]>([
  ["aGk=", [104, 105]],
  ["aGk\n=", [104, 105]],
  ["", []],
  ["aGk", undefined],
  ["a$k=", undefined],
])("%j is base64 of %j", ([text, bytes]) => {
  const decoded = decodeBase64(text);
  expect(decoded === undefined ? undefined : [...decoded]).toEqual(bytes);
});

import { expect, test } from "vitest";
import { formatInstant, parseInstant, readResult } from "./index.ts";

test.for<[string, number]>([
  ["1970-01-01T00:00:00Z", 0],
  ["2000-02-29T23:59:59Z", 951_868_799_000],
  ["2026-11-22T20:18:00Z", 1_795_378_680_000],
  ["1969-12-31T23:59:59Z", -1000],
  ["2100-03-01T00:00:00Z", 4_107_542_400_000],
])("%s is written and read", ([text, at]) => {
  expect(formatInstant(at)).toBe(text);
  expect(parseInstant(text)).toBe(at);
});

test("instants are whole seconds when written, milliseconds when read", () => {
  expect(formatInstant(1999)).toBe("1970-01-01T00:00:01Z");
  expect(parseInstant("1970-01-01T01:00:01.5+01:00")).toBe(1500);
  expect(parseInstant("yesterday")).toBeUndefined();
  expect(parseInstant("2026-13-01T00:00:00Z")).toBeUndefined();
});

test.for<{ name: string; text: string; declared: "string" | "array" | "object"; expected: unknown }>([
  {
    name: "text keeps its line break",
    text: "foo\n",
    declared: "string",
    expected: { type: "string", value: "foo\n" },
  },
  { name: "nothing is text too", text: "", declared: "array", expected: { type: "string", value: "" } },
  { name: "an array of texts", text: '["a","b"]\n', declared: "array", expected: { type: "array", value: ["a", "b"] } },
  {
    name: "an array of numbers is text",
    text: "[1,2]",
    declared: "array",
    expected: { type: "string", value: "[1,2]" },
  },
  {
    name: "a space before an array hides it",
    text: ' ["a"]',
    declared: "array",
    expected: { type: "string", value: ' ["a"]' },
  },
  {
    name: "an object of texts",
    text: '{"k":"v"}',
    declared: "object",
    expected: { type: "object", value: { k: "v" } },
  },
  {
    name: "an object where an array is declared",
    text: '{"k":"v"}',
    declared: "array",
    expected: { type: "object", value: { k: "v" } },
  },
])("a result's file: $name", ({ text, declared, expected }) => {
  expect(readResult(text, declared)).toEqual(expected);
});

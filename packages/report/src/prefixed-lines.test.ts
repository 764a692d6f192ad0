import { expect, test } from "vitest";
import { prefixedLines } from "./prefixed-lines.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const text = (chunk: Uint8Array | undefined): string | undefined =>
  chunk === undefined ? undefined : String.fromCharCode(...chunk);

test.for<[string, readonly string[], string]>([
  ["whole lines", ["one\ntwo\n"], "> one\n> two\n"],
  ["a line in pieces", ["o", "n", "e\n"], "> one\n"],
  ["a line break at a chunk's start", ["one", "\ntwo\n"], "> one\n> two\n"],
  ["empty lines", ["\n\n"], "> \n> \n"],
  ["no last line break", ["one\ntwo"], "> one\n> two\n"],
  ["nothing", [], ""],
])("%s are shown behind the prefix", ([, chunks, expected]) => {
  const lines = prefixedLines(bytes("> "));
  const shown = [...chunks.map((chunk) => lines.push(bytes(chunk))), lines.end()].map((each) => text(each) ?? "");
  expect(shown.join("")).toBe(expected);
});

test("what is held does not change when the chunk's memory is used again", () => {
  const lines = prefixedLines(bytes("> "));
  const chunk = bytes("one\ntwo");
  lines.push(chunk);
  chunk.fill(120);
  expect(text(lines.end())).toBe("> two\n");
});

test("a line without an end is shown in pieces, not held for ever", () => {
  const lines = prefixedLines(bytes("> "));
  const piece = lines.push(new Uint8Array(100_000).fill(120));
  expect(piece?.length).toBe(100_000 + 3);
  expect(lines.end()).toBeUndefined();
});

test("however a text is cut, it is shown the same", () => {
  const whole = "one\n\ntwo three\nfour";
  const shownOf = (...chunks: readonly string[]): string => {
    const lines = prefixedLines(bytes("> "));
    return [...chunks.map((chunk) => lines.push(bytes(chunk))), lines.end()].map((each) => text(each) ?? "").join("");
  };
  for (let cut = 0; cut <= whole.length; cut++)
    expect(shownOf(whole.slice(0, cut), whole.slice(cut))).toBe(shownOf(whole));
});

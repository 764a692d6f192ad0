import fc from "fast-check";
import { expect, test } from "vitest";
import { lineAt, positionAt, sourceFile } from "./source-file.ts";

test.for([
  ["", 0, [1, 1]],
  ["abc", 2, [1, 3]],
  ["abc", 3, [1, 4]],
  ["a\nb", 1, [1, 2]],
  ["a\nb", 2, [2, 1]],
  ["a\n", 2, [2, 1]],
  ["a\r\nb", 3, [2, 1]],
  ["\n\n\n", 2, [3, 1]],
  // Editors count UTF-16 code units: an emoji is two columns.
  ["😀x", 2, [1, 3]],
] as const)("in %j the offset %d is at %j", ([text, offset, [line, column]]) => {
  expect(positionAt(sourceFile("f", text), offset)).toEqual({ line, column });
});

test.for([
  ["a\nb\n", 1, "a"],
  ["a\r\nb", 1, "a"],
  ["a\nb", 2, "b"],
  ["a\n", 2, ""],
  ["a", 2, ""],
  ["a", 0, ""],
] as const)("of %j the line %d is %j", ([text, line, expected]) => {
  expect(lineAt(sourceFile("f", text), line)).toBe(expected);
});

test("every offset is where its line says", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "\n", "\r\n", "é", "😀")), fc.nat(), (pieces, at) => {
      const text = pieces.join("");
      const offset = Math.min(at, text.length);
      const { line, column } = positionAt(sourceFile("f", text), offset);
      const before = text.slice(0, offset).split("\n");
      expect({ line, column }).toEqual({ line: before.length, column: (before.at(-1)?.length ?? 0) + 1 });
    }),
  );
});

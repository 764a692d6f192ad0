import { sourceFile } from "@lapcat/diagnostic";
import { expect, test } from "vitest";
import { parseManifest } from "./parse-manifest.ts";

test.for([
  ["a:\n\t- b", "a tab indents this line"],
  ["a: b: c", 'there are two ": " on this line, which would nest one mapping in another'],
  ["a: @x", "plain value cannot start with reserved character @"],
  ["a:\n  b: 1\n c: 2", "this line does not stand in the same column as the entries before it"],
  ["k: v\nkey value\n", 'this is neither a value nor a key followed by ": "'],
  ["k: v\nkey value\nc: d", 'this is neither a value nor a key followed by ": "'],
  ['a: "x', "the closing quote is missing"],
  ["a: 'it's'", "the value before this is complete: nothing may follow it here"],
  ["a: [1, 2\nb: 3", "flow sequence in block collection must be sufficiently indented and end with a ]"],
])("%j: %s", ([text, message]) => {
  expect(parseManifest(sourceFile("x", text!)).diagnostics[0]?.message).toBe(message);
});

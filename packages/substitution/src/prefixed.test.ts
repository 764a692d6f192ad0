import { expect, test } from "vitest";
import {
  findPrefixed,
  prohibitedReferences,
  unisolatedReferences,
  unknownReferences,
  wholeReferences,
} from "./prefixed.ts";

const raws = (found: readonly { readonly raw: string }[]): readonly string[] => found.map((each) => each.raw);

test.for([
  ["$(params.a) $(params.b.c)", ["a", "b"]],
  ["$(params['a.b.c'])", ["a.b.c"]],
  ["$(context.task.name)", []],
  ["$(params.a\n)", []],
  ["$(params.with space)", ["with space"]],
  ["$(params.)", [""]],
  ["first\n$(params.a)\n$(params.b)", ["a", "b"]],
] as const)("%j asks for the params %j", ([text, names]) => {
  const found = findPrefixed(text, "params");
  expect(found.map((each) => each.name)).toEqual(names);
  expect(found.every(({ raw, start, end }) => text.slice(start, end) === raw)).toBe(true);
});

test("more than two components are too deep, but not in brackets", () => {
  expect(findPrefixed("$(params.a.b.c) $(params['a.b.c'])", "params").map((each) => each.tooDeep)).toEqual([
    true,
    false,
  ]);
});

test("what is unknown, prohibited, whole or not isolated is told apart", () => {
  const text = "$(params.s) $(params.a[0]) $(params.a[*]) $(params.o.k) $(params.gone)";
  const found = findPrefixed(text, "params");
  expect(raws(unknownReferences(found, new Set(["s", "a", "o"])))).toEqual(["$(params.gone)"]);
  expect(raws(prohibitedReferences(found, new Set(["a", "o"])))).toEqual(["$(params.a[*])", "$(params.o.k)"]);
  expect(raws(wholeReferences(found, new Set(["a", "o"])))).toEqual(["$(params.a[*])"]);
  expect(raws(unisolatedReferences(text, found, new Set(["a"])))).toEqual(["$(params.a[*])"]);
  expect(unisolatedReferences("$(params.a[*])", findPrefixed("$(params.a[*])", "params"), new Set(["a"]))).toEqual([]);
});

test("a long line of unfinished references is read once", () => {
  expect(findPrefixed(`$(params["a") ${'$(params["a '.repeat(200_000)}`, "params")).toEqual([]);
  expect(findPrefixed("$(params.a".repeat(200_000), "params")).toEqual([]);
});

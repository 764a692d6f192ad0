import fc from "fast-check";
import { expect, test } from "vitest";
import { findReferences, isolatedReference } from "./reference.ts";

test.for([
  ["nothing here", []],
  ["$(params.x)", ["params.x"]],
  ["a $(params.x) and $(context.taskRun.name)!", ["params.x", "context.taskRun.name"]],
  ["$$(params.x)", ["params.x"]],
  ["$(cat $(params.file))", ["params.file"]],
  ["$( params.x )", []],
  ["$(params.x", []],
  ["$(params..x)", []],
  ["$(params[0].x)", []],
  ["${params.x}", []],
  ["$(params[\"a.b\"])$(params['c d'])", ['params["a.b"]', "params['c d']"]],
] as const)("%j holds the references %j", ([text, expressions]) => {
  expect(findReferences(text).map((each) => each.expression)).toEqual(expressions);
});

test.for([
  ["$(params.a-b_c)", { parts: ["params", "a-b_c"], star: false, bracketed: false }],
  ["$(params.a[0])", { parts: ["params", "a"], index: 0, star: false, bracketed: false }],
  ["$(params.a[*])", { parts: ["params", "a"], star: true, bracketed: false }],
  ['$(params["a.b"][12])', { parts: ["params", "a.b"], index: 12, star: false, bracketed: true }],
  ["$(params['a.b'][*])", { parts: ["params", "a.b"], star: true, bracketed: true }],
  ['$(tasks.t.results["r"][key])', { parts: ["tasks", "t", "results", "r", "key"], star: false, bracketed: true }],
  ["$(results['r'].path)", { parts: ["results", "r", "path"], star: false, bracketed: true }],
] as const)("%s is taken apart", ([text, expected]) => {
  const reference = isolatedReference(text);
  expect(reference).toEqual({ ...expected, raw: text, start: 0, end: text.length, expression: text.slice(2, -1) });
});

test("a reference with other text beside it is not isolated", () => {
  expect(isolatedReference("$(params.x) ")).toBeUndefined();
  expect(isolatedReference(" $(params.x)")).toBeUndefined();
  expect(isolatedReference("$(params.x)$(params.y)")).toBeUndefined();
});

test("offsets point at what was written", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom("$(params.x)", "$(", ")", "[*]", '["', "."))),
      (pieces) => {
        const text = pieces.join("");
        for (const { raw, start, end } of findReferences(text)) {
          expect(text.slice(start, end)).toBe(raw);
          expect(raw.startsWith("$(") && raw.endsWith(")")).toBe(true);
        }
      },
    ),
  );
});

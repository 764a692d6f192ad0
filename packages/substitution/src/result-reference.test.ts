import { expect, test } from "vitest";
import { findExpressions, findResultReferences } from "./result-reference.ts";

test("results of tasks are found where they stand", () => {
  const text =
    "$(tasks.a.results.r)/$(tasks.b-c.results.list[3])/$(finally.d.results.o.k)/$(params.x)/$(tasks.e.results.all[*])";
  expect(findResultReferences(text).map(({ start, end, ...rest }) => [text.slice(start, end), rest])).toEqual([
    ["$(tasks.a.results.r)", { from: "tasks", task: "a", result: "r", star: false }],
    ["$(tasks.b-c.results.list[3])", { from: "tasks", task: "b-c", result: "list", index: 3, star: false }],
    ["$(finally.d.results.o.k)", { from: "finally", task: "d", result: "o", key: "k", star: false }],
    ["$(tasks.e.results.all[*])", { from: "tasks", task: "e", result: "all", star: true }],
  ]);
});

test.for(["$(tasks.a.results['r'])", "$(tasks.a.result.r)", "$(tasks.a.results.r.k.more)", "$(tasks.a.results)"])(
  "%s makes no task wait for another",
  (text) => {
    expect(findResultReferences(text)).toEqual([]);
  },
);

test("expressions are what upstream's pattern finds", () => {
  expect(findExpressions("$(a.b) $(c[1]) $(d['e']) $(f g)")).toEqual(["a.b", "c[1]"]);
});

import { expect, test } from "vitest";
import { orderOf } from "./graph.ts";

const edges = (text: string): ReadonlyMap<string, readonly string[]> =>
  new Map(text.split(" ").map((each) => [each[0]!, each.slice(1).split("")] as const));

test.for([
  { name: "keeps the order given where nothing waits", graph: "c a b", names: "cab" },
  { name: "puts predecessors first", graph: "ab bc c", names: "cba" },
  { name: "joins a diamond once", graph: "a ba ca dbc", names: "abcd" },
  { name: "takes each arm as it comes", graph: "dbc ca ba a", names: "abcd" },
  { name: "passes over names it does not know", graph: "ax b", names: "ab" },
  { name: "counts a predecessor named twice once", graph: "abb b", names: "ba" },
])("orderOf $name", ({ graph, names }) => {
  expect(orderOf(edges(graph))).toEqual({ kind: "ordered", names: names.split("") });
});

test.for([
  { name: "a task that waits for itself", graph: "a bb", names: "b" },
  { name: "two that wait for one another", graph: "ab ba", names: "ab" },
  { name: "a circle behind a start that is not in it", graph: "ab bc cd db", names: "bcd" },
])("orderOf finds $name", ({ graph, names }) => {
  expect(orderOf(edges(graph))).toEqual({ kind: "cycle", names: names.split("") });
});

test("orderOf walks a chain of ten thousand", () => {
  const chain = new Map(Array.from({ length: 10_000 }, (_, index) => [`t${index}`, [`t${index + 1}`]]));
  const order = orderOf(chain);
  expect(order.kind).toBe("ordered");
  expect(order.names[0]).toBe("t9999");
});

import { sourceFile } from "@lapcat/diagnostic";
import { expect, test } from "vitest";
import { applyTextEdits, textEdits, type Edit } from "./edit-manifest.ts";
import { parseManifest } from "./parse-manifest.ts";

function edited(text: string, ...edits: readonly Edit[]): string {
  const parsed = parseManifest(sourceFile("x.yaml", text));
  if (!parsed.ok) throw new Error("the test's own YAML is wrong");
  const [document] = parsed.value;
  return document === undefined ? text : applyTextEdits(text, textEdits(document, edits));
}

test("a key is renamed, and nothing else moves", () => {
  expect(
    edited("a:   # why\n  old :  {x: 1}   # here\n\n# end\n", { how: "rename", path: ["a", "old"], key: "new" }),
  ).toBe("a:   # why\n  new :  {x: 1}   # here\n\n# end\n");
});

test.for([
  ["a: 'v'\nb: 1\n", "a: 'w'\nb: 1\n"],
  ["a: v # c\n", "a: w # c\n"],
  ['{"a": "v"}', '{"a": "w"}'],
] as const)("a value is replaced and keeps its quotes: %j", ([text, expected]) => {
  expect(edited(text, { how: "replace", path: ["a"], text: "w" })).toBe(expected);
});

test.for([
  ["a: 1\nb: 2\nc: 3\n", "a: 1\nc: 3\n"],
  ["a: 1\nb: # told\n  x: |\n    text\n\n  y: []\n# of c\nc: 3\n", "a: 1\n# of c\nc: 3\n"],
  ["a: 1\nb:\nc: 3\n", "a: 1\nc: 3\n"],
  ["{a: 1, b: 2, c: 3}", "{a: 1, c: 3}"],
  ["{a: 1, b: 2}", "{a: 1}"],
  ["{b: 2}", "{}"],
  ["b: 2\n", "{}\n"],
  ["a: 1\nb: 2", "a: 1\n"],
] as const)("a pair is removed with its line: %j", ([text, expected]) => {
  expect(edited(text, { how: "remove", path: ["b"] })).toBe(expected);
});

test("the first pair of a list's item gives its place to the next", () => {
  expect(edited("- b: 2\n  # of a\n  a: 1\n- c: 3\n", { how: "remove", path: [0, "b"] })).toBe(
    "- # of a\n  a: 1\n- c: 3\n",
  );
});

test("pairs are nested where the first of them stood, with their comments and blocks", () => {
  const text = "spec:\n  sa: x # who\n  other: 1\n  pod:\n    # why\n    s: |\n      a\n\n      b\n  last: 2\n";
  expect(
    edited(
      text,
      { how: "nest", path: ["spec", "sa"], under: "template", key: "account" },
      { how: "nest", path: ["spec", "pod"], under: "template", key: "pod" },
    ),
  ).toBe(
    "spec:\n  template:\n    account: x # who\n    pod:\n      # why\n      s: |\n        a\n\n        b\n  other: 1\n  last: 2\n",
  );
});

test("or into the mapping that is there", () => {
  const edit: Edit = { how: "nest", path: ["timeout"], under: "timeouts", key: "pipeline" };
  expect(edited("timeout: 1h\ntimeouts:\n  tasks: 1m # c\nz: 1\n", edit)).toBe(
    "timeouts:\n  tasks: 1m # c\n  pipeline: 1h\nz: 1\n",
  );
  expect(edited("timeout: 1h\ntimeouts: {tasks: 1m}\n", edit)).toBe("timeouts: {tasks: 1m, pipeline: 1h}\n");
  expect(edited("{timeout: 1h, z: 1}", edit)).toBe("{timeouts: {pipeline: 1h}, z: 1}");
});

test("what an alias repeats is changed once", () => {
  const text = "a: &x\n  old: 1\nb: *x\n";
  expect(
    edited(text, { how: "rename", path: ["a", "old"], key: "new" }, { how: "rename", path: ["b", "old"], key: "new" }),
  ).toBe("a: &x\n  new: 1\nb: *x\n");
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { replace, replaceList, replaceValue, type Replacements } from "./replace.ts";
import { mergeReplacements, paramReplacements, resultReplacements, stringReplacements } from "./replacements.ts";

const pass: Replacements = paramReplacements(
  [
    { name: "x", value: "X" },
    { name: "y", value: "$(params.x)" },
    { name: "a.b", value: "dotted" },
    { name: "list", value: ["one", "two"] },
    { name: "none", value: [] },
    { name: "o", value: { key: "value" } },
  ],
  "task",
);

test.for([
  ["no reference", "no reference"],
  ["<$(params.x)>", "<X>"],
  ["$(params[\"x\"])$(params['x'])$(inputs.params.x)", "XXX"],
  ["$(params.y)", "$(params.x)"],
  ["$$(params.x)", "$X"],
  ["$(params.unknown) $(cat $(params.x))", "$(params.unknown) $(cat X)"],
  ["$( params.x )", "$( params.x )"],
  ["$(params.x", "$(params.x"],
  ["$(params.a.b)", "dotted"],
  ["$(params.list[1])", "two"],
  ["$(params.list[2])", "$(params.list[2])"],
  ["$(params.list[*])", "$(params.list[*])"],
  ["$(params.o.key)", "value"],
] as const)("%j becomes %j", ([text, expected]) => {
  expect(replace(text, pass)).toBe(expected);
});

test("a later pass sees what an earlier one put in", () => {
  const params = paramReplacements([{ name: "CONTEXT", value: "$(workspaces.source.path)" }], "task");
  const workspaces = stringReplacements({ "workspaces.source.path": "/workspace/source" });
  expect(replace(replace("cd $(params.CONTEXT)", params), workspaces)).toBe("cd /workspace/source");
});

test("a Pipeline does not know inputs.params", () => {
  const pipeline = paramReplacements([{ name: "x", value: "X" }], "pipeline");
  expect(replace("$(inputs.params.x)$(params.x)", pipeline)).toBe("$(inputs.params.x)X");
});

test("a name with a parenthesis is found in its brackets", () => {
  const odd = stringReplacements({ "params['a)b']": "odd" });
  expect(replace("$(params['a)b']) $(date) $(params['a)", odd)).toBe("odd $(date) $(params['a)");
});

test.for([
  [["$(params.list[*])"], ["one", "two"]],
  [["$(params.list)"], ["one", "two"]],
  [["$(params['list'][*])"], ["one", "two"]],
  [
    ["-v", "$(params.none[*])", "end"],
    ["-v", "end"],
  ],
  [["--all=$(params.list[*])"], ["--all=$(params.list[*])"]],
  [
    ["$(params.list[0])", "$(params.x)"],
    ["one", "X"],
  ],
] as const)("the list %j becomes %j", ([list, expected]) => {
  expect(replaceList(list, pass)).toEqual(expected);
});

test.for([
  ["$(params.list[*])", ["one", "two"]],
  ["$(params.o[*])", { key: "value" }],
  ["$(params.o)", { key: "value" }],
  ["$(params['o'][*])", "$(params['o'][*])"],
  ["a $(params.x)", "a X"],
  [["$(params.x)"], ["X"]],
  [{ k: "$(params.x)" }, { k: "X" }],
] as const)("the value %j becomes %j", ([value, expected]) => {
  expect(replaceValue(value, pass)).toEqual(expected);
});

test("results are found in each notation", () => {
  const results = mergeReplacements(
    resultReplacements("tasks", "t", "digest", "sha256:0"),
    resultReplacements("tasks", "t", "list", ["a"]),
    resultReplacements("steps", "s", "o", { k: "v" }),
  );
  expect(replace("$(tasks.t.results.digest) $(tasks.t.results['digest'])", results)).toBe("sha256:0 sha256:0");
  expect(replaceList(["$(tasks.t.results.list[*])", '$(tasks.t.results["list"][0])'], results)).toEqual(["a", "a"]);
  expect(replace('$(steps.s.results.o.k) $(steps.s.results["o"][k])', results)).toBe("v v");
});

test("text without references is unchanged", () => {
  fc.assert(
    fc.property(fc.string(), (any) => {
      const text = any.replaceAll("$(", "$ (");
      expect(replace(text, pass)).toBe(text);
    }),
  );
});

test("replacing is linear in a text full of openings", () => {
  const text = "$(params.x".repeat(200_000);
  expect(replace(text, pass)).toBe(text);
  expect(replace(`${text}\n)`, pass)).toBe(`${text}\n)`);
});

import { sourceFile, type Diagnostic } from "@lapcat/diagnostic";
import { expect, test } from "vitest";
import { type Json } from "./manifest-document.ts";
import { parseManifest } from "./parse-manifest.ts";

const parse = (text: string): ReturnType<typeof parseManifest> => parseManifest(sourceFile("file.yaml", text));

function values(text: string): readonly Json[] {
  const result = parse(text);
  expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return result.ok ? result.value.map((document) => document.value) : [];
}

function problems(text: string): readonly (readonly [Diagnostic["code"], string])[] {
  const result = parse(text);
  expect(result.ok).toBe(false);
  return result.diagnostics.map(({ code, span }) => [code, text.slice(span?.start, span?.end)] as const);
}

test("a file holds several documents, and empty ones do not count", () => {
  const result = parse("# head\n---\na: 1\n---\n---\n# nothing\n---\n~\n---\n- b\n...\n");
  expect(result.ok && result.value.map(({ index, value }) => ({ index, value }))).toEqual([
    { index: 0, value: { a: 1 } },
    { index: 1, value: ["b"] },
  ]);
});

test.for([
  ["", []],
  ["\ufeffa: b", [{ a: "b" }]],
  ['{"a": [1, true, null, "x"]}', [{ a: [1, true, null, "x"] }]],
  [
    "a: yes\nb: 'yes'\nc: !!str yes\nd: 0644\ne: 2001-01-01",
    [{ a: true, b: "yes", c: "yes", d: 420, e: "2001-01-01" }],
  ],
  ["1: a\ny: b\n1.5: c", [{ "1": "a", true: "b", "1.5": "c" }]],
  ["script: |\n  #!/bin/sh\n  echo\nfolded: >-\n  a\n  b", [{ script: "#!/bin/sh\necho\n", folded: "a b" }]],
  ["a: !!int '3'\nb: !!float 3\nc: !custom x", [{ a: 3, b: 3, c: "x" }]],
  ["a: &x {k: v}\nb: *x", [{ a: { k: "v" }, b: { k: "v" } }]],
  ["base: &b {x: 1, w: 1}\nd: {<<: *b, w: 2}", [{ base: { x: 1, w: 1 }, d: { x: 1, w: 2 } }]],
  ["d: {w: 2, <<: {x: 1, w: 1}}", [{ d: { w: 2, x: 1 } }]],
  ["d: {<<: [{x: 1}, {x: 2, z: 3}]}", [{ d: { x: 1, z: 3 } }]],
  ['"<<": {a: 1}', [{ "<<": { a: 1 } }]],
  ["? a\n: b\n? c", [{ a: "b", c: null }]],
  ["a: \r\n  b: c\r\n", [{ a: { b: "c" } }]],
] as const)("%j is %j", ([text, expected]) => {
  expect(values(text)).toEqual(expected);
});

test("no key is special", () => {
  const [value] = values(
    '{"__proto__": {"polluted": true}, "constructor": 1, "a": &a {"__proto__": 2}, "b": {<<: *a}}',
  );
  expect(Object.keys(value as object)).toEqual(["__proto__", "constructor", "a", "b"]);
  expect((value as Record<string, Json>)["toString"]).toBeUndefined();
  expect(JSON.stringify(value)).toContain('"b":{"__proto__":2}');
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test.for([
  ["a: [1, 2", ["yaml.syntax"]],
  ["a: b: c", ["yaml.syntax"]],
  ["a: *nowhere", ["yaml.syntax"]],
  ["a: &a [*a]", ["yaml.alias"]],
  ["a: {{ x }}", ["yaml.syntax"]],
  ["a: !!int x", ["yaml.syntax"]],
  ["a: !!binary aGk=", ["yaml.syntax"]],
  ["a: .nan", ["yaml.syntax"]],
  ["a: {<<: 1}", ["yaml.syntax"]],
  ["a:\n\t- b", ["yaml.syntax"]],
  ["a: \u0007", ["yaml.syntax"]],
  ["a: \0", ["file.encoding"]],
  ["a: \ud800", ["file.encoding"]],
  ["\ud800\0", ["file.encoding", "file.encoding"]],
] as const)("%j is refused with %j", ([text, codes]) => {
  expect(problems(text).map(([code]) => code)).toEqual(codes);
});

test("every problem of a file is told, each where it stands", () => {
  expect(problems("a: !!bool 1\n---\nb: *gone\n---\nc: ok\n---\nd: !!int x\n")).toEqual([
    ["yaml.syntax", "1"],
    ["yaml.syntax", "*gone"],
    ["yaml.syntax", "x"],
  ]);
});

test("a key without quotes that YAML takes for something else is told, and read as a cluster reads it", () => {
  const text = 'y: 1\n"n": 2\nfalse: 3\n0755: 4\n1.0: 5\n5: 6\n';
  const parsed = parseManifest(sourceFile("a.yaml", text));
  expect(parsed.ok && parsed.value.map(({ value }) => Object.keys(value as object))).toEqual([
    ["1", "5", "493", "true", "n", "false"],
  ]);
  expect(parsed.diagnostics.map(({ message, severity }) => `${severity} ${message}`)).toEqual([
    'warning the key y is read as "true"',
    'warning the key 0755 is read as "493"',
    'warning the key 1.0 is read as "1"',
  ]);
});

test.for([
  ["a: 1\na: 2", { a: 2 }, "2"],
  ['a: 3\n"a": 4', { a: 4 }, "4"],
  ["a: {<<: {b: 1}, b: 2, b: 3}", { a: { b: 3 } }, "{<<: {b: 1}, b: 2, b: 3}"],
] as const)("of a key that occurs twice in %j the later counts, and is told", ([text, value, written]) => {
  const parsed = parseManifest(sourceFile("a.yaml", text));
  const [document] = parsed.ok ? parsed.value : [];
  expect(document?.value).toEqual(value);
  const { start, end } = document?.spanOf(["a"]) ?? { start: 0, end: 0 };
  expect(text.slice(start, end)).toBe(written);
  expect(parsed.diagnostics).toMatchObject([{ code: "yaml.key", severity: "warning", hint: "remove one of the two" }]);
});

test("an alias bomb is refused at once", () => {
  const levels = Array.from({ length: 30 }, (_, level) =>
    level === 0 ? "a0: &a0 [x, x]" : `a${level}: &a${level} [${`*a${level - 1},`.repeat(9)}]`,
  );
  expect(problems(levels.join("\n")).map(([code]) => code)).toEqual(["yaml.alias"]);
});

test("aliases that nest deeply without repeating are refused too", () => {
  const levels = Array.from({ length: 1000 }, (_, level) =>
    level === 0 ? "- &a0 []" : `- &a${level} [*a${level - 1}]`,
  );
  expect(new Set(problems(levels.join("\n")).map(([code]) => code))).toEqual(new Set(["yaml.alias"]));
});

test("a large file is refused unread, a deep one as soon as it is too deep", () => {
  expect(problems(" ".repeat(8 * 1024 * 1024 + 1)).map(([code]) => code)).toEqual(["file.too-large"]);
  for (const opening of ["[", "{a: ", "- ", "? "]) {
    expect(problems(opening.repeat(10_000)).at(-1)?.[0]).toBe("yaml.syntax");
  }
  const indented = Array.from({ length: 1000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n");
  expect(problems(indented).map(([code]) => code)).toEqual(["yaml.syntax"]);
});

test("a value of a deep but possible document is read", () => {
  expect(values(`${"[".repeat(100)}${"]".repeat(100)}`)).toHaveLength(1);
});

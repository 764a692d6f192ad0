import { sourceFile } from "@lapcat/diagnostic";
import { expect, test } from "vitest";
import { formatPath, type ManifestDocument, type Path } from "./manifest-document.ts";
import { parseManifest } from "./parse-manifest.ts";

const text = `apiVersion: tekton.dev/v1
kind: Task
spec:
  params: &params
    - name: first
      default: "one"
    - {name: second, type: array}
  steps:
    - name: a
      image:
      script: |
        echo
  again: *params
  merged:
    <<: [{x: 1}, {w: 2}]
    z: 3
`;

function documentOf(source: string): ManifestDocument {
  const result = parseManifest(sourceFile("task.yaml", source));
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  return result.value[0]!;
}

const document = documentOf(text);
const list = text.slice(text.indexOf("- name: first"), text.indexOf("  steps"));
const at = (span: { readonly start: number; readonly end: number }): string => text.slice(span.start, span.end);

test.for<[Path, string, string]>([
  [["kind"], "Task", "kind"],
  [["spec", "params", 0, "default"], '"one"', "default"],
  [["spec", "params", 1], "{name: second, type: array}", "{name: second, type: array}"],
  [["spec", "params", 1, "type"], "array", "type"],
  [["spec", "steps", 0, "script"], "|\n        echo\n", "script"],
  // A key without a value stands for it.
  [["spec", "steps", 0, "image"], "image", "image"],
  // What does not exist is shown at what would hold it.
  [["spec", "params", 1, "gone", "deeper"], "{name: second, type: array}", "{name: second, type: array}"],
  [["spec", "params", 7], list, list],
  // Through an alias one sees the anchor's text; the alias itself is where its key says.
  [["spec", "again"], "*params", "again"],
  [["spec", "again", 1, "name"], "second", "name"],
  [["spec", "merged", "w"], "2", "w"],
  [["spec", "merged", "z"], "3", "z"],
])("$0", ([path, value, key]) => {
  expect(at(document.spanOf(path)).trim()).toBe(value.trim());
  expect(at(document.keySpanOf(path)).trim()).toBe(key.trim());
});

test("a document's own span is its content, not another document's", () => {
  const source = sourceFile("two.yaml", "a: 1\n---\nb: 2\n");
  const result = parseManifest(source);
  const spans = result.ok ? result.value.map((each) => each.spanOf(["b"])) : [];
  expect(spans.map((span) => source.text.slice(span.start, span.end).trim())).toEqual(["a: 1", "2"]);
});

test("paths are written as Tekton writes them", () => {
  expect(formatPath(["spec", "tasks", 0, "params", 1, "name"])).toBe("spec.tasks[0].params[1].name");
  expect(formatPath(["data", ".dockerconfigjson"])).toBe('data[".dockerconfigjson"]');
  expect(formatPath([])).toBe("");
});

test.for<[string, string]>([
  ["1", "1"],
  ["1.10", "1.1"],
  ["1.0", "1"],
  ["1e3", "1000"],
  ["1e21", "1e+21"],
  ["0.0000001", "1e-7"],
  ["0x10", "16"],
  ["0644", "420"],
  ["9007199254740993", "9007199254740993"],
  ["-9223372036854775808", "-9223372036854775808"],
  ["18446744073709551615", "18446744073709552000"],
  ["yes", "true"],
  ["~", "null"],
  ['"1.10"', '"1.10"'],
  ["[1, 9007199254740993]", "[1,9007199254740993]"],
  ["{b: 1, a: {d: <x>, c: 9007199254740993}}", '{"a":{"c":9007199254740993,"d":"\\u003cx\\u003e"},"b":1}'],
])("upstream sees the value %s as the text %s", ([value, expected]) => {
  const under = documentOf(`base: &b\n  value: ${value}\nother:\n  <<: *b\nlist: [*b]\n`);
  expect(under.jsonTextAt(["base", "value"])).toBe(expected);
  expect(under.jsonTextAt(["other", "value"])).toBe(expected);
  expect(under.jsonTextAt(["list", 0, "value"])).toBe(expected);
  expect(under.jsonTextAt(["base", "gone"])).toBeUndefined();
});

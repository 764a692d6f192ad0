import { sourceFile } from "@lapcat/diagnostic";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseManifest } from "./parse-manifest.ts";
import { stringifyManifest } from "./stringify-manifest.ts";

test("documents are written in block style, scripts as literal blocks", () => {
  const script = "#!/bin/sh\necho $(params.x)\n";
  const run = {
    kind: "TaskRun",
    spec: { params: [{ name: "x", value: "yes" }], steps: [{ script }], empty: [], gone: undefined },
  };
  expect(stringifyManifest([run, { kind: "Secret", mode: 420 }])).toBe(`kind: TaskRun
spec:
  params:
    - name: x
      value: "yes"
  steps:
    - script: |
        #!/bin/sh
        echo $(params.x)
  empty: []
---
kind: Secret
mode: 420
`);
});

test.for([
  "y",
  "n",
  "on",
  "0644",
  "0o7",
  "0x1f",
  "1_000",
  "08",
  ".5",
  "1e3",
  "~",
  "",
  "<<",
  "null",
  "12:30",
  "- a",
  "a: b",
  "# c",
])("the text %j is written so that it stays text", (text) => {
  const result = parseManifest(sourceFile("x", stringifyManifest([{ [text]: text }])));
  expect(result.ok && result.value[0]?.value).toEqual({ [text]: text });
});

test("an object used twice is written twice", () => {
  const shared = { a: 1 };
  expect(stringifyManifest([[shared, shared]])).toBe("- a: 1\n- a: 1\n");
});

test("what is written is read as it was", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("a\nb\n", " a\n b", "\n", "a\n\n", "#!/bin/sh\n\techo\n"),
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(text, tie("value"), { maxKeys: 4 }),
    ),
  })).value;
  fc.assert(
    fc.property(json, (value) => {
      const result = parseManifest(sourceFile("x", stringifyManifest([{ value }])));
      expect(result.ok && result.value[0]?.value).toEqual({ value });
    }),
    { numRuns: 300 },
  );
});

import { hasErrors, sourceFile } from "@lapcat/diagnostic";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseManifest } from "./parse-manifest.ts";

const seed = `apiVersion: tekton.dev/v1
kind: Task
metadata: {name: "a", labels: {x: 'y'}}
spec:
  params: &p
  - name: one
    default: [1, 2.5, 0x10, ~]
  other: *p
  merged:
    <<: {k: v}
  steps:
  - script: |
      echo $(params.one)
    image: >-
      folded
      text
---
? complex
: value
...
`;

const snippet = fc.constantFrom(
  ..."[ ] { } | > ' \" \\ , # ~ @ ` \0 \ud800 \ufeff \u0085 \r \n \t é😀".split(" "),
  ...": |- |? |&p |*p|<<: |!!int |!x |  |---\n|...\n|%YAML 1.1\n|__proto__: ".split("|"),
);
const edit = fc.record({ at: fc.nat(seed.length), remove: fc.nat(12), insert: fc.oneof(snippet, fc.string()) });

/** Reads a text and asks of the result what every reader asks; anything thrown fails the test. True if all is in order. */
function read(text: string): boolean {
  const result = parseManifest(sourceFile("x", text));
  const within = result.diagnostics.every(
    ({ span }) => span !== undefined && span.start >= 0 && span.start <= span.end && span.end <= text.length,
  );
  const documents = result.ok ? result.value : [];
  const located = documents.every((document) =>
    [[], ["spec", "steps", 0, "script"], ["spec", "merged", "k"], ["__proto__"], [0]].every((path) => {
      const { start, end } = document.keySpanOf(path);
      return start <= end && document.jsonTextAt([]) !== undefined;
    }),
  );
  return within && located && result.ok !== hasErrors(result.diagnostics);
}

test("no mutation of a document makes it throw", () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (edits) => {
      let text = seed;
      for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove);
      expect(read(text)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("nor does any text at all", () => {
  const pieces = fc.array(snippet, { maxLength: 60 }).map((each) => each.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), pieces), (text) => {
      expect(read(text)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

const pieces =
  "[|]|{|}|- |? |a: |a: b\n|- - \n|---\n|#c\n|'|\"|&a |*a |!x |\t|\n|- &a [*a]\n|a: &a x\nb: *a\n|<<: *a\n|{a: b}, |[a]: b\n|%YAML 1.1\n|a:\n |: |,";

// Well under a second each on an idle machine; the bound leaves room for a busy one.
test.for([...pieces.split("|"), "|\n a\n"])(
  "%j forty thousand times over is read or refused in time",
  { timeout: 10_000 },
  (piece) => {
    expect(read(piece.repeat(40_000))).toBe(true);
  },
);

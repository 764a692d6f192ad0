import { sourceFile, type Diagnostic } from "@lapcat/diagnostic";
import { expect, test } from "vitest";
import { githubAnnotations, githubRunAnnotations } from "./annotations.ts";
import { failed, succeeded } from "./recorded-for-test.ts";
import { timelineOf } from "./timeline.ts";

const file = sourceFile("dir/a,b.yaml", "kind: Task\nspec: 100%\n");

test.for<[string, Diagnostic, string]>([
  [
    "a place is told by line and column, one-based, its end too",
    { code: "field.value", severity: "error", message: "wrong", span: { file, start: 17, end: 21 } },
    "::error file=dir/a%2Cb.yaml,line=2,col=7,endLine=2,endColumn=11,title=field.value::wrong",
  ],
  [
    "what has no place has only a title; the hint is a line of its own",
    { code: "usage", severity: "warning", message: "100% wrong", hint: "do\nthis" },
    "::warning title=usage::100%25 wrong%0Ado%0Athis",
  ],
  [
    "a note is a notice",
    { code: "catalog.chosen", severity: "note", message: "m" },
    "::notice title=catalog.chosen::m",
  ],
])("%s", ([, diagnostic, line]) => {
  expect(githubAnnotations([diagnostic])).toEqual([line]);
});

test("a run's annotations are its failures", () => {
  expect(githubRunAnnotations(timelineOf(succeeded))).toEqual([]);
  expect(githubRunAnnotations(timelineOf(failed))).toEqual([
    '::error title=build %3A compile::StepFailed: "step-compile" exited with code 3: Error',
  ]);
});

import {
  fail,
  hasErrors,
  sourceFile,
  succeed,
  type Diagnostic,
  type Result,
  type SourceFile,
} from "@lapcat/diagnostic";
import { applyTextEdits, parseManifest, textEdits, type ManifestDocument, type TextEdit } from "@lapcat/manifest";
import { keptKeys } from "../read/kept-annotations.ts";
import { attemptResources } from "../read/read-resources.ts";
import { documentEdits } from "./document-edits.ts";

/**
 * A file's text with every document of Tekton's as v1: comments, order and layout stay, and a document that is v1 keeps every byte.
 * Fails, with the place, where something has no counterpart in v1.
 */
export function convertManifest(source: SourceFile): Result<string> {
  const parsed = parseManifest(source);
  if (!parsed.ok) return parsed;
  const diagnostics: Diagnostic[] = [];
  const changes: TextEdit[] = [];
  const changed: ManifestDocument[] = [];
  for (const document of parsed.value) {
    const { edits, diagnostics: found } = documentEdits(document);
    diagnostics.push(...found);
    if (edits.length === 0) continue;
    changed.push(document);
    changes.push(...textEdits(document, edits));
  }
  if (hasErrors(diagnostics)) return fail(diagnostics);
  if (changes.length === 0) return succeed(source.text, diagnostics);
  const text = applyTextEdits(source.text, changes);
  const different = firstDifference(changed, sourceFile(source.name, text));
  if (different === undefined) return succeed(text, diagnostics);
  return fail([
    ...diagnostics,
    {
      code: "document.conversion",
      severity: "error",
      message: "the document is laid out in a way that lapcat cannot convert in place",
      span: different.spanOf([]),
      hint: "write it without aliases, merge keys and braces, and try again",
    },
  ]);
}

/** The document that is not read after the change as it was before; what could not be read before is not judged. */
function firstDifference(before: readonly ManifestDocument[], after: SourceFile): ManifestDocument | undefined {
  const parsed = parseManifest(after);
  if (!parsed.ok) return before[0];
  return before.find((document) => {
    const now = parsed.value.find(({ index }) => index === document.index);
    const was = attemptResources([document]);
    if (now === undefined) return true;
    return !hasErrors(was.diagnostics) && textOf(was.resources) !== textOf(attemptResources([now]).resources);
  });
}

/**
 * Without what Go reads alike, absent or empty, with references to ClusterTasks as they are converted, and without the annotations
 * that keep what v1 has no field for: there is nothing to keep any more.
 */
function textOf(resources: ReturnType<typeof attemptResources>["resources"]): string {
  return JSON.stringify(resources.map(({ resource }) => sorted(resource)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, item]): [string, unknown] => [key, item === "ClusterTask" ? "Task" : sorted(item)])
    .filter(([key, item]) => !keptKeys.includes(key) && item !== undefined && JSON.stringify(item) !== "{}")
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

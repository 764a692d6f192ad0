import { type SourceFile, type Span } from "@lapcat/diagnostic";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Keys and indices from a document's root: `["spec", "tasks", 0, "name"]`. */
export type Path = readonly (string | number)[];

/** One YAML document: its value, and where every part of it stands. */
export interface ManifestDocument {
  readonly source: SourceFile;
  /** Zero-based position among the documents of the file. */
  readonly index: number;
  readonly value: Json;
  /** Where the value at a path stands; for a path that does not exist, its nearest existing ancestor. */
  spanOf(path: Path): Span;
  /** Where the key at the end of a path stands; falls back to `spanOf`. */
  keySpanOf(path: Path): Span;
  /** The value at a path as `jsonText` writes it, but with every digit of a 64-bit integer; undefined if there is none. */
  jsonTextAt(path: Path): string | undefined;
}

const plainKey = /^[A-Za-z_][A-Za-z0-9_-]*$/u;

/** Tekton's notation for a path: `spec.tasks[0].name`; keys with other characters are quoted in brackets. */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      if (!plainKey.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join("");
}

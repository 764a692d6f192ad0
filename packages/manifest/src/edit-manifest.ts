import { type JsonObject, type ManifestDocument, type Path } from "./manifest-document.ts";

/** A change to a document that leaves alone all it does not name. */
export type Edit =
  /** A scalar's text becomes another plain one; quotes stay. */
  | { readonly how: "replace"; readonly path: Path; readonly text: string }
  | { readonly how: "rename"; readonly path: Path; readonly key: string }
  | { readonly how: "remove"; readonly path: Path }
  /** A pair goes into the mapping `under` that stands beside it, which is made where there is none. */
  | { readonly how: "nest"; readonly path: Path; readonly under: string; readonly key: string }
  /** A pair becomes lines of block style, or the text of a flow mapping. */
  | { readonly how: "rewrite"; readonly path: Path; readonly lines: readonly string[]; readonly flow: string };

/** A change to a text. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Where a pair stands, from its key to the end of its value. */
interface Pair {
  readonly key: string;
  readonly start: number;
  readonly keyEnd: number;
  readonly end: number;
}

/**
 * The changes of a file's text that make the edits: comments, order, quotes and indentation stay as they are. What is shared by
 * aliases is changed once, at its anchor.
 */
export function textEdits(document: ManifestDocument, edits: readonly Edit[]): readonly TextEdit[] {
  const { text } = document.source;
  const made = new Map<number, TextEdit>();
  const put = (start: number, end: number, replacement: string): void => {
    if (!made.has(start)) made.set(start, { start, end, text: replacement });
  };
  const gone = new Map<string, Set<string>>();
  const goneFrom = (container: Path): Set<string> => {
    const key = JSON.stringify(container);
    const known = gone.get(key) ?? new Set<string>();
    gone.set(key, known);
    return known;
  };
  for (const edit of edits) if (edit.how === "remove") goneFrom(edit.path.slice(0, -1)).add(String(edit.path.at(-1)));
  const nests = new Map<string, Extract<Edit, { how: "nest" }>[]>();

  for (const edit of edits) {
    const container = edit.path.slice(0, -1);
    switch (edit.how) {
      case "replace": {
        const { start, end } = document.spanOf(edit.path);
        const quote = /^["']/u.exec(text.slice(start, end))?.[0] ?? "";
        put(start, end, quote + edit.text + quote);
        break;
      }
      case "rename": {
        const { start, end } = document.keySpanOf(edit.path);
        put(start, end, edit.key);
        break;
      }
      case "remove": {
        const { start, end, instead } = removal(document, edit.path, goneFrom(container));
        put(start, end, instead);
        break;
      }
      case "rewrite": {
        const pair = pairAt(document, edit.path);
        const indent = " ".repeat(columnOf(text, pair.start));
        put(pair.start, pair.end, isFlow(document, container) ? edit.flow : edit.lines.join(`\n${indent}`));
        break;
      }
      case "nest": {
        const key = JSON.stringify([...container, edit.under]);
        nests.set(key, [...(nests.get(key) ?? []), edit]);
        break;
      }
    }
  }
  for (const group of nests.values()) nest(document, group, put, goneFrom(group[0]?.path.slice(0, -1) ?? []));
  return [...made.values()].toSorted((a, b) => a.start - b.start);
}

/** A text with its changes made; they do not overlap, or the later ones are left out. */
export function applyTextEdits(text: string, edits: readonly TextEdit[]): string {
  let result = "";
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    if (edit.start < at) continue;
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

function nest(
  document: ManifestDocument,
  group: readonly Extract<Edit, { how: "nest" }>[],
  put: (start: number, end: number, text: string) => void,
  gone: Set<string>,
): void {
  const { text } = document.source;
  const [first, ...others] = group;
  if (first === undefined) return;
  const container = first.path.slice(0, -1);
  const parent = [...container, first.under];
  const flow = isFlow(document, container);
  const entry = (edit: typeof first, column: number, end = pairAt(document, edit.path).end): string => {
    const pair = pairAt(document, edit.path);
    const shift = column - columnOf(text, pair.start);
    return edit.key + indented(text.slice(pair.keyEnd, end), shift);
  };
  /** With the comment behind it. */
  const line = (edit: typeof first, column: number): string =>
    `\n${" ".repeat(column)}${entry(edit, column, flow ? undefined : lineEndOf(text, pairAt(document, edit.path).end))}`;
  const drop = (edits: readonly (typeof first)[]): void => {
    for (const { path } of edits) gone.add(String(path.at(-1)));
    for (const { path } of edits) {
      const { start, end, instead } = removal(document, path, gone);
      put(start, end, instead);
    }
  };
  const existing = keysOf(document, container).includes(first.under) ? keysOf(document, parent) : undefined;
  const [lastKey] = existing?.slice(-1) ?? [];
  if (lastKey !== undefined) {
    const last = pairAt(document, [...parent, lastKey]);
    const column = columnOf(text, last.start);
    if (isFlow(document, parent)) put(last.end, last.end, group.map((edit) => `, ${entry(edit, column)}`).join(""));
    else {
      const end = lineEndOf(text, last.end);
      put(end, end, group.map((edit) => line(edit, column)).join(""));
    }
    drop(group);
    return;
  }
  const pair = pairAt(document, first.path);
  if (flow) {
    put(pair.start, pair.end, `${first.under}: {${group.map((edit) => entry(edit, 0)).join(", ")}}`);
  } else {
    const column = columnOf(text, pair.start) + 2;
    const end = lineEndOf(text, pair.end);
    put(pair.start, pair.end, `${first.under}:\n${" ".repeat(column)}${entry(first, column)}`);
    if (others.length > 0) put(end, end, others.map((edit) => line(edit, column)).join(""));
  }
  drop(others);
}

/** The text to take away with a pair, and what has to stand there if the mapping has no other. */
function removal(
  document: ManifestDocument,
  path: Path,
  gone: ReadonlySet<string>,
): { readonly start: number; readonly end: number; readonly instead: string } {
  const { text } = document.source;
  const container = path.slice(0, -1);
  const pair = pairAt(document, path);
  const left = keysOf(document, container).filter((key) => !gone.has(key));
  if (isFlow(document, container)) {
    const after = /^\s*,\s*/u.exec(text.slice(pair.end))?.[0];
    if (after !== undefined) return { start: pair.start, end: pair.end + after.length, instead: "" };
    const before = /\s*,\s*$/u.exec(text.slice(0, pair.start))?.[0] ?? "";
    return { start: pair.start - before.length, end: pair.end, instead: "" };
  }
  const lineStart = text.lastIndexOf("\n", pair.start - 1) + 1;
  const lineEnd = Math.min(text.length, lineEndOf(text, pair.end) + 1);
  const ownsLine = text.slice(lineStart, pair.start).trim() === "";
  if (left.length === 0 && [...gone][0] === pair.key) return { start: pair.start, end: pair.end, instead: "{}" };
  if (ownsLine) return { start: lineStart, end: lineEnd, instead: "" };
  // The pair follows the dash of a list's item: the next one takes its place there.
  const indent = /^(?:[ \t]*\n)*[ ]*/u.exec(text.slice(lineEnd))?.[0].length ?? 0;
  return { start: pair.start, end: lineEnd + indent, instead: "" };
}

function pairAt(document: ManifestDocument, path: Path): Pair {
  const { text } = document.source;
  const key = document.keySpanOf(path);
  const value = document.spanOf(path);
  const written = text.slice(key.start, Math.max(value.end, key.end));
  const end = key.start + written.trimEnd().length;
  // A key without a value ends with its colon.
  const colon = end === key.end ? (/^\s*:/u.exec(text.slice(end))?.[0].length ?? 0) : 0;
  return { key: String(path.at(-1)), start: key.start, keyEnd: key.end, end: end + colon };
}

function isFlow(document: ManifestDocument, container: Path): boolean {
  return document.source.text[document.spanOf(container).start] === "{";
}

function keysOf(document: ManifestDocument, path: Path): readonly string[] {
  let value: unknown = document.value;
  for (const part of path)
    value = typeof value === "object" && value !== null ? (value as JsonObject)[part as string] : undefined;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}

/** The offset of the next line break. */
function lineEndOf(text: string, offset: number): number {
  const at = text.indexOf("\n", offset);
  return at === -1 ? text.length : at;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

/** All lines but the first, so much further right; empty ones stay empty. */
function indented(text: string, by: number): string {
  return text.replaceAll(
    /\n( *)(?=[^\n])/gu,
    (_, spaces: string) => `\n${" ".repeat(Math.max(0, spaces.length + by))}`,
  );
}

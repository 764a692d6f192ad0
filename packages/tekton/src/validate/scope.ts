import { didYouMean, type Code, type Diagnostic, type Severity, type Span } from "@lapcat/diagnostic";
import { type Path } from "@lapcat/manifest";
import { type Origin } from "../resource.ts";
import { type Gates } from "./gates.ts";

/** A place in a resource that rules look at, and what they may ask about its surroundings. */
export interface Scope {
  /** The node: where a caret stands. */
  readonly path: Path;
  /** What upstream calls the place, oddities included (`spec.tasks[0].OnError`, `spec.finally.params.x.type`), piece by piece. */
  readonly field: readonly string[];
  readonly origin: Origin;
  readonly gates: Gates;
  /** The version the document was written in: a few rules exist in one only. */
  readonly version: string;
  /** All that was found so far. */
  readonly found: Diagnostic[];
}

export function rootScope(origin: Origin, gates: Gates, version: string): Scope {
  return { path: [], field: [], origin, gates, version, found: [] };
}

/** A part, which upstream calls by the words of the document. */
export function within(scope: Scope, ...parts: Path): Scope {
  const path = [...scope.path, ...parts];
  return { ...scope, path, field: movedField(scope, path) ?? [...scope.field, ...parts.map(piece)] };
}

/** A part of which upstream speaks as of the whole. */
export function inside(scope: Scope, ...parts: Path): Scope {
  return { ...scope, path: [...scope.path, ...parts] };
}

/** The same place with more words: upstream's, where they are not the document's. */
export function named(scope: Scope, ...words: readonly string[]): Scope {
  return { ...scope, field: [...scope.field, ...words] };
}

/** A place of which upstream speaks as of another. */
export function namedAs(scope: Scope, other: Scope): Scope {
  return { ...scope, field: other.field };
}

/** A place by the words of the document, where upstream has none. */
export function unnamed(scope: Scope): Scope {
  const written = scope.origin.written?.(scope.path) ?? scope.path;
  return { ...scope, field: written.map(piece) };
}

/** An item of a list that upstream names by a key of its own (`ViaFieldKey`). */
export function keyed(scope: Scope, list: string, index: number, key: string): Scope {
  return named(inside(scope, list, index), list, `[${key}]`);
}

function piece(part: string | number): string {
  return typeof part === "number" ? `[${part}]` : part;
}

/** The words of the document for a path that v1 has elsewhere; nothing where they are those of v1. */
function movedField(scope: Scope, path: Path): readonly string[] | undefined {
  const before = scope.origin.written?.(scope.path);
  const after = scope.origin.written?.(path);
  if (before === undefined || after === undefined) return undefined;
  const added = path.slice(scope.path.length);
  const follows = before.every((part, at) => after[at] === part) && after.length === before.length + added.length;
  if (follows && added.every((part, at) => after[before.length + at] === part)) return undefined;
  let common = 0;
  while (common < before.length && before[common] === after[common]) common++;
  const kept = scope.field.slice(0, scope.field.length - (before.length - common));
  return [...kept, ...after.slice(common).map(piece)];
}

export interface Extra {
  readonly hint?: string | undefined;
  readonly span?: Span;
  readonly severity?: Severity;
  /** Point at the key instead of the value. */
  readonly atKey?: boolean;
}

export function report(scope: Scope, code: Code, message: string, extra: Extra = {}): void {
  const span =
    extra.span ?? (extra.atKey === true ? scope.origin.keySpanOf(scope.path) : scope.origin.spanOf(scope.path));
  const hint = extra.hint === undefined ? {} : { hint: extra.hint };
  scope.found.push({ code, severity: extra.severity ?? "error", message, span, path: flatten(scope.field), ...hint });
}

/** A field that is not there, or is there and empty: told at its parent, or there. `word` is upstream's, where it is spelt otherwise. */
export function reportMissing(scope: Scope, field: string, what: string, hint?: string, word: string = field): void {
  report(named(inside(scope, field), ...word.split(".")), "field.missing", `${what} needs ${field}`, { hint });
}

/** `did you mean x?`, for a word that is none of those there are. */
export function meantHint(word: string, candidates: Iterable<string>): string | undefined {
  // A document may lack names that it has to have, and is refused for that elsewhere.
  const known = [...(candidates as Iterable<string | undefined>)].filter((each) => each !== undefined);
  const meant = didYouMean(word, known);
  if (meant !== undefined) return `did you mean ${meant}?`;
  return known.length > 0 && known.length <= 10 ? `there is ${known.join(", ")}` : undefined;
}

/** knative.dev/pkg/apis flatten: an index belongs to what is before it, even in the dots of a key. */
function flatten(words: readonly string[]): string {
  const parts: string[] = [];
  for (const word of words.flatMap((each) => each.split("."))) {
    if (word === "") continue;
    const isIndex = word.startsWith("[") && word.endsWith("]");
    if (isIndex && parts.length > 0) parts.push(`${parts.pop()}${word}`);
    else parts.push(word);
  }
  return parts.join(".");
}

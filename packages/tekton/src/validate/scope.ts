import { didYouMean, type Code, type Diagnostic, type Severity, type Span } from "@lapcat/diagnostic";
import { formatPath, type Path } from "@lapcat/manifest";
import { type Origin } from "../resource.ts";
import { type Gates } from "./gates.ts";

/** A place in a resource that rules look at, and what they may ask about its surroundings. */
export interface Scope {
  readonly path: Path;
  readonly origin: Origin;
  readonly gates: Gates;
  /** The version the document was written in: a few rules exist in one only. */
  readonly version: string;
  /** Names that upstream's field paths have in place of the index at a position: `params[url]`. */
  readonly keys: ReadonlyMap<number, string>;
  /** All that was found so far. */
  readonly found: Diagnostic[];
}

export function rootScope(origin: Origin, gates: Gates, version: string): Scope {
  return { path: [], origin, gates, version, keys: new Map(), found: [] };
}

export function within(scope: Scope, ...parts: Path): Scope {
  return { ...scope, path: [...scope.path, ...parts] };
}

/** An item of a list that upstream names by a key of its own (`ViaFieldKey`). */
export function keyed(scope: Scope, list: string, index: number, key: string): Scope {
  const keys = new Map(scope.keys).set(scope.path.length + 1, key);
  return { ...scope, path: [...scope.path, list, index], keys };
}

export interface Extra {
  readonly hint?: string | undefined;
  readonly span?: Span;
  readonly severity?: Severity;
  /** Point at the key instead of the value. */
  readonly atKey?: boolean;
}

export function report(scope: Scope, code: Code, message: string, extra: Extra = {}): void {
  const path = fieldOf(scope);
  const span =
    extra.span ?? (extra.atKey === true ? scope.origin.keySpanOf(scope.path) : scope.origin.spanOf(scope.path));
  const hint = extra.hint === undefined ? {} : { hint: extra.hint };
  scope.found.push({ code, severity: extra.severity ?? "error", message, span, path, ...hint });
}

/** A field that is not there: told at its parent. */
export function reportMissing(scope: Scope, field: string, what: string, hint?: string): void {
  const span = scope.origin.spanOf(scope.path);
  report(within(scope, field), "field.missing", `${what} needs ${field}`, { span, hint });
}

/** `did you mean x?`, for a word that is none of those there are. */
export function meantHint(word: string, candidates: Iterable<string>): string | undefined {
  const known = [...candidates];
  const meant = didYouMean(word, known);
  if (meant !== undefined) return `did you mean ${meant}?`;
  return known.length > 0 && known.length <= 10 ? `there is ${known.join(", ")}` : undefined;
}

/** Upstream's path of a place, in the words of the version the document was written in. */
function fieldOf(scope: Scope): string {
  const written = scope.origin.written?.(scope.path) ?? scope.path;
  let text = "";
  written.forEach((part, at) => {
    const key = typeof part === "number" ? scope.keys.get(at) : undefined;
    const piece = key === undefined ? formatPath([part]) : `[${key}]`;
    text += typeof part === "string" && at > 0 && !piece.startsWith("[") ? `.${piece}` : piece;
  });
  return text;
}

import { type Code } from "./codes.ts";
import { type Span } from "./source-file.ts";

export type Severity = "error" | "warning" | "note";

/** A message about a place. Collected, not thrown: a user sees them all at once. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  /** What is wrong and what was expected; one sentence, no final full stop needed. */
  readonly message: string;
  /** Where; absent for what has no text (arguments, the engine). */
  readonly span?: Span;
  /** Tekton's field path, such as `spec.tasks[0].params[1].name`. */
  readonly path?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** A value with the diagnostics met on the way (warnings and notes), or the diagnostics that prevented one. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export function succeed<T>(value: T, diagnostics: readonly Diagnostic[] = []): Result<T> {
  return { ok: true, value, diagnostics };
}

export function fail<T>(diagnostics: readonly Diagnostic[]): Result<T> {
  return { ok: false, diagnostics };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((each) => each.severity === "error");
}

/** The world failed: an engine, a network, a disk. Carries the diagnostic a user is shown. */
export class LapcatError extends Error {
  readonly diagnostic: Diagnostic;
  /** That one, and what failed at the same time. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostic: Omit<Diagnostic, "severity">, cause?: unknown, more: readonly Diagnostic[] = []) {
    super(diagnostic.message, cause === undefined ? undefined : { cause });
    this.name = "LapcatError";
    this.diagnostic = { severity: "error", ...diagnostic };
    this.diagnostics = [this.diagnostic, ...more];
  }
}

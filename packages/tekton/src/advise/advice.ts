import { type Code, type Diagnostic, type Severity, type Span } from "@lapcat/diagnostic";
import { formatPath, type Path } from "@lapcat/manifest";
import { type Located, type Origin } from "../resource.ts";
import { type KnownResources } from "./known-resources.ts";

/** What a question about the documents of one invocation may look at, and how it answers. */
export interface Advice {
  readonly resources: readonly Located[];
  readonly known: KnownResources;
  readonly say: Say;
}

/** A place in a resource, by its v1 path. */
export interface Place {
  readonly origin: Origin;
  readonly path: Path;
}

export interface Saying {
  readonly hint?: string | undefined;
  readonly span?: Span | undefined;
  readonly severity?: Severity;
  /** Point at the key instead of the value. */
  readonly atKey?: boolean;
}

export type Say = (place: Place, code: Code, message: string, saying?: Saying) => void;

export function at(place: Place, ...parts: Path): Place {
  return { origin: place.origin, path: [...place.path, ...parts] };
}

/** What was said, as warnings unless it was said otherwise. */
export function listener(): { readonly say: Say; readonly found: readonly Diagnostic[] } {
  const found: Diagnostic[] = [];
  const say: Say = ({ origin, path }, code, message, { hint, span, severity = "warning", atKey = false } = {}) => {
    found.push({
      code,
      severity,
      message,
      span: span ?? (atKey ? origin.keySpanOf(path) : origin.spanOf(path)),
      path: formatPath(origin.written?.(path) ?? path),
      ...(hint !== undefined && { hint }),
    });
  };
  return { say, found };
}

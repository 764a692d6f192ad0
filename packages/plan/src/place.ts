import { type Code, type Diagnostic } from "@lapcat/diagnostic";
import { type Origin } from "@lapcat/tekton";

export type Path = readonly (string | number)[];

/** A document, and where in it the paths of a definition begin. */
export interface Place {
  readonly origin: Origin;
  readonly path: Path;
}

export function below(place: Place, ...path: Path): Place {
  return { origin: place.origin, path: [...place.path, ...path] };
}

export function error(code: Code, place: Place, path: Path, message: string, hint?: string): Diagnostic {
  const full = [...place.path, ...path];
  return {
    code,
    severity: "error",
    message,
    span: place.origin.spanOf(full),
    path: written(full),
    ...(hint !== undefined && { hint }),
  };
}

/** Tekton's notation: `spec.tasks[0].params[1].name`. */
function written(path: Path): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");
}

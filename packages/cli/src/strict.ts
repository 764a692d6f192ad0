import { type Diagnostic } from "@lapcat/diagnostic";

/** With `--strict` what is wrong counts as an error; what only informs does not. */
export function asAsked(
  diagnostics: readonly Diagnostic[],
  { strict }: { readonly strict: boolean },
): readonly Diagnostic[] {
  return strict ? diagnostics.map(asError) : diagnostics;
}

function asError(diagnostic: Diagnostic): Diagnostic {
  return diagnostic.severity === "warning" ? { ...diagnostic, severity: "error" } : diagnostic;
}

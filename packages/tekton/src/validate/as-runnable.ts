import { type Diagnostic } from "@lapcat/diagnostic";

/** For those who run documents: what a cluster refuses only because Tekton no longer serves it is a warning. */
export function asRunnable(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.map((each) => (each.code === "document.removed" ? { ...each, severity: "warning" } : each));
}

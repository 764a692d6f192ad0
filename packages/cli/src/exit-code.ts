import { codes, type Diagnostic, hasErrors } from "@lapcat/diagnostic";

/** The contract with scripts; `docs/exit-codes.md` explains it. */
export const exitCodes = { succeeded: 0, failed: 1, input: 2, environment: 3, interrupted: 130 } as const;

/** Of several errors, what stands in the way first decides: the environment, then the input. */
export function exitCodeOf(diagnostics: readonly Diagnostic[]): number {
  if (!hasErrors(diagnostics)) return exitCodes.succeeded;
  const concerns = new Set(
    diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => codes[code].concern),
  );
  return concerns.has("environment") ? exitCodes.environment : exitCodes.input;
}

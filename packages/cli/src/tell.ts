import { type Diagnostic, formatDiagnostic, LapcatError } from "@lapcat/diagnostic";
import { exitCodeOf } from "./exit-code.ts";
import { type World } from "./world.ts";

/** Diagnostics to standard error, in the order given. */
export function tell(world: World, diagnostics: readonly Diagnostic[]): void {
  const { err } = world;
  for (const each of diagnostics) err.print(formatDiagnostic(each, { colour: err.style.colour }));
}

/** Tells them and says with which code to end. */
export function refuse(world: World, diagnostics: readonly Diagnostic[]): number {
  tell(world, diagnostics);
  return exitCodeOf(diagnostics);
}

/** What was thrown: a problem of the world in its own words, a mistake of ours with what is needed to report it. */
export function tellFailure(world: World, error: unknown): number {
  const isDebugging = !["", "0", undefined].includes(world.env["LAPCAT_DEBUG"]);
  const trace = (): void => {
    if (isDebugging) world.err.print(stackOf(error));
  };
  if (error instanceof LapcatError) {
    trace();
    return refuse(world, error.diagnostics);
  }
  world.err.print(`lapcat made a mistake: ${error instanceof Error ? error.message : String(error)}`);
  if (!isDebugging) world.err.print(" hint: LAPCAT_DEBUG=1 shows where; please report it with that output");
  trace();
  return 3;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? String(error);
  return error.cause === undefined ? own : `${own}\ncaused by: ${stackOf(error.cause)}`;
}

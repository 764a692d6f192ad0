import { LapcatError } from "@lapcat/diagnostic";

/** What a failed file operation under the store means to a user. */
export function fileError(path: string, cause: unknown): LapcatError {
  if (cause instanceof LapcatError) return cause;
  const code = errnoOf(cause);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new LapcatError(
      {
        code: "disk.full",
        message: `no space is left to write ${path}`,
        hint: "Make room (`lapcat prune` removes old runs), or set LAPCAT_HOME to a directory on another disk",
      },
      cause,
    );
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LapcatError(
    {
      code: "store.damaged",
      message: `${path} could not be read or written: ${why}`,
      hint: "Runs are kept under LAPCAT_HOME; it has to be a directory that you may write",
    },
    cause,
  );
}

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

import { positionAt, type Diagnostic } from "@lapcat/diagnostic";
import { tellingAttempts } from "./in-child.ts";
import { failedStep } from "./run-lines.ts";
import { type Timeline } from "./timeline.ts";

/** GitHub's workflow commands for diagnostics: one line each. */
export function githubAnnotations(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ severity, code, message, hint, span }) => {
    const kind = severity === "note" ? "notice" : severity;
    const title = `title=${property(code)}`;
    const text = escape(hint === undefined ? message : `${message}\n${hint}`);
    if (span === undefined) return `::${kind} ${title}::${text}`;
    const from = positionAt(span.file, span.start);
    const to = positionAt(span.file, span.end);
    return `::${kind} file=${property(span.file.name)},line=${from.line},col=${from.column},endLine=${to.line},endColumn=${to.column},${title}::${text}`;
  });
}

/** The same for a finished run: one error for every attempt that failed for good. */
export function githubRunAnnotations(line: Timeline): readonly string[] {
  return tellingAttempts(line).flatMap((attempt) => {
    if (attempt.outcome === undefined || attempt.outcome.status === "True" || attempt.outcome.willRetry) return [];
    const step = failedStep(attempt);
    const where = step === undefined ? attempt.task : `${attempt.task} : ${step.name}`;
    return [`::error title=${property(where)}::${escape(`${attempt.outcome.reason}: ${attempt.outcome.message}`)}`];
  });
}

function escape(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return escape(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

import { type Diagnostic, type Severity } from "./diagnostic.ts";
import { lineAt, positionAt } from "./source-file.ts";

export interface FormatOptions {
  readonly colour: boolean;
}

const paint: Record<Severity, string> = { error: "31", warning: "33", note: "36" };

/**
 * `file:line:col: error[code] message`, the source line with a caret under the span, and the hint.
 * Several lines, without a final line break.
 */
export function formatDiagnostic(diagnostic: Diagnostic, options: FormatOptions): string {
  const { code, severity, message, span, hint } = diagnostic;
  const colour = (sgr: string, text: string): string => (options.colour ? `\u001b[${sgr}m${text}\u001b[0m` : text);
  const label = colour(`1;${paint[severity]}`, `${severity}[${code}]`);
  const lines: string[] = [];
  if (span === undefined) {
    lines.push(`${label} ${message}`);
  } else {
    const { line, column } = positionAt(span.file, span.start);
    const source = lineAt(span.file, line);
    const from = Math.max(0, column - 1 > 90 ? column - 61 : 0);
    const shown = source.slice(from, from + 120);
    const gutter = String(line);
    const width = Math.max(1, Math.min(span.end - span.start, shown.length - (column - 1 - from)));
    const indent = shown.slice(0, column - 1 - from).replace(/[^\t]/gu, " ");
    lines.push(`${colour("1", `${span.file.name}:${line}:${column}:`)} ${label} ${message}`);
    lines.push(` ${gutter} | ${shown}`);
    lines.push(` ${" ".repeat(gutter.length)} | ${indent}${colour(paint[severity], "^".repeat(width))}`);
  }
  if (hint !== undefined) lines.push(` ${colour("36", "hint:")} ${hint}`);
  return lines.join("\n");
}

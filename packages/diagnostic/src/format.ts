import { type Diagnostic, type Severity } from "./diagnostic.ts";
import { excerpt, printable } from "./excerpt.ts";
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
    lines.push(`${label} ${printable(message)}`);
  } else {
    const { line, column } = positionAt(span.file, span.start);
    const { text, indent, carets } = excerpt(lineAt(span.file, line), column - 1, span.end - span.start);
    const gutter = String(line);
    lines.push(`${colour("1", `${printable(span.file.name)}:${line}:${column}:`)} ${label} ${printable(message)}`);
    lines.push(` ${gutter} | ${text}`);
    lines.push(` ${" ".repeat(gutter.length)} | ${indent}${colour(paint[severity], carets)}`);
  }
  if (hint !== undefined) lines.push(` ${colour("36", "hint:")} ${printable(hint)}`);
  return lines.join("\n");
}

/** How text may be dressed. Plain when not a terminal. */
export interface Style {
  readonly colour: boolean;
}

export type Hue = "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "grey" | "bold";

const codes: Record<Hue, string> = {
  red: "31",
  green: "32",
  yellow: "33",
  blue: "34",
  magenta: "35",
  cyan: "36",
  grey: "90",
  bold: "1",
};

export function paint(style: Style, hue: Hue, text: string): string {
  return style.colour ? `\u001b[${codes[hue]}m${text}\u001b[0m` : text;
}

const taskHues: readonly Hue[] = ["cyan", "magenta", "blue", "yellow", "green"];

/** The same hue for the same name, every time. */
export function hueOf(name: string): Hue {
  let sum = 0;
  for (let index = 0; index < name.length; index++) sum = (sum * 31 + name.charCodeAt(index)) % 65_521;
  return taskHues[sum % taskHues.length] ?? "cyan";
}

/** Milliseconds for people: `0.3s`, `12.0s`, `4m05s`, `1h02m`. */
export function durationText(milliseconds: number): string {
  const tenths = Math.max(0, Math.round(milliseconds / 100));
  if (tenths < 600) return `${Math.floor(tenths / 10)}.${tenths % 10}s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m`;
}

/** Of what is long ago. In whole seconds: it is read, not measured. */
export function ageText(milliseconds: number): string {
  return milliseconds < 60_000
    ? `${Math.max(0, Math.floor(milliseconds / 1000))}s ago`
    : `${durationText(milliseconds)} ago`;
}

/** Rows in columns two blanks apart; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, visibleWidth(cell))));
  return rows.map((row) =>
    row
      .map((cell, index) =>
        index === row.length - 1 ? cell : cell + " ".repeat((widths[index] ?? 0) - visibleWidth(cell)),
      )
      .join("  ")
      .trimEnd(),
  );
}

// eslint-disable-next-line no-control-regex -- the escape character is what is looked for
const escapes = /\u001b\[[0-9;]*m/gu;

function visibleWidth(text: string): number {
  return Array.from(text.replace(escapes, "")).length;
}

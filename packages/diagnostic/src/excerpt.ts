/** A line as it is shown, and what stands below it. */
export interface Excerpt {
  readonly text: string;
  readonly indent: string;
  readonly carets: string;
}

/** Characters of a long line that are shown, and those of them before the span. */
const shown = 120;
const lead = 60;

/** The part of a line around a span, which starts at `column` (zero-based) and may go beyond the line. */
export function excerpt(line: string, column: number, length: number): Excerpt {
  const from = column > shown - lead / 2 ? wholeCharacter(line, column - lead) : 0;
  const to = Math.min(line.length, wholeCharacter(line, from + shown));
  const before = line.slice(from, column);
  const marked = line.slice(column, Math.min(column + length, to));
  const cutBefore = from > 0 ? "…" : "";
  const cutAfter = to < line.length ? "…" : "";
  return {
    text: `${cutBefore}${printable(line.slice(from, to))}${cutAfter}`,
    indent: cutBefore.replace("…", " ") + before.replaceAll(/[^\t]+/gu, (text) => " ".repeat(widthOf(text))),
    carets: "^".repeat(Math.max(1, widthOf(marked))),
  };
}

/** Not between the halves of a surrogate pair. */
function wholeCharacter(line: string, at: number): number {
  const unit = line.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}

// Controls but tab and line break; marks that turn the direction of text, with which a line can be made to lie.
const unprintable = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text that cannot steer a terminal, whoever wrote it. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, (each) => (each === "\t" || each === "\n" ? each : "\ufffd"));
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const narrow = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** Columns a terminal uses. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (wide.test(character)) width += 2;
    else if (!narrow.test(character)) width += 1;
  }
  return width;
}

/** Why Go's regexp (RE2) would not compile a pattern, as far as JavaScript's own parser and a few differences can tell. */
export function regexFault(pattern: string): string | undefined {
  const foreign = /\\[1-9]|\(\?(?:=|!|<=|<!)/u.exec(withoutEscaped(pattern));
  if (foreign !== null) return `${foreign[0]} is not in Go's language`;
  try {
    new RegExp(translated(pattern), "u").test("");
    return undefined;
  } catch (error) {
    return error instanceof SyntaxError ? (error.message.split(": ").at(-1) ?? error.message) : String(error);
  }
}

function withoutEscaped(pattern: string): string {
  return pattern.replaceAll("\\\\", "");
}

/** What Go writes otherwise: flags at the beginning, named groups, ends of the text, classes with names, quoted text, needless escapes. */
function translated(pattern: string): string {
  return pattern
    .replace(/\\Q([\s\S]*?)(?:\\E|$)/gu, (_, text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/gu, "\\$&"))
    .replace(/\(\?P</gu, "(?<")
    .replace(/\(\?[imsU-]+\)/gu, "")
    .replace(/\(\?[imsU-]+:/gu, "(?:")
    .replace(/\\A/gu, "^")
    .replace(/\\z/gu, "$")
    .replace(/\[:\^?[a-z]+:\]/gu, "a-z")
    .replace(/\\a/gu, "\\x07")
    .replace(/\\x\{([0-9a-fA-F]+)\}/gu, "\\u{$1}")
    .replace(/\\([pP])([A-Z])(?!\{)/gu, "\\$1{$2}")
    .replace(/\\([^\w^$.*+?()[\]{}|/\\-])/gu, "$1")
    .replace(/(^|[^\\])\{(?!\d+(?:,\d*)?\})/gu, "$1\\{");
}

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
  const plain = pattern
    .replace(/\\Q([\s\S]*?)(?:\\E|$)/gu, (_, text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/gu, "\\$&"))
    .replace(/\(\?P</gu, "(?<")
    .replace(/\(\?[imsU-]+\)/gu, "")
    .replace(/\(\?[imsU-]+:/gu, "(?:")
    .replace(/\\A/gu, "^")
    .replace(/\\z/gu, "$")
    .replace(/\[:\^?[a-z]+:\]/gu, "a-z")
    .replace(/\\a/gu, "\\x07")
    .replace(/\\x\{([0-9a-fA-F]+)\}/gu, "\\u{$1}")
    .replace(/\\([pP])([A-Z])/gu, "\\$1{$2}")
    .replace(/\\([^\w^$.*+?()[\]{}|/\\-])/gu, "$1");
  return withBrackets(plain);
}

/** Brackets and braces that mean themselves: to Go a `]` is one outside of a class and at its beginning. */
function withBrackets(pattern: string): string {
  const parts = /\\[pPu]\{[^}]*\}|\\[\s\S]|\{\d+(?:,\d*)?\}|\[\^?\]?|[\s\S]/gu;
  let inClass = false;
  return [...pattern.matchAll(parts)]
    .map(([part]) => {
      if (part === "\\_" || (part === "\\-" && !inClass)) return part.slice(1);
      // Go may repeat a place.
      if (!inClass && /^(?:[\^$]|\\[bB])$/u.test(part)) return `(?:${part})`;
      if (part.startsWith("\\")) return part;
      if (inClass) {
        inClass = part !== "]";
        return part.startsWith("[") ? part.replace(/[[\]]/gu, "\\$&") : part;
      }
      if (part.startsWith("[")) {
        inClass = true;
        return part.replace("]", "\\]");
      }
      return /^[\]{}]$/u.test(part) ? `\\${part}` : part;
    })
    .join("");
}

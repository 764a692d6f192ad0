const newline = 10;
/** A line longer than this is shown in pieces rather than held back. */
const longestHeld = 64 * 1024;

/** Turns one stream's chunks into whole lines, each behind the prefix, so that streams printed side by side never mix within a line. */
export interface PrefixedLines {
  /** The lines that became whole; undefined while there are none. */
  push(chunk: Uint8Array): Uint8Array | undefined;
  /** What is left without a line break, with one added. */
  end(): Uint8Array | undefined;
}

export function prefixedLines(prefix: Uint8Array): PrefixedLines {
  let held: Uint8Array = new Uint8Array(0);
  const push = (chunk: Uint8Array): Uint8Array | undefined => {
    const last = chunk.lastIndexOf(newline);
    if (last === -1) {
      held = joined(held, chunk);
      if (held.length < longestHeld) return undefined;
      const piece = withPrefixes(prefix, joined(held, Uint8Array.of(newline)));
      held = new Uint8Array(0);
      return piece;
    }
    const whole = chunk.subarray(0, last + 1);
    const lines = held.length === 0 ? whole : joined(held, whole);
    // Copied: the chunk's memory belongs to whoever gave it and may be used again.
    held = chunk.slice(last + 1);
    return withPrefixes(prefix, lines);
  };
  return { push, end: () => (held.length === 0 ? undefined : push(Uint8Array.of(newline))) };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** `lines` ends with a line break. */
function withPrefixes(prefix: Uint8Array, lines: Uint8Array): Uint8Array {
  if (prefix.length === 0) return lines;
  let count = 0;
  for (let at = lines.indexOf(newline); at !== -1; at = lines.indexOf(newline, at + 1)) count++;
  const out = new Uint8Array(lines.length + count * prefix.length);
  let from = 0;
  let to = 0;
  for (let at = lines.indexOf(newline); at !== -1; at = lines.indexOf(newline, at + 1)) {
    out.set(prefix, to);
    to += prefix.length;
    out.set(lines.subarray(from, at + 1), to);
    to += at + 1 - from;
    from = at + 1;
  }
  return out;
}

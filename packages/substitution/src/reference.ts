/** A `$(...)` that reads like a variable; a shell's `$(cat file)` does not. Offsets are relative to the text. */
export interface Reference {
  /** As written: `$(params["a.b"][0])`. */
  readonly raw: string;
  readonly start: number;
  readonly end: number;
  /** Between the parentheses: `params["a.b"][0]`. */
  readonly expression: string;
  /** Names without their notation: `["params", "a.b"]`. */
  readonly parts: readonly string[];
  /** The final `[0]`. */
  readonly index?: number;
  /** Whether it ends in `[*]`. */
  readonly star: boolean;
  /** Whether a part stands in brackets, as `["a.b"]` or `['a.b']`. */
  readonly bracketed: boolean;
}

const name = /[_a-zA-Z0-9-]+/uy;
const bracket =
  /\[(?:(?<index>[0-9]{1,9})|(?<star>\*)|"(?<double>[^"\n]+)"|'(?<single>[^'\n]+)'|(?<bare>[_a-zA-Z0-9-]+))\]/uy;

/** Every reference in a text, from left to right, those inside a shell's `$( … )` too. */
export function findReferences(text: string): readonly Reference[] {
  const found: Reference[] = [];
  for (let at = text.indexOf("$("); at !== -1; at = text.indexOf("$(", at)) {
    const reference = referenceAt(text, at);
    if (reference !== undefined) found.push(reference);
    at = reference?.end ?? at + 2;
  }
  return found;
}

/** The reference that a text is, if it is nothing else. */
export function isolatedReference(text: string): Reference | undefined {
  const reference = text.startsWith("$(") ? referenceAt(text, 0) : undefined;
  return reference?.end === text.length ? reference : undefined;
}

function referenceAt(text: string, start: number): Reference | undefined {
  const first = match(name, text, start + 2);
  if (first === undefined) return undefined;
  const parts = [first[0]];
  let at = start + 2 + first[0].length;
  let index: number | undefined;
  let star = false;
  let bracketed = false;
  for (;;) {
    const next = text[at];
    if (next === ")") break;
    if (next === ".") {
      const part = match(name, text, at + 1);
      if (part === undefined) return undefined;
      parts.push(part[0]);
      at += 1 + part[0].length;
    } else {
      const part = match(bracket, text, at);
      if (part === undefined) return undefined;
      at += part[0].length;
      const quoted = part.groups?.["double"] ?? part.groups?.["single"];
      const named = quoted ?? part.groups?.["bare"];
      if (named !== undefined) {
        parts.push(named);
        bracketed = true;
        continue;
      }
      // An index or a star is the last thing in a reference.
      if (text[at] !== ")") return undefined;
      star = part.groups?.["star"] !== undefined;
      if (!star) index = Number(part.groups?.["index"]);
    }
  }
  const end = at + 1;
  const place = { raw: text.slice(start, end), start, end, expression: text.slice(start + 2, at) };
  return index === undefined ? { ...place, parts, star, bracketed } : { ...place, parts, index, star, bracketed };
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** A param's or result's value: text, a list of texts, or texts by key. */
export type Value = string | readonly string[] | Readonly<Record<string, string>>;

/** What one pass knows, by expression without `$(` and `)`: `params.x`, `params["x"]`, `params.a[0]`. */
export interface Replacements {
  readonly strings: ReadonlyMap<string, string>;
  readonly arrays: ReadonlyMap<string, readonly string[]>;
  readonly objects: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/**
 * Replaces every `$(key)` that is known, from left to right in one pass: what was put in is not looked at again,
 * what is unknown stays as it stands, and `$$` means nothing.
 */
export function replace(text: string, { strings }: Replacements): string {
  let at = text.indexOf("$(");
  if (at === -1 || strings.size === 0) return text;
  const longest = longestKey(strings);
  let result = "";
  let done = 0;
  let close = -1;
  while (at !== -1) {
    if (close < at) close = text.indexOf(")", at);
    if (close === -1) break;
    // A key may itself have a parenthesis, in quotes: then the first closing one is not the last.
    let end = close;
    let value: string | undefined;
    while (end !== -1 && end - at - 2 <= longest) {
      value = strings.get(text.slice(at + 2, end));
      if (value !== undefined) break;
      end = text.indexOf(")", end + 1);
    }
    if (value !== undefined) {
      result += text.slice(done, at) + value;
      done = end + 1;
    }
    at = text.indexOf("$(", value === undefined ? at + 2 : done);
  }
  return result + text.slice(done);
}

function longestKey(strings: ReadonlyMap<string, string>): number {
  let longest = 0;
  for (const key of strings.keys()) longest = Math.max(longest, key.length);
  return longest;
}

/** Replaces in each element; one that is `$(key)` or `$(key[*])` of an array and nothing else becomes the array's elements. */
export function replaceList(list: readonly string[], replacements: Replacements): readonly string[] {
  return list.flatMap((element) => arrayOf(element, replacements) ?? [replace(element, replacements)]);
}

const whole = /^\$\((?<key>[_a-zA-Z0-9.-]+(?:\[[0-9]+\])?)(?:\[\*\])?\)$/u;

/**
 * Replaces in a value. A text that is one reference to an array or an object, and nothing else, becomes that array or
 * object; upstream does so for the dotted notation only.
 */
export function replaceValue(value: Value, replacements: Replacements): Value {
  if (typeof value !== "string") {
    if (isList(value)) return replaceList(value, replacements);
    return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, replace(text, replacements)]));
  }
  const key = whole.exec(value)?.groups?.["key"];
  if (key === undefined) return replace(value, replacements);
  return replacements.objects.get(key) ?? replacements.arrays.get(key) ?? replace(value, replacements);
}

function arrayOf(element: string, { arrays }: Replacements): readonly string[] | undefined {
  if (arrays.size === 0 || !element.startsWith("$(") || !element.endsWith(")")) return undefined;
  const key = element.slice(2, -1);
  return arrays.get(key) ?? (key.endsWith("[*]") ? arrays.get(key.slice(0, -3)) : undefined);
}

function isList(value: Value): value is readonly string[] {
  return Array.isArray(value);
}

import { type Json } from "./manifest-document.ts";

/** The exact digits of integers that a JavaScript number cannot hold, by the container they stand in. */
export type ExactIntegers = ReadonlyMap<object, ReadonlyMap<string | number, string>>;

const noIntegers: ExactIntegers = new Map();

/**
 * A value as the JSON text a cluster would see: compact, keys sorted, `<`, `>` and `&` escaped, as Go's encoder writes.
 * Tekton keeps this text of a param's value that is neither a string nor a list or map of strings.
 */
export function jsonText(value: Json, exact: ExactIntegers = noIntegers): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "string") return quote(value);
  const digits = exact.get(value);
  if (isList(value)) {
    return `[${value.map((item, index) => digits?.get(index) ?? jsonText(item, exact)).join(",")}]`;
  }
  const pairs = Object.entries(value)
    .toSorted(([a], [b]) => compareCodePoints(a, b))
    .map(([key, item]) => `${quote(key)}:${digits?.get(key) ?? jsonText(item, exact)}`);
  return `{${pairs.join(",")}}`;
}

function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[<>&\u2028\u2029]/gu,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Go sorts keys by their UTF-8 bytes, which is the order of code points: surrogates stand above the rest of the plane. */
function compareCodePoints(a: string, b: string): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

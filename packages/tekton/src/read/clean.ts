import { type Json, type JsonObject } from "@lapcat/manifest";

/**
 * A value without its nulls, which Go's decoder takes for absent. Only a param's `value` may be null: it is then the empty text.
 * What needs no change is the very value that was given.
 */
export function withoutNulls(value: Json, inParams = false): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => withoutNulls(item, inParams));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const entries = Object.entries(value as JsonObject);
  const kept = entries
    .filter(([key, item]) => item !== null || (inParams && key === "value"))
    .map(([key, item]): [string, Json] => [key, withoutNulls(item, key === "params")]);
  const same = kept.length === entries.length && kept.every(([key, item]) => (value as JsonObject)[key] === item);
  return same ? value : Object.assign(Object.create(null) as Record<string, Json>, Object.fromEntries(kept));
}

import { type Json, type JsonObject } from "@lapcat/manifest";

/** Where JSON stays as it is written: a custom task's own fields. */
const raw: ReadonlySet<string> = new Set(["taskSpec", "customSpec"]);

/**
 * A value without its nulls, which Go's decoder takes for absent. Only the `value` of a param or result may be null: it is then the empty
 * text. What needs no change is the very value that was given.
 */
export function withoutNulls(value: Json): Json {
  return without(value, (item, isValue) => item === null && !isValue, "");
}

/** A sound value without its empty lists, which Go's encoder leaves out; a param's value may be one. */
export function withoutEmptyLists(value: Json): Json {
  return without(value, (item, isValue) => Array.isArray(item) && item.length === 0 && !isValue, "");
}

function without(value: Json, drop: (item: Json, isValue: boolean) => boolean, parent: string): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => without(item, drop, parent));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const entries = Object.entries(value as JsonObject);
  const kept = entries
    .filter(([key, item]) => !drop(item, isValue(parent, key, item)))
    .map(([key, item]): [string, Json] => [key, isVerbatim(parent, key, item) ? item : without(item, drop, key)]);
  const same = kept.length === entries.length && kept.every(([key, item]) => (value as JsonObject)[key] === item);
  return same ? value : Object.assign(Object.create(null) as Record<string, Json>, Object.fromEntries(kept));
}

function isValue(parent: string, key: string, item: Json): boolean {
  const inParams = parent === "params";
  return (key === "value" && (inParams || parent === "results")) || (key === "default" && inParams && item !== null);
}

function isVerbatim(parent: string, key: string, item: Json): boolean {
  return isValue(parent, key, item) || (raw.has(parent) && key === "spec");
}

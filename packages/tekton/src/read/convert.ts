import { type Json, type JsonObject, type Path } from "@lapcat/manifest";
import { isObject } from "../is-object.ts";
import { type ParamValue } from "../param.ts";
import { type Shape } from "./shape.ts";

/** What became of a document, and what has to be said about it. */
export interface Converted {
  readonly value: JsonObject;
  /** Where the v1 paths that moved were written; the path is `pathKey`. */
  readonly written: ReadonlyMap<string, Path>;
  readonly refused: readonly { readonly path: Path; readonly hint: string }[];
  readonly dropped: readonly Path[];
  readonly lost: readonly Path[];
  /** Two fields that mean the same one of v1. */
  readonly clashes: readonly { readonly path: Path; readonly other: string }[];
}

type Mutable = Record<string, Json>;

export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

/** A document's value as v1. `jsonTextAt` gives the JSON text of a written value, which odd param values become. */
export function convert(value: JsonObject, shape: Shape, jsonTextAt: (path: Path) => string | undefined): Converted {
  const written = new Map<string, Path>();
  const refused: { path: Path; hint: string }[] = [];
  const dropped: Path[] = [];
  const lost: Path[] = [];
  const clashes: { path: Path; other: string }[] = [];

  const part = (from: Json, as: Shape | undefined, was: Path, now: Path): Json => {
    if (Array.isArray(from)) return from.map((item: Json, index) => part(item, as, [...was, index], [...now, index]));
    return as === undefined || !isObject(from) ? from : noun(from, as, was, now);
  };

  const noun = (from: JsonObject, as: Shape, was: Path, now: Path): JsonObject => {
    const to: Mutable = Object.create(null) as Mutable;
    for (const [key, item] of Object.entries(from)) {
      const place = [...was, key];
      const hint = as.refused?.[key];
      if (hint !== undefined) {
        if (!isEmpty(item)) refused.push({ path: place, hint });
        continue;
      }
      if (as.dropped?.includes(key) === true) {
        dropped.push(place);
        continue;
      }
      if (as.lost?.includes(key) === true) lost.push(place);
      if (as.values?.includes(key) === true) {
        to[key] = paramValue(item, () => jsonTextAt(place)) as Json;
        continue;
      }
      const target = as.moved?.[key];
      const at = target ?? [key];
      const made = part(item, as.parts?.[key], place, [...now, ...at]);
      if (target !== undefined) {
        written.set(pathKey([...now, ...target]), place);
        if (Object.hasOwn(from, at[0] ?? key)) clashes.push({ path: place, other: at[0] ?? key });
      }
      put(to, at, made);
    }
    return to;
  };

  return { value: noun(value, shape, [], []), written, refused, dropped, lost, clashes };
}

/** Puts a value where `target` says, making the objects on the way. What stands there already stays, if both are objects. */
function put(to: Mutable, target: readonly string[], value: Json): void {
  const [first, ...rest] = target;
  if (first === undefined) return;
  const held = to[first];
  const inner: Mutable = Object.assign(Object.create(null) as Mutable, isObject(held) ? held : undefined);
  if (rest.length > 0) {
    put(inner, rest, value);
    to[first] = inner;
  } else {
    to[first] = isObject(value) && isObject(held) ? Object.assign(inner, value, held) : value;
  }
}

/** ParamValue.UnmarshalJSON: strings, lists of strings and maps of strings are themselves, where null is the empty text; the rest is its JSON text. */
export function paramValue(value: Json, jsonText: () => string | undefined): ParamValue {
  if (typeof value === "string") return value;
  if (value === null) return "";
  const isText = (item: Json | undefined): boolean => typeof item === "string" || item === null;
  if (Array.isArray(value) && value.every(isText)) return value.map((item) => (item ?? "") as string);
  if (isObject(value) && Object.values(value).every(isText)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, (item ?? "") as string]));
  }
  return jsonText() ?? JSON.stringify(value);
}

function isEmpty(value: Json): boolean {
  return value === "" || (Array.isArray(value) && value.length === 0);
}

import { type Json, type JsonObject, type Path } from "@lapcat/manifest";
import { isObject } from "../is-object.ts";
import { checkStructure, type StructureFault } from "../schema/check-structure.ts";
import { pathOf } from "./structure-diagnostics.ts";
import { zeroOf } from "./zero.ts";

/** What others refer to, and what is nothing without it: where it is wrong, nothing can be said of the rest. */
const essential: ReadonlySet<string | number> = new Set([
  "apiVersion",
  "kind",
  "metadata",
  "spec",
  "name",
  "type",
  "default",
  "properties",
  "params",
  "results",
  "workspaces",
  "steps",
  "sidecars",
  "tasks",
  "finally",
  "taskSpec",
  "pipelineSpec",
]);

/** So many that what is left is hardly the document that was meant. */
const mostFaults = 50;

/**
 * A document without its fields that are no field, or of a wrong type, so that the rest can be judged too; and where they
 * stood. What is missing, or null in a list, is there and empty, as Go's decoder has it. Nothing where what is wrong cannot be left out:
 * a list would be numbered anew, or a name be unknown.
 */
export function soundPart(
  noun: string,
  value: JsonObject,
  faults: readonly StructureFault[],
): { readonly value: JsonObject; readonly leftOut: readonly Path[] } | undefined {
  if (faults.length > mostFaults) return undefined;
  const leftOut: Path[] = [];
  let part: Json = value;
  let isFilled = false;
  for (const fault of faults) {
    const at = pathOf(fault.at, value);
    const filled = fillingOf(fault, at);
    if (filled !== undefined) {
      part = withValue(part, filled.place, filled.value);
      isFilled = true;
      continue;
    }
    const extra = fault.keyword === "additionalProperties" ? String(fault.params["additionalProperty"]) : undefined;
    const place = extra === undefined ? at : [...at, extra];
    const last = place.at(-1);
    const mayGo = extra !== undefined || (typeof last === "string" && !essential.has(last));
    if (fault.keyword === "required" || !mayGo) return undefined;
    leftOut.push(place);
    part = without(part, place);
  }
  if (!isObject(part)) return undefined;
  const left = checkStructure(noun, part);
  if (left.length === 0) return { value: part, leftOut };
  // What was filled in may itself lack something.
  const again = isFilled ? soundPart(noun, part, left) : undefined;
  return again && { value: again.value, leftOut: [...leftOut, ...again.leftOut] };
}

/** What Go's decoder has where a field is missing, or null. */
function fillingOf(fault: StructureFault, at: Path): { readonly place: Path; readonly value: Json } | undefined {
  if (fault.keyword === "required") {
    const key = String(fault.params["missingProperty"]);
    const value = zeroOf(fault.schema.properties?.[key]);
    return value === undefined ? undefined : { place: [...at, key], value };
  }
  const value = fault.keyword === "type" && fault.value === null ? zeroOf(fault.schema) : undefined;
  return value === undefined ? undefined : { place: at, value };
}

function withValue(whole: Json, [first, ...rest]: Path, value: Json): Json {
  if (first === undefined) return value;
  if (Array.isArray(whole))
    return whole.map((item: Json, index) => (index === first ? withValue(item, rest, value) : item));
  return isObject(whole) ? { ...whole, [first]: withValue(whole[first] ?? {}, rest, value) } : whole;
}

function without(value: Json, [first, ...rest]: Path): Json {
  if (first === undefined) return value;
  if (Array.isArray(value)) return value.map((item: Json, index) => (index === first ? without(item, rest) : item));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, item]): [string, Json][] => {
    if (key !== String(first)) return [[key, item]];
    return rest.length === 0 ? [] : [[key, without(item, rest)]];
  });
  return Object.fromEntries(entries);
}

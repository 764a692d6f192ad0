import { didYouMean, type Diagnostic, type Span } from "@lapcat/diagnostic";
import { formatPath, type Json, type Path } from "@lapcat/manifest";
import { type StructureFault } from "../schema/check-structure.ts";
import { type Schema } from "../schema/dsl.ts";
import { isKept } from "./kept-fields.ts";
import { removedField } from "./removed-fields.ts";
import { zeroOf } from "./zero.ts";

interface Places {
  spanOf(path: Path): Span;
  keySpanOf(path: Path): Span;
}

/** The faults of a structure as a user reads them. */
export function structureDiagnostics(
  faults: readonly StructureFault[],
  value: Json,
  places: Places,
): readonly Diagnostic[] {
  const found = faults.map((fault) => structureDiagnostic(fault, pathOf(fault.at, value), places));
  return found.toSorted((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
}

function structureDiagnostic(fault: StructureFault, at: Path, places: Places): Diagnostic {
  switch (fault.keyword) {
    case "additionalProperties": {
      const key = String(fault.params["additionalProperty"]);
      const known = Object.keys(fault.schema.properties ?? {});
      const replaced = removedField(known, key);
      const meant = didYouMean(key, known);
      const hint = replaced ?? (meant === undefined ? fieldsHint(known) : `did you mean ${meant}?`);
      return {
        code: "field.unknown",
        severity: "error",
        message: `there is no field ${quoted(key)} here`,
        span: places.keySpanOf([...at, key]),
        path: formatPath([...at, key]),
        hint,
      };
    }
    case "required": {
      const key = String(fault.params["missingProperty"]);
      return {
        code: "field.missing",
        severity: isKept(at) && zeroOf(fault.schema.properties?.[key]) !== undefined ? "warning" : "error",
        message: `${nounAt(at)} needs a ${quoted(key)}`,
        span: places.spanOf(at),
        path: formatPath([...at, key]),
      };
    }
    case "type": {
      const expected = expectation(fault);
      const span = places.spanOf(at);
      const hint = quotingHint(fault, span);
      return {
        code: "field.type",
        severity: fault.value === null && isKept(at) && zeroOf(fault.schema) !== undefined ? "warning" : "error",
        message: `${nounAt(at)} has to be ${expected}, and this is ${kindOf(fault.value)}`,
        span,
        path: formatPath(at),
        ...(hint !== undefined && { hint }),
      };
    }
    default:
      return {
        code: "field.value",
        severity: "error",
        message: `${nounAt(at)} has to be ${fault.schema.description ?? boundsOf(fault.schema)}`,
        span: places.spanOf(at),
        path: formatPath(at),
      };
  }
}

function boundsOf({ exclusiveMaximum }: Schema): string {
  return exclusiveMaximum === undefined
    ? "another value"
    : `a whole number of ${exclusiveMaximum > 2 ** 32 ? 64 : 32} bits`;
}

function fieldsHint(known: readonly string[]): string {
  return known.length > 0 && known.length <= 12
    ? `the fields here are ${known.join(", ")}`
    : "look at its place and its spelling";
}

function expectation(fault: StructureFault): string {
  if (fault.schema.description !== undefined) return fault.schema.description;
  const types = [fault.params["type"]].flat().map(String);
  return types.map((type) => article[type] ?? type).join(" or ");
}

const article: Readonly<Record<string, string>> = {
  string: "a string",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
};

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "string") return "a string";
  return `${typeof value === "boolean" ? "the boolean" : "the number"} ${JSON.stringify(value)}`;
}

/** YAML 1.1 takes `y`, `no` and `1.0` for something else than they look like: what was written has to be quoted. */
function quotingHint(fault: StructureFault, span: Span): string | undefined {
  const wantsText = fault.params["type"] === "string" && fault.schema.pattern === undefined;
  if (!wantsText || (typeof fault.value !== "number" && typeof fault.value !== "boolean")) return undefined;
  return `put it in quotes: "${span.file.text.slice(span.start, span.end)}"`;
}

/** The value at a path in words: `steps[0].name`, or `the document`. */
function nounAt(path: Path): string {
  if (path.length === 0) return "the document";
  const lastName = path.findLastIndex((part) => typeof part === "string");
  return formatPath(path.slice(Math.max(0, lastName)));
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A JSON pointer as a path: what is an index and what a key is told by the value. */
export function pathOf(pointer: string, value: Json): Path {
  const path: (string | number)[] = [];
  let at: unknown = value;
  for (const raw of pointer.split("/").slice(1)) {
    const part = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    const key = Array.isArray(at) ? Number(part) : part;
    path.push(key);
    at = typeof at === "object" && at !== null ? (at as Record<string | number, unknown>)[key] : undefined;
  }
  return path;
}

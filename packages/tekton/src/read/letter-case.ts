import { type Diagnostic } from "@lapcat/diagnostic";
import { formatPath, type Json, type JsonObject, type ManifestDocument, type Path } from "@lapcat/manifest";
import { isObject } from "../is-object.ts";
import { type StructureFault } from "../schema/check-structure.ts";
import { isKept } from "./kept-fields.ts";
import { pathOf } from "./structure-diagnostics.ts";

/**
 * Inside an embedded spec a cluster reads fields whatever their letter case: the CRDs keep what they do not know there, and Go's
 * decoder is not particular. Gives the value with such fields spelt right, and a warning for each; nothing where there are none.
 */
export function withLetterCase(
  value: JsonObject,
  faults: readonly StructureFault[],
  document: ManifestDocument,
  base: Path,
): { readonly value: JsonObject; readonly diagnostics: readonly Diagnostic[] } | undefined {
  const diagnostics: Diagnostic[] = [];
  let repaired: Json = value;
  for (const fault of faults) {
    if (fault.keyword !== "additionalProperties") continue;
    const at = pathOf(fault.at, value);
    if (!isKept(at)) continue;
    const key = String(fault.params["additionalProperty"]);
    const meant = Object.keys(fault.schema.properties ?? {}).find((each) => each.toLowerCase() === key.toLowerCase());
    if (meant === undefined || !isObject(fault.value as Json) || Object.hasOwn(fault.value as JsonObject, meant))
      continue;
    repaired = renamed(repaired, at, key, meant);
    const path = [...base, ...at, key];
    diagnostics.push({
      code: "field.unknown",
      severity: "warning",
      message: `${JSON.stringify(key)} is read as ${meant}`,
      span: document.keySpanOf(path),
      path: formatPath(path),
      hint: `write ${meant}: letter case matters wherever a CRD knows the fields`,
    });
  }
  return isObject(repaired) && diagnostics.length > 0 ? { value: repaired, diagnostics } : undefined;
}

function renamed(value: Json, at: Path, from: string, to: string): Json {
  const [first, ...rest] = at;
  if (first === undefined) {
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([key, item]): [string, Json] => [key === from ? to : key, item]);
    return Object.fromEntries(entries);
  }
  if (Array.isArray(value))
    return value.map((item: Json, index) => (index === first ? renamed(item, rest, from, to) : item));
  if (!isObject(value)) return value;
  const item = value[first];
  return item === undefined ? value : { ...value, [first]: renamed(item, rest, from, to) };
}

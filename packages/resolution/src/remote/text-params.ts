import { type Param } from "@lapcat/tekton";

/** A resolver's params as its program reads them: texts by name, the last of a name; what is no text is empty (`p.Value.StringVal`). */
export function textParams(params: readonly Param[]): ReadonlyMap<string, string> {
  return new Map(params.map(({ name, value }) => [name, typeof value === "string" ? value : ""]));
}

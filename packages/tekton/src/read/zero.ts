import { type Json } from "@lapcat/manifest";
import { type Schema } from "../schema/dsl.ts";

/** What Go's decoder leaves in a field that is not there; nothing where that cannot be written, as of a param without a value. */
export function zeroOf(schema: Schema | undefined): Json | undefined {
  if (schema?.$ref !== undefined) return {};
  const [type = ""] = [schema?.type ?? []].flat();
  return type === "string" && schema?.pattern !== undefined ? undefined : zeros[type];
}

const zeros: Readonly<Record<string, Json>> = { string: "", integer: 0, boolean: false, array: [], object: {} };

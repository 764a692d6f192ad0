import { Document, isScalar, visit } from "yaml";
import { resolvePlain } from "./scalar.ts";
import { unreadable } from "./unreadable.ts";

/** Characters that have to be escaped; among them what YAML 1.1 takes for a line break. */
const delicate = new RegExp(`${unreadable.source}|[\\u0085\\u2028\\u2029\\ufeff]`, "gu");

/**
 * Values as a stream of YAML documents in block style, texts of several lines as literal blocks. What upstream, with its
 * YAML 1.1, would read as something else than text is quoted. Properties that are `undefined` are left out.
 */
export function stringifyManifest(values: readonly unknown[]): string {
  return values.map((value) => textOf(value)).join("---\n");
}

function textOf(value: unknown): string {
  const document = new Document(value, { schema: "core", aliasDuplicateObjects: false, keepUndefined: false });
  visit(document, {
    Scalar: (_key, node) => {
      if (!isScalar(node) || typeof node.value !== "string") return;
      const isText = node.value !== "<<" && resolvePlain(node.value) === node.value;
      if (!isText || node.value.search(delicate) !== -1) node.type = "QUOTE_DOUBLE";
    },
  });
  const text = document.toString({ lineWidth: 0, blockQuote: "literal", minContentWidth: 0 });
  return text.replaceAll(delicate, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

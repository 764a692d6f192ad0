import { Document } from "yaml";

/**
 * Values as a stream of YAML documents in block style, texts of several lines as literal blocks. What upstream, with its
 * YAML 1.1, would read as something else than text is quoted. Properties that are `undefined` are left out.
 */
export function stringifyManifest(values: readonly unknown[]): string {
  return values.map((value) => textOf(value)).join("---\n");
}

function textOf(value: unknown): string {
  const document = new Document(value, {
    version: "1.1",
    schema: "yaml-1.1",
    aliasDuplicateObjects: false,
    keepUndefined: false,
  });
  return document.toString({ directives: false, lineWidth: 0, blockQuote: "literal" });
}

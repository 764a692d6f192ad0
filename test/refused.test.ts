import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatDiagnostic, hasErrors, sourceFile, type Diagnostic } from "../packages/diagnostic/src/index.ts";
import { parseManifest, type ManifestDocument } from "../packages/manifest/src/index.ts";
import { adviseOn, attemptResources, readResources, validateResources } from "../packages/tekton/src/index.ts";

const root = join(import.meta.dirname, "../fixtures/refused");
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  // Those are for refused-commands.test.ts.
  .filter((name) => !existsSync(join(root, name, "command")));

/** What a user is told of the documents in a folder: text, structure, Tekton's rules; where none is broken, what else there is to say. */
function diagnosticsOf(folder: string): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const documents: ManifestDocument[] = [];
  for (const name of readdirSync(join(root, folder)).filter((each) => each.endsWith(".yaml"))) {
    const parsed = parseManifest(sourceFile(name, readFileSync(join(root, folder, name), "utf8")));
    found.push(...parsed.diagnostics);
    if (parsed.ok) documents.push(...parsed.value);
  }
  const read = readResources(documents);
  const { resources } = attemptResources(documents);
  found.push(...read.diagnostics, ...validateResources(resources));
  return hasErrors(found) ? found : [...found, ...adviseOn(resources)];
}

const all = new Map(folders.map((folder) => [folder, diagnosticsOf(folder)]));

/** `UPDATE=1` writes what came out; read the difference as prose before it is committed. */
test.for(folders)("%s", (folder) => {
  const file = join(root, folder, "diagnostics.txt");
  const text = `${(all.get(folder) ?? []).map((each) => formatDiagnostic(each, { colour: false })).join("\n\n")}\n`;
  if (process.env["UPDATE"] === "1") writeFileSync(file, text);
  expect(text).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
});

test("every diagnostic has a place, and Tekton's path where it is about a field", () => {
  const found = [...all.values()].flat();
  expect(found.filter(({ span }) => span === undefined)).toEqual([]);
  expect(found.filter(({ code, path }) => code.startsWith("field.") && path === undefined)).toEqual([]);
});

import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { sourceFile, type SourceFile } from "../packages/diagnostic/src/index.ts";
import { parseManifest, stringifyManifest } from "../packages/manifest/src/index.ts";

/** Tekton's examples and catalog; they are not part of this repository. */
const directory = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");
const present = existsSync(directory);
if (!present) {
  process.stderr.write(`SKIPPED: Tekton's examples and catalog are not at ${directory}; set TEKTON_CONFORMANCE_DIR.\n`);
}

/** Samples that are templates (`value: {{ URL }}`): no YAML reader takes them. */
const templates = /redhat-dependency-analytics\/[0-9.]+\/samples\//u;

describe.skipIf(!present)("Tekton's examples and catalog", () => {
  let sources: readonly SourceFile[] = [];
  beforeAll(() => {
    const names = globSync(["catalog/**/*.yaml", "examples/**/*.yaml"], { cwd: directory }).sort();
    sources = names.map((name) => sourceFile(name, readFileSync(join(directory, name), "utf8")));
  });

  test("every file is read, but the templates", () => {
    const refused = sources.filter((source) => !parseManifest(source).ok).map((source) => source.name);
    expect(sources.length).toBeGreaterThan(900);
    expect(refused.filter((name) => !templates.test(name))).toEqual([]);
  });

  test("what is written is what was read", () => {
    const changed = sources.filter((source) => {
      const result = parseManifest(source);
      const values = result.ok ? result.value.map((document) => document.value) : [];
      const again = parseManifest(sourceFile(source.name, stringifyManifest(values)));
      return !again.ok || JSON.stringify(again.value.map((each) => each.value)) !== JSON.stringify(values);
    });
    expect(changed.map((source) => source.name)).toEqual([]);
  });
});

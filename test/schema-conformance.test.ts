import { existsSync, globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasErrors, sourceFile } from "../packages/diagnostic/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { attemptResources, editorSchema, validateResources } from "../packages/tekton/src/index.ts";

/** The room's own ajv, in its form for draft 2020-12. */
const ajv = join(import.meta.dirname, "../packages/tekton/node_modules/ajv/dist/2020.js");
const { Ajv2020 } = createRequire(import.meta.url)(ajv) as {
  readonly Ajv2020: new (options: object) => { compile(schema: object): Check };
};

interface Check {
  (value: unknown): boolean;
  readonly errors?: readonly { readonly instancePath?: string; readonly message?: string }[] | null;
}

/** They have a field that Tekton does not know, where a cluster keeps it all the same: an editor should point at it. */
const misspelt = /^examples\/.*\/isolated-workspaces\.yaml .*\/steps\/0\/workspaces\/0 must NOT have additional/u;

/** Tekton's examples and catalog; they are not part of this repository. */
const home = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");
const present = existsSync(home);
if (!present) process.stderr.write(`SKIPPED: Tekton's examples are not at ${home}; set TEKTON_CONFORMANCE_DIR.\n`);

describe.skipIf(!present)("the schema for editors on Tekton's examples and catalog", () => {
  test("takes every document that validation takes", () => {
    const check = new Ajv2020({ strict: false }).compile(editorSchema());
    const files = globSync(["examples/**/*.yaml", "catalog/**/*.yaml", "validation/valid/*.yaml"], {
      cwd: home,
    }).sort();
    const wrong: string[] = [];
    let taken = 0;
    for (const name of files) {
      const parsed = parseManifest(sourceFile(name, readFileSync(join(home, name), "utf8")));
      for (const document of parsed.ok ? parsed.value : []) {
        const { resources, diagnostics } = attemptResources([document]);
        if (resources.length === 0 || hasErrors([...diagnostics, ...validateResources(resources)])) continue;
        if (check(JSON.parse(JSON.stringify(document.value)))) taken++;
        else wrong.push(`${name} ${check.errors?.[0]?.instancePath ?? ""} ${check.errors?.[0]?.message ?? ""}`);
      }
    }
    expect(wrong.filter((each) => !misspelt.test(each))).toEqual([]);
    expect(taken).toBeGreaterThan(1500);
  });
});

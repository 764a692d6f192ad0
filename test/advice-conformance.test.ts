import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sourceFile, type Code } from "../packages/diagnostic/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { adviseOn, attemptResources } from "../packages/tekton/src/index.ts";

/** Tekton's examples and catalog; they are not part of this repository. */
const home = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");
const present = existsSync(home);
if (!present) process.stderr.write(`SKIPPED: Tekton's catalog is not at ${home}; set TEKTON_CONFORMANCE_DIR.\n`);

/** What was read one by one and is so, in a thousand files that work: more of it would have to be read again. */
const reviewed: Readonly<Partial<Record<Code, number>>> = {
  "document.deprecated": 140,
  "field.deprecated": 95,
  "image.untagged": 295,
  // Versions of a Task that others of the same name were written for; samples that were never adapted.
  "param.unknown": 25,
  "param.missing": 6,
  "workspace.unknown": 8,
  "workspace.missing": 8,
  "workspace.claims": 3,
  // An example's $(context.task2.status), which its shell takes for a command; a test's $(tasks.a.version).
  "reference.misspelt": 19,
  // They refer to objects that a test's hook makes.
  "serviceaccount.missing": 14,
  "task.missing": 10,
  "pipeline.missing": 3,
};

describe.skipIf(!present)("advice on Tekton's examples and catalog", () => {
  test("says nothing of what works", () => {
    const files = globSync(["catalog/**/*.yaml", "examples/**/*.yaml"], { cwd: home }).sort();
    const documents = files.flatMap((name) => {
      const parsed = parseManifest(sourceFile(name, readFileSync(join(home, name), "utf8")));
      return parsed.ok ? parsed.value : [];
    });
    const counts = new Map<Code, number>();
    for (const { code } of adviseOn(attemptResources(documents).resources))
      counts.set(code, (counts.get(code) ?? 0) + 1);
    const beyond = [...counts].filter(([code, count]) => count > (reviewed[code] ?? 0));
    expect(beyond).toEqual([]);
    expect(documents.length).toBeGreaterThan(1500);
  });
});

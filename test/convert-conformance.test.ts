import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasErrors, sourceFile } from "../packages/diagnostic/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { attemptResources, convertManifest } from "../packages/tekton/src/index.ts";

/** Tekton's examples and catalog; they are not part of this repository. */
const home = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");
const present = existsSync(home);
if (!present) process.stderr.write(`SKIPPED: Tekton's catalog is not at ${home}; set TEKTON_CONFORMANCE_DIR.\n`);

describe.skipIf(!present)("conversion to v1 of Tekton's examples and catalog", () => {
  const files = present ? globSync(["catalog/**/*.yaml", "examples/**/*.yaml"], { cwd: home }).sort() : [];

  test("every file that can be read is converted, and nothing of it is v1beta1 afterwards", () => {
    const wrong: string[] = [];
    let converted = 0;
    for (const name of files) {
      const source = sourceFile(name, readFileSync(join(home, name), "utf8"));
      const before = parseManifest(source);
      if (!before.ok || hasErrors(attemptResources(before.value).diagnostics)) continue;
      const result = convertManifest(source);
      const after = result.ok ? parseManifest(sourceFile(name, result.value)) : result;
      if (!after.ok || after.value.some(({ value }) => !isSettled(value))) wrong.push(name);
      else if (result.ok && result.value !== source.text) converted++;
    }
    expect(wrong).toEqual([]);
    expect(converted).toBeGreaterThan(500);
  });

  test("a second conversion changes nothing, nor does one of a line that is the same in both", () => {
    const wrong = files.filter((name) => {
      const source = sourceFile(name, readFileSync(join(home, name), "utf8"));
      const once = convertManifest(source);
      if (!once.ok) return false;
      const twice = convertManifest(sourceFile(name, once.value));
      const comments = (text: string): number => text.split("#").length;
      return !twice.ok || twice.value !== once.value || comments(once.value) !== comments(source.text);
    });
    // What v1 dropped goes with its comment.
    expect(wrong.length).toBeLessThanOrEqual(3);
  });
});

function isSettled(value: unknown): boolean {
  const { apiVersion, kind } = value as Readonly<Record<string, unknown>>;
  return (
    apiVersion !== "tekton.dev/v1beta1" ||
    !["Task", "ClusterTask", "Pipeline", "TaskRun", "PipelineRun"].includes(String(kind))
  );
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sourceFile } from "../packages/diagnostic/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { attemptResources } from "../packages/tekton/src/index.ts";

/** What upstream makes of a document. It is no part of this repository: without it nothing is compared. */
const home = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");
const file = join(home, "defaults.jsonl");
const present = existsSync(file);
if (!present) process.stderr.write(`SKIPPED: Tekton's defaults are not at ${file}; set TEKTON_CONFORMANCE_DIR.\n`);

interface Row {
  readonly name: string;
  readonly input: unknown;
  readonly defaulted: unknown;
  readonly v1?: unknown;
  /** Keys of `config-defaults`. */
  readonly defaults: Readonly<Record<string, string>>;
}

const rows: readonly Row[] = present
  ? readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line): Row => JSON.parse(line) as Row)
  : [];

describe.skipIf(!present)("defaults and conversion compared with upstream", () => {
  test("every document is defaulted and converted as upstream does it", () => {
    const different = rows.flatMap(({ name, input, defaulted, v1, defaults }) => {
      const parsed = parseManifest(sourceFile(name, JSON.stringify(input)));
      const made = attemptResources(parsed.ok ? parsed.value : [], defaults).resources[0]?.resource;
      return textOf(made) === textOf(v1 ?? defaulted) ? [] : [name];
    });
    expect(rows.length).toBe(494);
    expect(different).toEqual([]);
  });
});

/** Annotations in which upstream keeps JSON: compared as data. */
const kept = ["tekton.dev/v1beta1.task-deprecations", "tekton.dev/v1beta1Resources"];

/** Equal texts mean equal resources but for what Go writes for nothing: `{}`, `""`, `null`, `[]`, false and 0. */
function textOf(resource: unknown): string {
  return JSON.stringify(plain(resource)) ?? "";
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item) ?? null);
  if (typeof value !== "object" || value === null)
    return value === "" || value === false || value === 0 ? undefined : value;
  const entries = Object.entries(value)
    .filter(([key]) => key !== "status" && key !== "creationTimestamp")
    .map(([key, item]): [string, unknown] => [key, plain(kept.includes(key) ? JSON.parse(String(item)) : item)])
    .filter(([, item]) => item !== undefined && item !== null && !(Array.isArray(item) && item.length === 0))
    .toSorted(([x], [y]) => (x < y ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

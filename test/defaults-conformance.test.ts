import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sourceFile } from "../packages/diagnostic/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { attemptResources } from "../packages/tekton/src/index.ts";
import { differingAnnotations } from "./defaults-differences.ts";

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

/** The longest name in the list that a row's own begins with. */
function differenceOf(name: string): string | undefined {
  return Object.keys(differingAnnotations).find((each) => name === each || name.startsWith(`${each}/`));
}

describe.skipIf(!present)("defaults and conversion compared with upstream", () => {
  test("every document is defaulted and converted as upstream does it, but for the annotations that are named", () => {
    const different = rows.flatMap(({ name, input, defaulted, v1, defaults }) => {
      const parsed = parseManifest(sourceFile(name, JSON.stringify(input)));
      const made = attemptResources(parsed.ok ? parsed.value : [], defaults).resources[0]?.resource;
      const ignored = differingAnnotations[differenceOf(name) ?? ""];
      return textOf(made, ignored) === textOf(v1 ?? defaulted, ignored) ? [] : [name];
    });
    expect(rows.length).toBe(494);
    expect(different).toEqual([]);
  });

  test("every named difference is one", () => {
    const named = rows.flatMap(({ name }) => differenceOf(name) ?? []);
    expect(Object.keys(differingAnnotations).filter((each) => !named.includes(each))).toEqual([]);
  });
});

/** Equal texts mean equal resources but for what Go writes for nothing: `{}`, `""`, `null`, `[]`, false and 0. */
function textOf(resource: unknown, ignored: string | undefined): string {
  return JSON.stringify(plain(resource, ignored)) ?? "";
}

function plain(value: unknown, ignored: string | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item, ignored) ?? null);
  if (typeof value !== "object" || value === null)
    return value === "" || value === false || value === 0 ? undefined : value;
  const entries = Object.entries(value)
    .filter(([key]) => key !== "status" && key !== "creationTimestamp" && key !== ignored)
    .map(([key, item]): [string, unknown] => [key, plain(item, ignored)])
    .filter(([, item]) => item !== undefined && item !== null && !(Array.isArray(item) && item.length === 0))
    .toSorted(([x], [y]) => (x < y ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

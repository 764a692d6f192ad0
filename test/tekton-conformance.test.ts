import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sourceFile, type Diagnostic } from "../packages/diagnostic/src/index.ts";
import { parseManifest, type ManifestDocument } from "../packages/manifest/src/index.ts";
import { describe, expect, test } from "vitest";
import {
  attemptResources,
  gatesFrom,
  taskRunName,
  validateResources,
  workspaceVolumeName,
} from "../packages/tekton/src/index.ts";

/** Upstream's documents and what upstream says of them. They are no part of this repository: without them nothing is compared. */
const home = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");
const present = existsSync(join(home, "validation/index.jsonl"));
if (!present) process.stderr.write(`SKIPPED: Tekton's verdicts are not at ${home}; set TEKTON_CONFORMANCE_DIR.\n`);

type Row = Readonly<Record<string, unknown>>;

function rows<R = Row>(file: string): readonly R[] {
  const lines = readFileSync(join(home, file), "utf8").trim().split("\n");
  return lines.map((line): R => JSON.parse(line) as R);
}

const files = new Map<string, readonly ManifestDocument[] | undefined>();

function documentsOf(path: string, text = readFileSync(path, "utf8")): readonly ManifestDocument[] | undefined {
  if (!files.has(path)) {
    const parsed = parseManifest(sourceFile(path, text));
    files.set(path, parsed.ok ? parsed.value : undefined);
  }
  return files.get(path);
}

function errorsOf(
  documents: readonly ManifestDocument[],
  settings: Readonly<Record<string, string>>,
): readonly Diagnostic[] {
  const read = attemptResources(documents);
  const all = [...read.diagnostics, ...validateResources(read.resources, gatesFrom(settings))];
  return all.filter(({ severity }) => severity === "error");
}

interface Case {
  readonly file: string;
  readonly gate: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly defaults: Readonly<Record<string, string>>;
  readonly valid: boolean;
  readonly errors: readonly { readonly paths?: readonly string[] }[];
}

interface Verdict {
  readonly file: string;
  readonly doc: number;
  readonly gates?: Readonly<Record<string, { readonly valid: boolean }>>;
}

const gateSettings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  stable: { "enable-api-fields": "stable" },
  beta: {},
  alpha: { "enable-api-fields": "alpha" },
  "alpha-all": {
    "enable-api-fields": "alpha",
    "enable-artifacts": "true",
    "enable-cel-in-whenexpression": "true",
    "enable-concise-resolver-syntax": "true",
    "enable-param-enum": "true",
  },
};

/** Numbers that only rise: who makes more agree writes the new one here. */
describe.skipIf(!present)("compared with upstream", () => {
  test("validation: no valid document is refused, and most of the others are", () => {
    const wrong: string[] = [];
    let agree = 0;
    let placed = 0;
    for (const { file, gate, flags, defaults, valid, errors } of rows<Case>("validation/index.jsonl")) {
      const documents = documentsOf(join(home, "validation", file));
      const found = documents && errorsOf(documents, { "enable-api-fields": gate, ...flags, ...defaults });
      const accepted = found?.length === 0;
      if (accepted === valid) agree++;
      if (valid && !accepted) wrong.push(file);
      const paths = new Set(errors.flatMap((each) => each.paths ?? []));
      if (!valid && found?.some(({ path }) => paths.has(path ?? "")) === true) placed++;
    }
    expect(wrong).toEqual([]);
    expect(agree).toBeGreaterThanOrEqual(1463);
    expect(placed).toBeGreaterThanOrEqual(510);
  });

  test("verdicts: examples and catalog at four gates", () => {
    let agree = 0;
    let compared = 0;
    const refused: string[] = [];
    for (const { file, doc, gates } of rows<Verdict>("verdicts.jsonl")) {
      const path = [join(home, file), join(home, "catalog", file)].find((each) => existsSync(each));
      if (gates === undefined || path === undefined) continue;
      const document = documentsOf(path)?.[doc];
      for (const [gate, { valid }] of Object.entries(gates)) {
        compared++;
        const accepted = document !== undefined && errorsOf([document], gateSettings[gate] ?? {}).length === 0;
        if (accepted === valid) agree++;
        else if (valid) refused.push(`${file} ${doc} ${gate}`);
      }
    }
    // A symbolic link that was checked out as text; ClusterTasks in Pipelines, which are read as Tasks and warned about.
    expect(refused.filter((each) => !each.startsWith("task/boskos-release/"))).toEqual([]);
    expect(compared - agree).toBeLessThanOrEqual(64);
  });

  test("defaults: a document is defaulted and converted as upstream does it", () => {
    interface Defaulted {
      readonly input: unknown;
      readonly defaulted: unknown;
      readonly v1?: unknown;
      readonly defaults: object;
    }
    const different: number[] = [];
    rows<Defaulted>("defaults.jsonl").forEach((row, index) => {
      if (Object.keys(row.defaults).length > 0) return;
      const documents = documentsOf(`defaults ${index}`, JSON.stringify(row.input)) ?? [];
      const made = attemptResources(documents).resources[0]?.resource;
      if (!same(made, row.v1 ?? row.defaulted)) different.push(index);
    });
    // The rest differ in annotations that keep what v1 dropped, for the way back.
    expect(different.length).toBeLessThanOrEqual(12);
  });

  test("names: those of TaskRuns and volumes", () => {
    interface Named {
      readonly func: string;
      readonly input: Readonly<Record<string, never>>;
      readonly expected: string | readonly string[];
    }
    const named = rows<Named>("substitution.jsonl").flatMap(({ func, input, expected }): [unknown, unknown][] => {
      const { prName, ptName, numberOfTaskRuns } = input as Readonly<Record<string, never>>;
      const known = JSON.stringify(input["childRefs"] ?? []).includes(`"${String(ptName)}"`);
      if (func.endsWith(".GetTaskRunName") && !known) return [[taskRunName(prName!, ptName!), expected]];
      if (func.endsWith(".GetNamesOfTaskRuns") && !known) {
        const names = Array.from({ length: numberOfTaskRuns! }, (_, index) =>
          taskRunName(prName!, ptName!, index, numberOfTaskRuns),
        );
        return [[names, expected]];
      }
      if (func === "names.GenerateHashedName" && input["prefix"] === "ws" && Number(input["hashedLength"]) <= 5) {
        return [[workspaceVolumeName(input["name"]!), expected]];
      }
      return [];
    });
    expect(named.length).toBeGreaterThan(8);
    expect(named.map(([ours]) => ours)).toEqual(named.map(([, theirs]) => theirs));
  });
});

/** Equal but for what Go writes for nothing: `{}`, `""`, `null`, `[]`, false and 0. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item) ?? null);
  if (typeof value !== "object" || value === null)
    return value === "" || value === false || value === 0 ? undefined : value;
  const entries = Object.entries(value)
    .filter(([key]) => key !== "apiVersion" && key !== "status" && key !== "creationTimestamp")
    .map(([key, item]): [string, unknown] => [key, plain(item)])
    .filter(([, item]) => item !== undefined && item !== null && !(Array.isArray(item) && item.length === 0))
    .toSorted(([x], [y]) => (x < y ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

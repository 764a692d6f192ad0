import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sourceFile, type Diagnostic, type Span } from "../packages/diagnostic/src/index.ts";
import { parseManifest, type Json, type ManifestDocument, type Path } from "../packages/manifest/src/index.ts";
import { attemptResources, gatesFrom, validateResources, withCel } from "../packages/tekton/src/index.ts";
import { differing } from "./verdicts-differ.ts";

/** Upstream's documents and what its admission says of them. They are no part of this repository: without them nothing is compared. */
const home = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");
const present = existsSync(join(home, "validation/index.jsonl"));
if (!present) process.stderr.write(`SKIPPED: Tekton's verdicts are not at ${home}; set TEKTON_CONFORMANCE_DIR.\n`);

type Settings = Readonly<Record<string, string>>;

interface Verdict {
  readonly valid: boolean;
  readonly errors?: readonly { readonly paths?: readonly string[] }[];
}

/** A document at a gate, what upstream says of it, and what we do. */
interface Case {
  readonly name: string;
  readonly file: string;
  readonly verdict: Verdict;
  readonly said: readonly Diagnostic[];
  readonly documents: readonly ManifestDocument[];
}

function rows<R>(file: string): readonly R[] {
  const lines = readFileSync(join(home, file), "utf8").trim().split("\n");
  return lines.map((line): R => JSON.parse(line) as R);
}

const parsed = new Map<string, ReturnType<typeof parseManifest>>();

function parse(path: string): ReturnType<typeof parseManifest> {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const made = parseManifest(sourceFile(path, readFileSync(path, "utf8")));
  parsed.set(path, made);
  return made;
}

async function saidOf(documents: readonly ManifestDocument[], settings: Settings): Promise<readonly Diagnostic[]> {
  const read = attemptResources(documents, settings);
  return [...read.diagnostics, ...validateResources(read.resources, await withCel(gatesFrom(settings)))];
}

async function caseOf(
  name: string,
  file: string,
  path: string,
  index: number | undefined,
  settings: Settings,
  verdict: Verdict,
): Promise<Case> {
  const text = parse(path);
  const documents = text.ok ? text.value.slice(index ?? 0, index === undefined ? undefined : index + 1) : [];
  if (text.ok && documents.length === 0) throw new Error(`${name} is not there`);
  const said = text.ok ? await saidOf(documents, settings) : text.diagnostics;
  return { name, file, verdict, said, documents };
}

interface ValidationRow extends Verdict {
  readonly file: string;
  readonly gate: string;
  readonly flags: Settings;
  readonly defaults: Settings;
}

interface VerdictRow {
  readonly file: string;
  readonly doc: number;
  readonly gates?: Readonly<Record<string, Verdict>>;
}

const gateSettings: Readonly<Record<string, Settings>> = {
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

async function allCases(): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const row of rows<ValidationRow>("validation/index.jsonl")) {
    const settings = { "enable-api-fields": row.gate, ...row.flags, ...row.defaults };
    cases.push(await caseOf(row.file, row.file, join(home, "validation", row.file), undefined, settings, row));
  }
  for (const { file, doc, gates } of rows<VerdictRow>("verdicts.jsonl")) {
    const path = [join(home, file), join(home, "catalog", file)].find((each) => existsSync(each));
    if (gates === undefined || path === undefined) continue;
    for (const [gate, verdict] of Object.entries(gates)) {
      const settings = gateSettings[gate];
      if (settings === undefined) throw new Error(`the gate ${gate} is unknown`);
      cases.push(await caseOf(`${file} ${doc} ${gate}`, file, path, doc, settings, verdict));
    }
  }
  return cases;
}

const isError = ({ severity }: Diagnostic): boolean => severity === "error";

describe.skipIf(!present)("what Tekton's admission says", async () => {
  const cases = present ? await allCases() : [];
  const others = new Set(differing.map(({ file }) => file));
  const agrees = ({ said, verdict }: Case): boolean => said.some(isError) !== verdict.valid;

  test("what it takes is taken, what it refuses is refused", () => {
    const wrong = cases.filter((each) => !others.has(each.file) && !agrees(each));
    expect(wrong.map(({ name }) => name)).toEqual([]);
    expect(cases.length).toBeGreaterThan(6000);
  });

  test("no document is said to differ that does not", () => {
    for (const { file } of differing)
      expect(cases.filter((each) => each.file === file && !agrees(each))).not.toEqual([]);
  });

  test("where it names fields, one of them is among those we name", () => {
    const elsewhere = cases.filter(({ file, verdict, said }) => {
      if (verdict.valid || others.has(file)) return false;
      const paths = new Set((verdict.errors ?? []).flatMap((each) => each.paths ?? []));
      return paths.size > 0 && !said.some((each) => isError(each) && paths.has(each.path ?? ""));
    });
    expect(elsewhere.map(({ name }) => name)).toEqual([]);
  });

  test("a caret stands inside the node that the path names, or its nearest parent that is there", () => {
    const outside = cases.flatMap(({ name, said, documents }) =>
      said
        .filter(({ path, span }) => path !== undefined && (span === undefined || !isInside(span, path, documents)))
        .map(({ path, message }) => `${name}: ${path}: ${message}`),
    );
    expect([...new Set(outside)]).toEqual([]);
  });
});

/** Whether a span is inside the node of a path, its key included. */
function isInside(span: Span, path: string, documents: readonly ManifestDocument[]): boolean {
  return documents.some((document) => {
    const node = nodeOf(path, document.value);
    const [key, value] = [document.keySpanOf(node), document.spanOf(node)];
    const start = Math.min(key.start, value.start);
    return span.start >= start && span.end <= Math.max(key.end, value.end);
  });
}

/**
 * The node that upstream's path names, as far as the document has it: `params[x]` is the last param that is named x. A list without
 * an index, as in `tasks.params[x]`, is a word of upstream's own.
 */
function nodeOf(field: string, root: Json): Path {
  const path: (string | number)[] = [];
  let at: Json | undefined = root;
  for (const [, key, inBrackets] of field.matchAll(/([^.[\]]+)|\[([^\]]*)\]/gu)) {
    const part = key ?? inBrackets ?? "";
    const next: string | number | undefined = Array.isArray(at) ? indexOf(at, part) : part;
    if (next === undefined && key !== undefined) return path.slice(0, -1);
    if (typeof at !== "object" || at === null || next === undefined || !Object.hasOwn(at, next)) break;
    path.push(next);
    at = (at as Readonly<Record<string | number, Json>>)[next];
  }
  return path;
}

function indexOf(list: readonly Json[], part: string): number | undefined {
  if (/^\d+$/u.test(part)) return Number(part);
  const index = list.findLastIndex(
    (each) => typeof each === "object" && each !== null && "name" in each && each["name"] === part,
  );
  return index === -1 ? undefined : index;
}

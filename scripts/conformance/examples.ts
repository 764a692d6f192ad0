import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { sourceFile } from "../../packages/diagnostic/src/index.ts";
import { parseManifest, type Json } from "../../packages/manifest/src/index.ts";
import { root } from "../stages.ts";

/** Where Tekton's own documents are; they are not part of this repository. */
const directory = resolve(process.env["TEKTON_CONFORMANCE_DIR"] ?? join(root, "../shared/conformance"));
const table = join(directory, "examples.tsv");

/** Tekton's catalog, as it is beside the examples. */
export const catalogDirectory: string = join(directory, "catalog");

/** Why there is nothing to run; undefined where the examples are here. */
export const absence: string | undefined = existsSync(table)
  ? undefined
  : `Tekton's examples are not at ${table}; set TEKTON_CONFORMANCE_DIR`;

/** An example of upstream's, as `examples.tsv` lists it. */
export interface Example {
  /** Below `examples/`. */
  readonly path: string;
  readonly file: string;
  /** The directory that upstream's CI turns features on by; what lies in no-ci is never run there. */
  readonly level: "stable" | "beta" | "alpha" | "no-ci";
  /** The table's own word on whether it can run without a network. */
  readonly offline: string;
}

const levels = ["stable", "beta", "alpha", "no-ci"] as const;

/** All examples, by path. */
export function listExamples(): readonly Example[] {
  const [, ...rows] = readFileSync(table, "utf8").trimEnd().split("\n");
  const examples = rows.map((row): Example => {
    const [name = "", , , , , , features = "", offline = ""] = row.split("\t");
    const level = levels.find((each) => features.startsWith(`[${each}]`));
    if (level === undefined || offline === "") throw new Error(`examples.tsv has a row of another form: ${row}`);
    return { path: name.replace(/^examples\//u, ""), file: join(directory, name), level, offline };
  });
  return examples.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Of what `kubectl create` would make: the runs, by the words that choose one, and the claims. */
export interface Contents {
  readonly runs: readonly string[];
  readonly claims: readonly string[];
}

export function contentsOf({ path, file }: Example): Contents {
  const parsed = parseManifest(sourceFile(path, readFileSync(file, "utf8")));
  if (!parsed.ok) throw new Error(`${path} is no YAML: ${parsed.diagnostics[0]?.message}`);
  const named = parsed.value.map(({ value }) => {
    const metadata = field(value, "metadata");
    const name = text(metadata, "name") ?? text(metadata, "generateName") ?? "";
    return { kind: text(value, "kind") ?? "", name };
  });
  const runs = named.filter(({ kind }) => kind === "PipelineRun" || kind === "TaskRun");
  const labels = runs.map(({ kind, name }) => `${kind}/${name}`);
  return {
    runs: labels.map((label, index) => {
      const isShared = labels.indexOf(label) !== labels.lastIndexOf(label);
      return isShared ? `${label}#${labels.slice(0, index + 1).filter((each) => each === label).length}` : label;
    }),
    claims: named.filter(({ kind }) => kind === "PersistentVolumeClaim").map(({ name }) => name),
  };
}

function text(value: Json | undefined, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === "string" ? found : undefined;
}

function field(value: Json | undefined, name: string): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)[name]
    : undefined;
}

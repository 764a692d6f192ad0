import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sourceFile } from "../packages/diagnostic/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { orderOf, predecessorsOf } from "../packages/plan/src/index.ts";
import { attemptResources, type PipelineSpec, type PipelineTask } from "../packages/tekton/src/index.ts";

/** The graphs that upstream builds of Pipelines. No part of this repository: without them nothing is compared. */
const home = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");
const present = existsSync(join(home, "dag.jsonl"));
if (!present) process.stderr.write(`SKIPPED: Tekton's graphs are not at ${home}; set TEKTON_CONFORMANCE_DIR.\n`);

interface Graph {
  readonly nodes: readonly string[];
  readonly deps: Readonly<Record<string, readonly string[]>>;
  readonly edges: readonly (readonly [string, string])[];
  readonly finally: readonly string[];
  readonly waves: readonly (readonly string[])[];
}

interface Row extends Partial<Graph> {
  readonly file: string;
  readonly doc: number;
  readonly error?: string;
  readonly finallyError?: string;
}

const rows: readonly Row[] = present
  ? readFileSync(join(home, "dag.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Row)
  : [];

/** Documents of which upstream builds a graph, and we do not, each with the reason. */
const without: Readonly<Record<string, string>> = {
  "validation/invalid/0429.yaml": "a param without a value: the structure is refused, and nothing is built of it",
  "validation/invalid/1075.yaml": "a param without a value: the structure is refused, and nothing is built of it",
};

/** The row's Pipeline; nothing where its file is not among the data. */
function specOf({ file, doc }: Row): PipelineSpec | undefined {
  const path = join(home, file);
  const parsed = existsSync(path) ? parseManifest(sourceFile(file, readFileSync(path, "utf8"))) : undefined;
  if (parsed?.ok !== true) return undefined;
  const found = attemptResources(parsed.value).resources.find(({ origin }) => origin.document.index === doc)?.resource;
  if (found?.kind === "PipelineRun") return found.spec.pipelineSpec;
  return found?.kind === "Pipeline" ? found.spec : undefined;
}

/** An unsound document may lack a name. */
const nameOf = (task: PipelineTask): string => (task.name as string | undefined) ?? "";

/** What upstream would complain of, in its order: a name twice, a task that is not there, a circle. */
function faultOf(tasks: readonly PipelineTask[], edges: ReadonlyMap<string, readonly string[]>): string | undefined {
  if (edges.size < tasks.length) return "duplicate";
  if ([...edges.values()].flat().some((each) => !edges.has(each))) return "missing";
  return orderOf(edges).kind === "cycle" ? "cycle" : undefined;
}

function faultIn(error: string | undefined): string | undefined {
  if (error === undefined) return undefined;
  if (error.includes("duplicate")) return "duplicate";
  return error.includes("cycle") ? "cycle" : "missing";
}

/** Tasks by the longest way to them, and what is wrong where something is. */
function graphOf({ tasks = [], finally: final = [] }: PipelineSpec): Partial<Graph> & { readonly fault?: string } {
  const edges = new Map(tasks.map((task) => [nameOf(task), predecessorsOf(task)]));
  const deps = Object.fromEntries([...edges].filter(([, each]) => each.length > 0));
  const fault = faultOf(tasks, edges);
  const order = orderOf(edges);
  if (fault !== undefined || order.kind === "cycle") return { deps, fault: fault ?? "cycle" };
  const depth = new Map<string, number>();
  for (const name of order.names)
    depth.set(name, Math.max(0, ...(edges.get(name) ?? []).map((each) => (depth.get(each) ?? 0) + 1)));
  return {
    deps,
    nodes: [...edges.keys()],
    edges: [...edges].flatMap(([name, each]) => each.map((before) => [before, name] as const)),
    // Upstream builds a graph without edges of them.
    ...(new Set(final.map(nameOf)).size === final.length && { finally: final.map(nameOf) }),
    waves: [...Map.groupBy(depth.keys(), (name) => depth.get(name) ?? 0).values()],
  };
}

/** In an order of its own, so that only what is in it counts. */
function inOrder({ deps = {}, nodes, edges, finally: final, waves, fault }: ReturnType<typeof graphOf>): unknown {
  return {
    fault,
    deps: Object.entries(deps)
      .map(([name, each]) => `${name}: ${each.toSorted().join(" ")}`)
      .toSorted(),
    nodes: nodes?.toSorted(),
    edges: edges?.map((each) => each.join(" → ")).toSorted(),
    finally: final?.toSorted(),
    waves: waves?.filter((each) => each.length > 0).map((each) => each.toSorted()),
  };
}

describe.skipIf(!present)("graphs are upstream's", () => {
  const known = rows.map((row) => ({ row, spec: specOf(row) })).filter(({ row }) => existsSync(join(home, row.file)));

  test("nodes, edges, waves and errors", () => {
    const differing = known.flatMap(({ row, spec }) => {
      if (spec === undefined) return [];
      const fault = faultIn(row.error);
      const theirs = inOrder(fault === undefined ? row : { deps: row.deps ?? {}, fault });
      const ours = inOrder(graphOf(spec));
      return JSON.stringify(theirs) === JSON.stringify(ours) ? [] : [{ file: row.file, theirs, ours }];
    });
    expect(differing).toEqual([]);
    expect(known.length).toBeGreaterThan(780);
  });

  test("a graph is built of every document but those that are named", () => {
    const none = known.filter(({ spec }) => spec === undefined).map(({ row }) => row.file);
    expect(none.toSorted()).toEqual(Object.keys(without).toSorted());
  });
});

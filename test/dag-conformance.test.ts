import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sourceFile } from "../packages/diagnostic/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { orderOf, predecessorsOf } from "../packages/plan/src/index.ts";
import { attemptResources, type PipelineSpec } from "../packages/tekton/src/index.ts";

/** The graphs that upstream builds of Pipelines. No part of this repository: without them nothing is compared. */
const home = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");
const present = existsSync(join(home, "dag.jsonl"));
if (!present) process.stderr.write(`SKIPPED: Tekton's graphs are not at ${home}; set TEKTON_CONFORMANCE_DIR.\n`);

interface Row {
  readonly file: string;
  readonly doc: number;
  readonly deps: Readonly<Record<string, readonly string[]>>;
  readonly waves?: readonly (readonly string[])[];
  readonly error?: string;
}

function specOf({ file, doc }: Row): PipelineSpec | undefined {
  const path = join(home, file);
  const parsed = existsSync(path) ? parseManifest(sourceFile(file, readFileSync(path, "utf8"))) : undefined;
  if (parsed?.ok !== true) return undefined;
  const found = attemptResources(parsed.value).resources.find(({ origin }) => origin.document.index === doc)?.resource;
  if (found?.kind === "PipelineRun") return found.spec.pipelineSpec;
  return found?.kind === "Pipeline" ? found.spec : undefined;
}

/** Tasks by the longest way to them, and the circle where there is one. */
function graphOf({ tasks = [] }: PipelineSpec): { readonly deps: Row["deps"]; readonly waves?: Row["waves"] } {
  // An unsound document may lack a name.
  const edges = new Map(tasks.map((task) => [(task.name as string | undefined) ?? "", predecessorsOf(task)]));
  const deps = Object.fromEntries(
    [...edges].filter(([, each]) => each.length > 0).map(([name, each]) => [name, [...each].sort()]),
  );
  const order = orderOf(edges);
  const whole = [...edges.values()].flat().every((each) => edges.has(each));
  if (order.kind === "cycle" || !whole || edges.size < tasks.length) return { deps };
  const depth = new Map<string, number>();
  for (const name of order.names)
    depth.set(name, Math.max(0, ...(edges.get(name) ?? []).map((each) => (depth.get(each) ?? 0) + 1)));
  const waves = [...Map.groupBy(depth.keys(), (name) => depth.get(name) ?? 0).values()].map((each) => [...each].sort());
  return { deps, waves };
}

test.skipIf(!present)("graphs are upstream's", () => {
  const rows = readFileSync(join(home, "dag.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);
  let agreed = 0;
  const differing: unknown[] = [];
  for (const row of rows) {
    const spec = specOf(row);
    if (spec === undefined) continue;
    const { deps, waves } = graphOf(spec);
    const expected = { deps: row.deps, waves: row.waves?.filter((each) => each.length > 0) };
    const same =
      JSON.stringify([sorted(deps), sortedWaves(waves)]) ===
      JSON.stringify([sorted(expected.deps), sortedWaves(expected.waves)]);
    if (same) agreed += 1;
    else differing.push({ file: row.file, error: row.error, theirs: expected, ours: { deps, waves } });
  }
  expect(differing).toEqual([]);
  expect(agreed).toBeGreaterThanOrEqual(787);
});

function sorted(deps: Row["deps"]): unknown {
  return Object.entries(deps)
    .map(([name, each]) => [name, [...each].sort()])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

function sortedWaves(waves: Row["waves"]): unknown {
  return waves === undefined ? "none" : waves.map((each) => [...each].sort());
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Diagnostic, sourceFile } from "../packages/diagnostic/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { planRun, type RunPlan } from "../packages/plan/src/index.ts";
import { resolveRun } from "../packages/resolution/src/index.ts";
import { listOf } from "../packages/run/src/index.ts";
import { readResources } from "../packages/tekton/src/index.ts";
import { scenarioDifferences } from "./scenario-differences.ts";
import { type Outcome, playWaves, type Simulated } from "./waves.ts";

/** What upstream's reconcilers did with scripted pipelines. No part of this repository: without it nothing is compared. */
const home = join(
  process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance"),
  "scenarios",
);
const present = existsSync(join(home, "index.jsonl"));
if (!present) process.stderr.write(`SKIPPED: Tekton's scenarios are not at ${home}; set TEKTON_CONFORMANCE_DIR.\n`);

interface Condition {
  readonly status: string;
  readonly reason: string;
  readonly message?: string;
}
interface Named {
  readonly name: string;
  readonly value: unknown;
}
interface TaskRunTrace {
  readonly name: string;
  readonly wave: number;
  readonly params?: readonly Named[];
  readonly conditions?: readonly Condition[];
  readonly results?: readonly Named[];
  readonly retriesStatusCount: number;
}
interface RunTrace {
  readonly name: string;
  readonly conditions?: readonly Condition[];
  readonly results?: readonly Named[];
  readonly skippedTasks?: readonly { readonly name: string; readonly reason: string }[];
}
interface Scenario {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly features: readonly string[];
  readonly flags: { readonly defaults: Readonly<Record<string, string>> };
  readonly outcomes: Readonly<Record<string, Outcome>>;
  readonly upstream: {
    readonly rejected: boolean;
    readonly open?: boolean;
    readonly pipelineRuns?: readonly RunTrace[];
    readonly taskRuns?: readonly TaskRunTrace[];
  };
}

type Planned = { readonly plan: RunPlan } | { readonly refused: readonly Diagnostic[] };

async function planned({ file, flags }: Scenario): Promise<Planned> {
  const parsed = parseManifest(sourceFile(file, readFileSync(join(home, file), "utf8")));
  const read = parsed.ok ? readResources(parsed.value) : parsed;
  if (!read.ok) return { refused: read.diagnostics };
  const resources = read.value.resources;
  const first = resources.find(({ resource }) => resource.kind === "PipelineRun" || resource.kind === "TaskRun");
  const choice =
    first === undefined ? undefined : { kind: first.resource.kind, name: first.resource.metadata.name ?? "" };
  const resolved = await resolveRun(resources, choice as Parameters<typeof resolveRun>[1], {
    catalogs: [],
    pins: new Map(),
    random: () => 0,
  });
  if (!resolved.ok) return { refused: resolved.diagnostics };
  const minutes = flags.defaults["default-timeout-minutes"];
  const plan = planRun(resolved.value, minutes === undefined ? {} : { defaultTimeout: Number(minutes) * 60_000 });
  return plan.ok ? { plan: plan.value } : { refused: plan.diagnostics };
}

/** Level 1 of the scenarios' README, as text, so that what differs can be read. */
function traceOf({ upstream }: Scenario): Readonly<Record<string, unknown>> {
  const [run] = upstream.pipelineRuns ?? [];
  const lone = upstream.taskRuns?.[0];
  return summary(
    run ?? lone,
    upstream.taskRuns ?? [],
    new Map((upstream.taskRuns ?? []).map(({ name, wave }) => [name, wave])),
  );
}

function oursOf({ state, waves }: Simulated): Readonly<Record<string, unknown>> {
  const { items } = listOf(state);
  const taskRuns = items
    .filter((each) => each.kind === "TaskRun")
    .map(({ metadata, spec, status }) => ({
      name: metadata.name ?? "",
      wave: 0,
      params: spec.params ?? [],
      conditions: status.conditions,
      results: status.results ?? [],
      retriesStatusCount: status.retriesStatus?.length ?? 0,
    }));
  const [first] = items;
  const run = first?.kind === "PipelineRun" ? { name: first.metadata.name ?? "", ...first.status } : taskRuns[0];
  return summary(run, taskRuns, waves);
}

function summary(
  run: RunTrace | undefined,
  taskRuns: readonly TaskRunTrace[],
  waves: ReadonlyMap<string, number>,
): Readonly<Record<string, unknown>> {
  const ranks = [...new Set(waves.values())].sort((a, b) => a - b);
  const [condition] = run?.conditions ?? [];
  const values = (list: readonly Named[] | undefined): unknown =>
    Object.fromEntries((list ?? []).map(({ name, value }) => [name, value]));
  return {
    run: `${condition?.status} ${condition?.reason}`,
    results: values(run?.results),
    skipped: Object.fromEntries((run?.skippedTasks ?? []).map(({ name, reason }) => [name, reason])),
    taskRuns: Object.fromEntries(
      taskRuns.map((each) => [
        each.name,
        {
          rank: ranks.indexOf(waves.get(each.name) ?? -1),
          params: values(each.params),
          retries: each.retriesStatusCount,
          condition: `${each.conditions?.[0]?.status} ${each.conditions?.[0]?.reason}`,
          results: values(each.results),
        },
      ]),
    ),
  };
}

type Verdict =
  | "agrees"
  | "refused as upstream"
  | "refused, unsupported"
  | "refused, differs"
  | "differs"
  | "ends where upstream hangs"
  | "hangs";

async function judge(scenario: Scenario): Promise<{ readonly verdict: Verdict; readonly why?: unknown }> {
  const outcome = await planned(scenario);
  if ("refused" in outcome) {
    if (outcome.refused.some(({ code }) => code === "field.unsupported")) return { verdict: "refused, unsupported" };
    const [run] = scenario.upstream.pipelineRuns ?? [];
    const failedAtOnce = run?.conditions?.[0]?.status === "False" && (scenario.upstream.taskRuns ?? []).length === 0;
    const lone = run === undefined && scenario.upstream.taskRuns?.[0]?.conditions?.[0]?.status === "False";
    return failedAtOnce || lone
      ? { verdict: "refused as upstream" }
      : { verdict: "refused, differs", why: outcome.refused.map(({ code, message }) => `${code}: ${message}`) };
  }
  const played = playWaves(outcome.plan, scenario.outcomes);
  if (played.state.finished === undefined) return { verdict: "hangs" };
  if (scenario.upstream.open === true) return { verdict: "ends where upstream hangs" };
  const [theirs, ours] = [traceOf(scenario), oursOf(played)];
  const same = JSON.stringify(sorted(theirs)) === JSON.stringify(sorted(ours));
  return same ? { verdict: "agrees" } : { verdict: "differs", why: differences(theirs, ours) };
}

/** Where two summaries differ: theirs, then ours. */
function differences(theirs: unknown, ours: unknown, path = ""): readonly string[] {
  if (JSON.stringify(sorted(theirs)) === JSON.stringify(sorted(ours))) return [];
  const both = [theirs, ours].every((each) => typeof each === "object" && each !== null);
  if (!both) return [`${path}: ${JSON.stringify(theirs)} | ${JSON.stringify(ours)}`];
  const [a, b] = [theirs, ours] as [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    differences(a[key], b[key], `${path}/${key}`),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

const scenarios = present
  ? readFileSync(join(home, "index.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Scenario)
      .filter(({ upstream }) => !upstream.rejected)
  : [];

test.skipIf(!present)("runs go as upstream's, or differ for a reason", { timeout: 120_000 }, async () => {
  const verdicts = new Map<Verdict, number>();
  const unexpected: unknown[] = [];
  for (const scenario of scenarios) {
    const { verdict, why } = await judge(scenario);
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    const differs = verdict === "differs" || verdict === "refused, differs" || verdict === "hangs";
    if (differs !== scenario.id in scenarioDifferences)
      unexpected.push({ id: scenario.id, name: scenario.name, verdict, why });
  }
  expect(unexpected).toEqual([]);
  expect(verdicts.get("agrees")).toBeGreaterThanOrEqual(406);
  expect(verdicts.get("refused as upstream")).toBeGreaterThanOrEqual(27);
  // What is refused by name; to become fewer.
  expect(verdicts.get("refused, unsupported")).toBeLessThanOrEqual(75);
});

test("every difference has a scenario", () => {
  const ids = new Set(scenarios.map(({ id }) => id));
  expect(Object.keys(scenarioDifferences).filter((id) => present && !ids.has(id))).toEqual([]);
});

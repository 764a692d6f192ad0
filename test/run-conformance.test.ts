import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type StepState } from "../packages/tekton/src/index.ts";
import { scenarioDifferences } from "./scenario-differences.ts";
import { type Answer, type Flags, simulated } from "./simulated.ts";

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
interface Reference {
  readonly name: string;
  readonly kind: string;
  readonly pipelineTaskName?: string;
  readonly displayName?: string;
  readonly whenExpressions?: unknown;
}
interface Named {
  readonly name: string;
  readonly value: unknown;
}
/** A TaskRun, CustomRun or child PipelineRun, upstream's or ours. */
interface Child {
  readonly name: string;
  readonly wave: number;
  readonly params?: readonly Named[];
  readonly conditions?: readonly Condition[];
  readonly results?: readonly Named[];
  readonly retriesStatusCount?: number;
  readonly timeout?: string;
  readonly serviceAccountName?: string;
  readonly workspaces?: readonly object[];
  readonly specStatus?: string;
  readonly statusMessage?: string;
  readonly steps?: readonly { readonly name: string; readonly [field: string]: unknown }[];
}
interface RunTrace {
  readonly name: string;
  readonly parent?: string;
  readonly conditions?: readonly Condition[];
  readonly results?: readonly Named[];
  readonly skippedTasks?: readonly {
    readonly name: string;
    readonly reason: string;
    readonly whenExpressions?: unknown;
  }[];
  readonly childReferences?: readonly Reference[];
  readonly timeouts?: unknown;
  readonly specStatus?: string;
}
interface Upstream {
  readonly rejected: boolean;
  readonly open?: boolean;
  readonly pipelineRuns?: readonly RunTrace[];
  readonly taskRuns?: readonly Child[];
  readonly customRuns?: readonly Child[];
}
interface Scenario {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly features: readonly string[];
  readonly flags: Flags;
  readonly outcomes: unknown;
  readonly upstream: Upstream;
}

/** Levels 1 and 2 of the scenarios' README, as data, so that what differs can be read. */
function summary({ pipelineRuns = [], taskRuns = [], customRuns = [] }: Upstream): unknown {
  const children = [...taskRuns, ...customRuns];
  const ranks = [...new Set(children.map(({ wave }) => wave))].sort((a, b) => a - b);
  const values = (list: readonly Named[] | undefined): unknown =>
    Object.fromEntries((list ?? []).map(({ name, value }) => [name, value]));
  const condition = (conditions: readonly Condition[] | undefined): string =>
    `${conditions?.[0]?.status} ${conditions?.[0]?.reason}: ${conditions?.[0]?.message ?? ""}`;
  return {
    runs: Object.fromEntries(
      pipelineRuns.map((run) => [
        run.name,
        {
          condition: condition(run.conditions),
          results: values(run.results),
          skipped: run.skippedTasks ?? [],
          references: Object.fromEntries((run.childReferences ?? []).map((each) => [each.name, each])),
          timeouts: run.timeouts,
          specStatus: run.specStatus ?? "",
        },
      ]),
    ),
    children: Object.fromEntries(
      children.map((each) => [
        each.name,
        {
          rank: ranks.indexOf(each.wave),
          params: values(each.params),
          retries: each.retriesStatusCount ?? 0,
          condition: condition(each.conditions),
          results: values(each.results),
          timeout: each.timeout,
          serviceAccountName: each.serviceAccountName,
          workspaces: each.workspaces ?? [],
          specStatus: `${each.specStatus ?? ""} ${each.statusMessage ?? ""}`,
          // Without a container, a step was never there.
          steps: (each.steps ?? []).filter(({ container }) => container !== null),
        },
      ]),
    ),
  };
}

/** Our list in the shape of upstream's trace. */
function traceOf({ list }: Answer): Upstream {
  const items = list?.items ?? [];
  const childrenOf = (kind: string): readonly Child[] =>
    items
      .filter((each) => each.kind === kind)
      .map(({ metadata, spec, status }) => ({
        name: metadata.name ?? "",
        wave: Number(metadata.annotations?.["lapcat.dev/wave"] ?? 0),
        params: spec.params ?? [],
        conditions: status.conditions,
        results: status.results ?? [],
        retriesStatusCount: "retriesStatus" in status ? (status.retriesStatus?.length ?? 0) : 0,
        ...("timeout" in spec && spec.timeout !== undefined && { timeout: spec.timeout }),
        ...("serviceAccountName" in spec && { serviceAccountName: spec.serviceAccountName ?? "" }),
        ...("workspaces" in spec && { workspaces: spec.workspaces ?? [] }),
        specStatus: spec.status ?? "",
        statusMessage: "statusMessage" in spec ? String(spec.statusMessage) : "",
        ...("steps" in status && { steps: (status.steps ?? []).map(stepOf) }),
      }));
  return {
    rejected: false,
    pipelineRuns: items
      .filter((each) => each.kind === "PipelineRun")
      .map(({ metadata, spec, status }) => ({
        name: metadata.name ?? "",
        ...status,
        timeouts: "timeouts" in spec ? spec.timeouts : undefined,
        specStatus: spec.status ?? "",
      })),
    taskRuns: childrenOf("TaskRun"),
    customRuns: childrenOf("CustomRun"),
  };
}

function stepOf({ name, container, terminated, terminationReason, results }: StepState): {
  readonly name: string;
  readonly [field: string]: unknown;
} {
  const { exitCode, reason } = terminated ?? {};
  return { name, container, exitCode, reason, terminationReason, ...(results !== undefined && { results }) };
}

type Verdict = "agrees" | "refused as upstream" | "refused, unsupported" | "refused, differs" | "differs" | "open";

async function judge(scenario: Scenario): Promise<{ readonly verdict: Verdict; readonly why?: unknown }> {
  const { file, outcomes, flags, upstream } = scenario;
  const answer = await simulated(join(home, file), outcomes, flags);
  if (answer.list === undefined) {
    if (upstream.rejected) return { verdict: "refused as upstream" };
    const unsupported = answer.told.includes("error[field.unsupported]");
    return { verdict: unsupported ? "refused, unsupported" : "refused, differs", why: answer.told };
  }
  if (upstream.rejected) return { verdict: "differs", why: "upstream's admission refuses it" };
  const ours = traceOf(answer);
  if (upstream.open === true && !scenario.features.includes("pending"))
    return { verdict: ours.pipelineRuns?.every(ended) === true ? "agrees" : "open" };
  const why = differences(summary(upstream), summary(ours));
  return why.length === 0 ? { verdict: "agrees" } : { verdict: "differs", why };
}

function ended({ conditions }: RunTrace): boolean {
  return conditions?.[0]?.status === "True" || conditions?.[0]?.status === "False";
}

/** Where two summaries differ: theirs, then ours. */
function differences(theirs: unknown, ours: unknown, path = ""): readonly string[] {
  if (JSON.stringify(sorted(theirs)) === JSON.stringify(sorted(ours)) || (isEmpty(theirs) && isEmpty(ours))) return [];
  const both = [theirs, ours].every((each) => typeof each === "object" && each !== null);
  if (!both) return [`${path}: ${JSON.stringify(theirs)} | ${JSON.stringify(ours)}`];
  const [a, b] = [theirs, ours] as [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    differences(a[key], b[key], `${path}/${key}`),
  );
}

/** Absent means empty. */
function isEmpty(value: unknown): boolean {
  return value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
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
  : [];

test.skipIf(!present)("runs go as upstream's, or differ for a reason", { timeout: 240_000 }, async () => {
  const verdicts = new Map<Verdict, number>();
  const unexpected: unknown[] = [];
  for (const scenario of scenarios) {
    const { verdict, why } = await judge(scenario);
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    const differs = verdict !== "agrees" && verdict !== "refused as upstream";
    if (differs !== scenario.id in scenarioDifferences)
      unexpected.push({ id: scenario.id, name: scenario.name, verdict, why });
  }
  if (process.env["LAPCAT_VERDICTS"] !== undefined) process.stderr.write(`${JSON.stringify([...verdicts])}\n`);
  expect(unexpected).toEqual([]);
});

test("every difference has a scenario", () => {
  const ids = new Set(scenarios.map(({ id }) => id));
  expect(Object.keys(scenarioDifferences).filter((id) => present && !ids.has(id))).toEqual([]);
});

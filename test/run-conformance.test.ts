import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exampleDifferences, runDifferences, scenarioDifferences } from "./scenario-differences.ts";
import { type Flags, simulated } from "./simulated.ts";
import { differences, type RunTrace, partialSummary, summary, traceOf, type Upstream } from "./traces.ts";

/** What upstream's reconcilers did. No part of this repository: without it nothing is compared. */
const home = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");
const present = existsSync(join(home, "scenarios/index.jsonl"));
if (!present) process.stderr.write(`SKIPPED: Tekton's traces are not at ${home}; set TEKTON_CONFORMANCE_DIR.\n`);

/** A document, a script, and what came of it. */
interface Trace {
  readonly id: string;
  readonly file: string;
  readonly flags: Flags;
  readonly outcomes: unknown;
  readonly upstream: Upstream;
  /** What is absent is not told. */
  readonly isPartial?: boolean;
}

type Verdict = "agrees" | "refused as upstream" | "refused" | "differs" | "open";

async function judge({ file, outcomes, flags, upstream, isPartial }: Trace): Promise<readonly [Verdict, unknown]> {
  const answer = await simulated(join(home, file), outcomes, flags);
  if (answer.list === undefined) return upstream.rejected ? ["refused as upstream", ""] : ["refused", answer.told];
  if (upstream.rejected) return ["differs", "upstream's admission refuses it"];
  const ours = traceOf(answer);
  // Upstream waits for ever where it has a defect, and where a run is pending.
  const isPending = (upstream.pipelineRuns ?? []).some(({ conditions }) => conditions?.[0]?.reason.endsWith("Pending"));
  if (upstream.open === true && !isPending) return [ours.pipelineRuns?.every(ended) === true ? "agrees" : "open", ""];
  const why = differences((isPartial === true ? partialSummary : summary)(upstream), summary(ours));
  return why.length === 0 ? ["agrees", ""] : ["differs", why];
}

function ended({ conditions }: RunTrace): boolean {
  return conditions?.[0]?.status === "True" || conditions?.[0]?.status === "False";
}

function lines<T>(file: string): readonly T[] {
  if (!present) return [];
  return readFileSync(join(home, file), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}

function scenarios(): readonly Trace[] {
  return lines<Trace>("scenarios/index.jsonl").map((each) => ({ ...each, file: `scenarios/${each.file}` }));
}

interface Created {
  readonly created: readonly { readonly name: string; readonly wave: number }[];
}
type Untimed = Upstream & Created;

/** With the wave of each child, which these tell apart. */
function timed({ created, taskRuns, customRuns, ...rest }: Untimed, rejected: boolean): Upstream {
  const waves = new Map(created.map(({ name, wave }) => [name, wave]));
  const withWaves = (children: Upstream["taskRuns"] | null): NonNullable<Upstream["taskRuns"]> =>
    (children ?? []).map((each) => ({ ...each, wave: waves.get(each.name) ?? 0 }));
  return { ...rest, rejected, taskRuns: withWaves(taskRuns), customRuns: withWaves(customRuns) };
}

interface RunLine {
  readonly file: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly defaults: Readonly<Record<string, string>>;
  readonly admission: readonly { readonly valid: boolean }[];
  readonly outcome: Untimed;
}

function runs(): readonly Trace[] {
  return lines<RunLine>("runs/index.jsonl").map(({ file, flags, defaults, admission, outcome }) => ({
    id: file.replace(".yaml", ""),
    file: `runs/${file}`,
    flags: { gate: "default", flags, defaults },
    outcomes: {},
    isPartial: true,
    upstream: timed(
      outcome,
      admission.some(({ valid }) => !valid),
    ),
  }));
}

function withoutSteps(each: Untimed): Untimed {
  return { ...each, taskRuns: (each.taskRuns ?? []).map((one) => omitSteps(one)) };
}

function omitSteps(one: NonNullable<Upstream["taskRuns"]>[number]): NonNullable<Upstream["taskRuns"]>[number] {
  return Object.fromEntries(Object.entries(one).filter(([field]) => field !== "steps")) as unknown as typeof one;
}

function examples(): readonly Trace[] {
  return lines<Untimed & { readonly file: string }>("example-runs.jsonl").map((each) => ({
    id: each.file.replace("examples/v1/", ""),
    file: each.file,
    flags: { gate: "alpha-all", flags: {}, defaults: {} },
    outcomes: {},
    isPartial: true,
    // Of steps only the names are told.
    upstream: timed(withoutSteps(each), false),
  }));
}

test.skipIf(!present).for([
  { what: "scripted pipelines", traces: scenarios, differ: scenarioDifferences },
  { what: "the cases of upstream's own tests", traces: runs, differ: runDifferences },
  { what: "upstream's examples", traces: examples, differ: exampleDifferences },
])("$what run as upstream's, or differ for a reason", { timeout: 240_000 }, async ({ what, traces, differ }) => {
  const verdicts: Partial<Record<Verdict, number>> = {};
  const unexpected: unknown[] = [];
  const ids = new Set<string>();
  for (const trace of traces()) {
    ids.add(trace.id);
    const [verdict, why] = await judge(trace);
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    const differs = verdict !== "agrees" && verdict !== "refused as upstream";
    if (differs !== trace.id in differ) unexpected.push({ id: trace.id, verdict, why });
  }
  if (process.env["LAPCAT_VERDICTS"] !== undefined)
    process.stderr.write(`VERDICTS ${what} ${JSON.stringify(verdicts)}\n`);
  expect(unexpected).toEqual([]);
  expect(Object.keys(differ).filter((id) => !ids.has(id))).toEqual([]);
});

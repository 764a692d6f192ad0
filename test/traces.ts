import { type StepState } from "../packages/tekton/src/index.ts";
import { type Answer } from "./simulated.ts";

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
export interface RunTrace {
  readonly name: string;
  /** Of a child. */
  readonly parent?: string;
  readonly pipelineTask?: string;
  readonly params?: readonly Named[];
  readonly workspaces?: readonly object[];
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
export interface Upstream {
  readonly rejected: boolean;
  readonly open?: boolean;
  readonly pipelineRuns?: readonly RunTrace[];
  readonly taskRuns?: readonly Child[];
  readonly customRuns?: readonly Child[];
}
/** Levels 1 and 2 of the scenarios' README, as data, so that what differs can be read. */
export function summary({ pipelineRuns = [], taskRuns = [], customRuns = [] }: Upstream, absent?: symbol): unknown {
  const children = [...taskRuns, ...customRuns];
  const ranks = [...new Set(children.map(({ wave }) => wave))].sort((a, b) => a - b);
  const values = (list: readonly Named[] | null | undefined): unknown =>
    list === undefined ? absent : Object.fromEntries((list ?? []).map(({ name, value }) => [name, value]));
  const condition = (conditions: readonly Condition[] | undefined): unknown =>
    conditions === undefined
      ? absent
      : `${conditions[0]?.status} ${conditions[0]?.reason}: ${conditions[0]?.message ?? ""}`;
  return {
    runs: Object.fromEntries(
      pipelineRuns.map((run) => [
        run.name,
        {
          condition: condition(run.conditions),
          results: values(run.results),
          skipped: run.skippedTasks ?? [],
          references: Object.fromEntries((run.childReferences ?? []).map((each) => [each.name, each])),
          timeouts: run.timeouts ?? absent,
          specStatus: run.specStatus ?? absent,
          parent: run.parent ?? absent,
          pipelineTask: run.pipelineTask ?? absent,
          params: run.parent === undefined ? absent : values(run.params ?? []),
          workspaces: run.parent === undefined ? absent : (run.workspaces ?? []),
        },
      ]),
    ),
    children: Object.fromEntries(
      children.map((each) => [
        each.name,
        {
          rank: ranks.indexOf(each.wave),
          params: values(each.params),
          retries: each.retriesStatusCount ?? absent,
          condition: condition(each.conditions),
          results: values(each.results),
          timeout: each.timeout ?? absent,
          serviceAccountName: each.serviceAccountName ?? absent,
          workspaces: each.workspaces ?? absent,
          specStatus: each.specStatus ?? absent,
          statusMessage: each.statusMessage ?? absent,
          // Without a container, a step was never there.
          steps: each.steps?.filter(({ container }) => container !== null) ?? absent,
        },
      ]),
    ),
  };
}

/** What a trace does not tell. */
const untold: unique symbol = Symbol("untold");

/** The same of a trace in which what is absent is not told. */
export function partialSummary(upstream: Upstream): unknown {
  return summary(upstream, untold);
}

/** Our list in the shape of upstream's trace. */
export function traceOf({ list }: Answer): Upstream {
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
      .map(({ metadata: { name = "", labels }, spec, status }) => ({
        name,
        ...(labels?.["tekton.dev/pipelineRun"] !== undefined && {
          parent: labels["tekton.dev/pipelineRun"],
          pipelineTask: labels["tekton.dev/pipelineTask"] ?? "",
          params: spec.params ?? [],
          workspaces: "workspaces" in spec ? (spec.workspaces ?? []) : [],
        }),
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

/** Where two summaries differ: theirs, then ours. */
export function differences(theirs: unknown, ours: unknown, path = ""): readonly string[] {
  if (theirs === untold) return [];
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
  return [undefined, "", "[]", "{}", "0"].includes(typeof value === "string" ? value : JSON.stringify(value));
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

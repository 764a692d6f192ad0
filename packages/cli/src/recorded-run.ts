import { type Diagnostic, LapcatError, sourceFile } from "@lapcat/diagnostic";
import { type JsonObject, parseManifest } from "@lapcat/manifest";
import { type RunPlan } from "@lapcat/plan";
import { resolveRun } from "@lapcat/resolution";
import { begin, evolve, type Recorded, type RunState } from "@lapcat/run";
import { type RunReader } from "@lapcat/store";
import {
  attemptResources,
  type Fetched,
  type Gates,
  gatesFrom,
  gatesOfVersion,
  type Located,
  readVersion,
  withCel,
} from "@lapcat/tekton";
import { type Invocation } from "./invocation.ts";
import { withClaims } from "./plan-claims.ts";
import { planWithGates } from "./plan-with-gates.ts";
import { fetchedKind, invocationKind, provenanceKind } from "./record.ts";
import { type Sources, withSources } from "./sources.ts";

/** What a run's record holds. */
export interface RecordedRun {
  readonly reader: RunReader;
  /** Values of Secrets are masked. */
  readonly resources: readonly Located[];
  readonly provenance: JsonObject | undefined;
  readonly fetched: readonly Fetched[];
  /** Absent in records of an older lapcat. */
  readonly invocation: Invocation | undefined;
}

/** Rejects when the record is damaged. */
export function recordedRun(reader: RunReader): RecordedRun {
  const parsed = parseManifest(sourceFile("run.yaml", reader.manifest));
  if (!parsed.ok) throw damaged(reader, parsed.diagnostics);
  const own = (kind: string): JsonObject | undefined =>
    parsed.value.map(({ value }) => value).find((value): value is JsonObject => isOfKind(value, kind));
  return {
    reader,
    resources: attemptResources(parsed.value).resources,
    provenance: own(provenanceKind),
    // Both written by this program, and read by it alone.
    fetched: (own(fetchedKind)?.["definitions"] ?? []) as unknown as readonly Fetched[],
    invocation: own(invocationKind) as unknown as Invocation | undefined,
  };
}

/** The run as it was planned when it began. Rejects when the record is damaged. */
export async function planOf(recorded: RecordedRun): Promise<RunPlan> {
  const { reader, resources, provenance, fetched, invocation } = recorded;
  const gates = await gatesOf(recorded);
  const uid = resources.find(isRun)?.resource.metadata.uid;
  const resolved = await resolveRun(resources, undefined, {
    catalogs: [],
    pins: new Map(),
    random: () => 0,
    ...(uid !== undefined && { uid }),
    remote: { kind: "record", fetched },
    admission: { settings: invocation?.settings ?? {}, gates },
  });
  if (!resolved.ok) throw damaged(reader, resolved.diagnostics);
  const plan = planWithGates(gates, withSources(resolved.value, (provenance ?? {}) as Sources), {
    runsCustom: () => true,
  });
  if (!plan.ok) throw damaged(reader, plan.diagnostics);
  return withClaims(plan.value, recorded.invocation?.claims ?? {});
}

/** The state of a kept run: its record planned again, with its facts folded in. Rejects when the record is damaged. */
export async function stateOf(reader: RunReader, events: readonly Recorded[]): Promise<RunState> {
  return events.reduce(evolve, begin(await planOf(recordedRun(reader))));
}

/** As they were. What evaluates CEL is large: only where there is some. */
export async function gatesOf({ reader, invocation, provenance }: RecordedRun): Promise<Gates> {
  const text = provenance?.["tektonVersion"];
  const tekton = typeof text === "string" ? readVersion(text) : undefined;
  const gates = gatesFrom(invocation?.settings ?? {}, gatesOfVersion(typeof tekton === "object" ? tekton : undefined));
  return reader.manifest.includes("cel:") ? withCel({ ...gates, celInWhen: true }) : gates;
}

function damaged({ directory }: RunReader, [first]: readonly Diagnostic[]): LapcatError {
  return new LapcatError({
    code: "store.damaged",
    message: `${directory}/run.yaml cannot be read again: ${first?.message ?? ""}`,
    hint: "`lapcat describe` without -o and `lapcat logs` need only the events and still work",
  });
}

function isOfKind(value: unknown, kind: string): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}

function isRun({ resource: { kind } }: Located): boolean {
  return kind === "PipelineRun" || kind === "TaskRun";
}

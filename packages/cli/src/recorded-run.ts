import { type Diagnostic, LapcatError, sourceFile } from "@lapcat/diagnostic";
import { type JsonObject, parseManifest } from "@lapcat/manifest";
import { type RunPlan } from "@lapcat/plan";
import { resolveRun } from "@lapcat/resolution";
import { begin, evolve, type Recorded, type RunState } from "@lapcat/run";
import { type RunReader } from "@lapcat/store";
import {
  attemptResources,
  type Gates,
  gatesFrom,
  gatesOfVersion,
  type Located,
  readVersion,
  type ResolvedRun,
  withCel,
} from "@lapcat/tekton";
import { type Invocation } from "./invocation.ts";
import { withClaims } from "./plan-claims.ts";
import { planWithGates } from "./plan-with-gates.ts";
import { invocationKind, provenanceKind } from "./record.ts";
import { type Sources, withSources } from "./sources.ts";

/** What a run's record holds. */
export interface RecordedRun {
  readonly reader: RunReader;
  /** Values of Secrets are masked. */
  readonly resources: readonly Located[];
  readonly provenance: JsonObject | undefined;
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
    // Written by this program, and read by it alone.
    invocation: own(invocationKind) as unknown as Invocation | undefined,
  };
}

/** The run as it was planned when it began. Rejects when the record is damaged. */
export async function planOf(recorded: RecordedRun): Promise<RunPlan> {
  const { reader, resources, provenance } = recorded;
  const resolved = await resolveRun(resources, undefined, { catalogs: [], pins: new Map(), random: () => 0 });
  if (!resolved.ok) throw damaged(reader, resolved.diagnostics);
  const plan = planWithGates(await gatesOf(recorded), asItWas(resolved.value, resources, provenance), {
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

/** With the uid that it had, and with where its definitions came from. */
function asItWas(resolved: ResolvedRun, resources: readonly Located[], record: JsonObject | undefined): ResolvedRun {
  const uid = resources.find(({ resource }) => resource.kind === resolved.kind)?.resource.metadata.uid;
  const withUid = <R extends ResolvedRun["run"]>(run: R): R => ({
    ...run,
    resource: { ...run.resource, metadata: { ...run.resource.metadata, ...(uid === undefined ? {} : { uid }) } },
  });
  const known = withSources(resolved, (record ?? {}) as Sources);
  return known.kind === "TaskRun" ? { ...known, run: withUid(known.run) } : { ...known, run: withUid(known.run) };
}

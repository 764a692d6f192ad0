import { LapcatError, sourceFile } from "@lapcat/diagnostic";
import { type JsonObject, parseManifest, stringifyManifest } from "@lapcat/manifest";
import { planRun, type RunPlan } from "@lapcat/plan";
import { resolveRun } from "@lapcat/resolution";
import { begin, evolve, type Recorded, type RunState } from "@lapcat/run";
import { type RunReader } from "@lapcat/store";
import {
  defaultGates,
  withCel,
  attemptResources,
  type ClusterObjects,
  type Located,
  type Provenance,
  pipelinesOf,
  type ResolvedChild,
  type ResolvedPipeline,
  type ResolvedPipelineRun,
  type ResolvedRun,
  type ResolvedTask,
  readVersion,
  tasksOf,
  type TektonResource,
  type TektonVersion,
  versionText,
} from "@lapcat/tekton";

/** Stands in a run's record where a secret value was. */
const masked = "***";

/** A document of ours in the record: where the definitions were taken from, which their copies in the record cannot tell. */
const provenanceVersion = "lapcat.dev/v1";
const provenanceKind = "Provenance";

/**
 * A closed run as documents that can be run again: the run as it was made, with every definition and object it refers to.
 * Of Secrets only the keys.
 */
export function closedManifest(resolved: ResolvedRun, { tekton }: Pick<RunPlan, "tekton">): string {
  const apiVersion = "tekton.dev/v1";
  const namespace = resolved.run.resource.metadata.namespace ?? "default";
  const named = tasksOf(resolved).filter(
    (task) => !task.embedded && task.custom === undefined && task.name !== undefined,
  );
  const tasks = new Map(named.map((task) => [task.name, task]));
  const definition = (kind: string, { name, labels, annotations, spec }: Definition): unknown => ({
    apiVersion,
    kind,
    metadata: { name, namespace, labels, annotations },
    spec,
  });
  const pipelines = new Map(
    pipelinesOf(resolved).flatMap((each) =>
      each.embedded ? [] : [[each.name, definition("Pipeline", each)] as const],
    ),
  );
  const provenance = {
    apiVersion: provenanceVersion,
    kind: provenanceKind,
    ...(tekton !== undefined && { tektonVersion: versionText(tekton) }),
    ...(resolved.kind === "PipelineRun"
      ? { pipeline: resolved.pipeline.provenance, ...sourcesIn(resolved) }
      : { task: resolved.task.provenance }),
  };
  return stringifyManifest([
    resolved.run.resource,
    ...pipelines.values(),
    ...[...tasks.values()].map((task) => definition("Task", task)),
    ...stepActionsOf(resolved),
    ...objectsOf(resolved.objects),
    provenance,
  ]);
}

interface Definition {
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: unknown;
}

/** Each once, however many Tasks refer to it. */
function stepActionsOf(resolved: ResolvedRun): readonly unknown[] {
  const all = tasksOf(resolved).flatMap(({ stepActions }) => [...(stepActions ?? [])]);
  return [...new Map(all).values()].map(({ resource }) => resource);
}

function objectsOf(objects: ClusterObjects): readonly unknown[] {
  const all: readonly Located[] = [
    ...objects.secrets.values(),
    ...objects.configMaps.values(),
    ...objects.serviceAccounts.values(),
    ...objects.claims.values(),
  ];
  return all.map(({ resource }) => written(resource));
}

function written(resource: TektonResource): unknown {
  if (resource.kind === "Secret") {
    const { data, ...rest } = resource;
    return { ...rest, metadata: bare(resource), stringData: mapValues(data, () => masked) };
  }
  if (resource.kind === "ConfigMap")
    return {
      ...resource,
      binaryData: mapValues(resource.binaryData, (bytes) => Buffer.from(bytes).toString("base64")),
    };
  return resource;
}

/** `kubectl apply` keeps what it applied in an annotation, values and all. */
function bare({ metadata }: TektonResource): TektonResource["metadata"] {
  const { "kubectl.kubernetes.io/last-applied-configuration": _, ...annotations } = metadata.annotations ?? {};
  return { ...metadata, annotations };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, made: (value: A) => B): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, made(value)]));
}

/** The state of a kept run: its record planned again, with its facts folded in. Rejects when the record is damaged. */
export async function stateOf(reader: RunReader, events: readonly Recorded[]): Promise<RunState> {
  const damaged = (why: string): LapcatError =>
    new LapcatError({
      code: "store.damaged",
      message: `${reader.directory}/run.yaml cannot be read again: ${why}`,
      hint: "`lapcat describe` without -o and `lapcat logs` need only the events and still work",
    });
  const parsed = parseManifest(sourceFile("run.yaml", reader.manifest));
  if (!parsed.ok) throw damaged(parsed.diagnostics[0]?.message ?? "");
  const { resources } = attemptResources(parsed.value);
  const resolved = await resolveRun(resources, undefined, { catalogs: [], pins: new Map(), random: () => 0 });
  if (!resolved.ok) throw damaged(resolved.diagnostics[0]?.message ?? "");
  const provenance = parsed.value.map(({ value }) => value).find(isProvenance);
  const { evaluateCel } = reader.manifest.includes("cel:") ? await withCel({ ...defaultGates, celInWhen: true }) : {};
  const plan = planRun(asItWas(resolved.value, resources, provenance), {
    ...(evaluateCel !== undefined && { evaluateCel }),
    ...versionIn(provenance),
    runsCustom: () => true,
  });
  if (!plan.ok) throw damaged(plan.diagnostics[0]?.message ?? "");
  return events.reduce(evolve, begin(plan.value));
}

function versionIn(record: JsonObject | undefined): { readonly tekton?: TektonVersion } {
  const text = record?.["tektonVersion"];
  const tekton = typeof text === "string" ? readVersion(text) : undefined;
  return typeof tekton === "object" ? { tekton } : {};
}

function isProvenance(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === provenanceKind;
}

type Entries = Pick<ResolvedPipelineRun, "tasks" | "children">;

interface EntrySources {
  /** By PipelineTask. */
  readonly tasks?: Readonly<Record<string, Provenance>>;
  /** Of those that are Pipelines of their own. */
  readonly children?: Readonly<Record<string, EntrySources & { readonly pipeline: Provenance }>>;
}

/** A lone TaskRun has one. */
interface Sources extends EntrySources {
  readonly pipeline?: Provenance;
  readonly task?: Provenance;
}

function sourcesIn({ tasks, children }: Entries): EntrySources {
  const inside = [...children].flatMap(([name, child]) =>
    child.kind === "cycle" ? [] : [[name, { pipeline: child.pipeline.provenance, ...sourcesIn(child) }] as const],
  );
  return {
    tasks: Object.fromEntries([...tasks].map(([name, task]) => [name, task.provenance])),
    ...(inside.length > 0 && { children: Object.fromEntries(inside) }),
  };
}

function known<D extends ResolvedTask | ResolvedPipeline>(definition: D, provenance: Provenance | undefined): D {
  return provenance === undefined ? definition : { ...definition, provenance };
}

function withSources({ tasks, children }: Entries, sources: EntrySources | undefined): Entries {
  const asKnown = (name: string, child: ResolvedChild): ResolvedChild => {
    if (child.kind === "cycle") return child;
    const own = sources?.children?.[name];
    return { ...child, pipeline: known(child.pipeline, own?.pipeline), ...withSources(child, own) };
  };
  return {
    tasks: new Map([...tasks].map(([name, task]) => [name, known(task, sources?.tasks?.[name])])),
    children: new Map([...children].map(([name, child]) => [name, asKnown(name, child)])),
  };
}

/** With the uid that it had, and with where its definitions came from. */
function asItWas(resolved: ResolvedRun, resources: readonly Located[], record: JsonObject | undefined): ResolvedRun {
  const uid = resources.find(({ resource }) => resource.kind === resolved.kind)?.resource.metadata.uid;
  const sources = (record ?? {}) as Sources;
  const withUid = <R extends ResolvedRun["run"]>(run: R): R => ({
    ...run,
    resource: { ...run.resource, metadata: { ...run.resource.metadata, ...(uid === undefined ? {} : { uid }) } },
  });
  if (resolved.kind === "TaskRun")
    return { ...resolved, run: withUid(resolved.run), task: known(resolved.task, sources.task) };
  return {
    ...resolved,
    run: withUid(resolved.run),
    pipeline: known(resolved.pipeline, sources.pipeline),
    ...withSources(resolved, sources),
  };
}

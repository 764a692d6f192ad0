import { stringifyManifest } from "@lapcat/manifest";
import { type RunPlan } from "@lapcat/plan";
import {
  type ClusterObjects,
  type Located,
  pipelinesOf,
  type ResolvedRun,
  tasksOf,
  type TektonResource,
  versionText,
} from "@lapcat/tekton";
import { type Invocation } from "./invocation.ts";
import { sourcesOf } from "./sources.ts";

/** Stands in a run's record where a secret value was. */
const masked = "***";

const ownVersion = "lapcat.dev/v1";
/** A document of ours in the record: where the definitions were taken from, which their copies in the record cannot tell. */
export const provenanceKind = "Provenance";
/** What resolvers gave: nobody is asked again. */
export const fetchedKind = "Fetched";
/** Another: see `Invocation`. */
export const invocationKind = "Invocation";

/**
 * A closed run as documents that can be run again: the run as it was made, with every definition and object it refers to.
 * Of Secrets only the keys.
 */
export function closedManifest(
  resolved: ResolvedRun,
  { tekton }: Pick<RunPlan, "tekton">,
  invocation: Invocation,
): string {
  const apiVersion = "tekton.dev/v1";
  const namespace = resolved.run.resource.metadata.namespace ?? "default";
  const named = tasksOf(resolved).filter(
    ({ embedded, custom, remote, name }) => !embedded && custom === undefined && remote !== true && name !== undefined,
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
      each.embedded || each.remote === true ? [] : [[each.name, definition("Pipeline", each)] as const],
    ),
  );
  const provenance = {
    apiVersion: ownVersion,
    kind: provenanceKind,
    ...(tekton !== undefined && { tektonVersion: versionText(tekton) }),
    ...sourcesOf(resolved),
  };
  return stringifyManifest([
    resolved.run.resource,
    ...pipelines.values(),
    ...[...tasks.values()].map((task) => definition("Task", task)),
    ...stepActionsOf(resolved),
    ...objectsOf(resolved.objects),
    ...(resolved.fetched === undefined
      ? []
      : [{ apiVersion: ownVersion, kind: fetchedKind, definitions: resolved.fetched }]),
    provenance,
    { apiVersion: ownVersion, kind: invocationKind, ...invocation },
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
  const all = tasksOf(resolved).flatMap(({ stepActions, stepSources }) =>
    [...(stepActions ?? [])].filter(([key]) => stepSources?.has(key) !== true),
  );
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

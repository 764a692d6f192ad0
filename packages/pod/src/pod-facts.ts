import { type ResourceSpec } from "@lapcat/engine";
import { parseQuantity, type DownwardItem, type ResourceRequirements } from "@lapcat/tekton";

/** What the downward API can tell of a Pod before it runs. */
export interface PodFacts {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly nodeName: string;
  readonly serviceAccountName: string;
  /** What the containers state, by their names in the Pod. */
  readonly resources: ReadonlyMap<string, ResourceRequirements | undefined>;
}

type Answer = { readonly known: true; readonly value: string } | { readonly known: false };
const unknown: Answer = { known: false };
const known = (value: string): Answer => ({ known: true, value });

/** A `fieldRef`. The Pod's containers share one network, so it is to be found at the loopback address. */
export function podField(path: string, pod: PodFacts): Answer {
  const keyed = /^metadata\.(labels|annotations)\['([^']*)'\]$/u.exec(path);
  if (keyed !== null) return known((keyed[1] === "labels" ? pod.labels : pod.annotations)[keyed[2] ?? ""] ?? "");
  switch (path) {
    case "metadata.name":
      return known(pod.name);
    case "metadata.namespace":
      return known(pod.namespace);
    case "metadata.uid":
      return known(pod.uid);
    case "metadata.labels":
      return known(lines(pod.labels));
    case "metadata.annotations":
      return known(lines(pod.annotations));
    case "spec.nodeName":
      return known(pod.nodeName);
    case "spec.serviceAccountName":
      return known(pod.serviceAccountName);
    case "status.podIP":
    case "status.podIPs":
    case "status.hostIP":
    case "status.hostIPs":
      return known("127.0.0.1");
    default:
      return unknown;
  }
}

/** A `resourceFieldRef`: of a limit or request that the container states. Without one Kubernetes tells the node's, which nothing here knows. */
export function resourceField(
  reference: NonNullable<DownwardItem["resourceFieldRef"]>,
  resources: ResourceRequirements | undefined,
): Answer {
  const match = /^(limits|requests)\.(.+)$/u.exec(reference.resource);
  const [, list, resource = ""] = match ?? [];
  const limit = resources?.limits?.[resource];
  // A request that is not stated is what the limit is.
  const quantity = match === null ? undefined : list === "limits" ? limit : (resources?.requests?.[resource] ?? limit);
  const amount = quantity === undefined ? undefined : parseQuantity(quantity);
  const divisor = parseQuantity(reference.divisor ?? 1);
  if (amount === undefined || divisor === undefined) return unknown;
  return known(String(Math.ceil(amount / (divisor === 0 ? 1 : divisor))));
}

/** Limits as the engine takes them. */
export function resourceSpec(resources: ResourceRequirements | undefined): ResourceSpec {
  const cpus = resources?.limits?.["cpu"] === undefined ? undefined : parseQuantity(resources.limits["cpu"]);
  const memory = resources?.limits?.["memory"] === undefined ? undefined : parseQuantity(resources.limits["memory"]);
  return { ...(cpus === undefined ? {} : { cpus }), ...(memory === undefined ? {} : { memory: Math.floor(memory) }) };
}

function lines(pairs: Readonly<Record<string, string>>): string {
  return Object.keys(pairs)
    .sort()
    .map((key) => `${key}=${JSON.stringify(pairs[key] ?? "")}`)
    .join("\n");
}

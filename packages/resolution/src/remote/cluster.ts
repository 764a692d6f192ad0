import { createHash } from "node:crypto";
import { didYouMean, type Result, succeed } from "@lapcat/diagnostic";
import { stringifyManifest } from "@lapcat/manifest";
import { type Located, type Param } from "@lapcat/tekton";
import { refusal } from "./refusal.ts";
import { type RemoteText, type Resolver } from "./resolver.ts";
import { textParams } from "./text-params.ts";

/** Objects of every namespace among the documents, which are all that the cluster has (pkg/resolution/resolver/cluster). */
export function clusterResolver(documents: readonly Located[]): Resolver {
  return (request, world) => {
    const asked = askedFor(request.params, world.settings("cluster-resolver-config"));
    const placed = documents.map((each) => ({
      located: each,
      in: each.resource.metadata.namespace ?? request.namespace,
    }));
    return Promise.resolve(asked.ok ? find(placed, asked.value) : asked);
  };
}

interface Asked {
  readonly kind: Kind;
  readonly name: string;
  readonly namespace: string;
}

const kinds = { task: "Task", pipeline: "Pipeline", stepaction: "StepAction" } as const;
type Kind = keyof typeof kinds;

function askedFor(params: readonly Param[], config: Readonly<Record<string, string>>): Result<Asked> {
  const given = textParams(params);
  const kind = given.get("kind") || config["default-kind"];
  const name = given.get("name") ?? "";
  const namespace = given.get("namespace") || (config["default-namespace"] ?? "");
  if (kind !== undefined && !isKind(kind))
    return refusal(
      "resolver.param",
      `the cluster resolver knows no kind ${JSON.stringify(kind)}`,
      `It has ${Object.keys(kinds).join(", ")}`,
    );
  const missing = [
    ...(kind === undefined ? ["kind"] : []),
    ...(name === "" ? ["name"] : []),
    ...(namespace.trim() === "" ? ["namespace"] : []),
  ];
  if (kind === undefined || missing.length > 0)
    return refusal(
      "resolver.param",
      `the cluster resolver needs the params ${missing.join(", ")}`,
      missing.includes("namespace")
        ? "The ConfigMap cluster-resolver-config may have a default-namespace"
        : "It takes kind, name and namespace",
    );
  const why = whyClosed(namespace, config);
  if (why !== undefined)
    return refusal(
      "resolver.param",
      `the cluster resolver may not look into the namespace ${JSON.stringify(namespace)}: ${why}`,
      "The ConfigMap cluster-resolver-config says so",
    );
  return succeed({ kind, name, namespace });
}

function isKind(text: string): text is Kind {
  return Object.hasOwn(kinds, text);
}

/** A namespace that is allowed by name may be among those that `*` blocks. */
function whyClosed(namespace: string, config: Readonly<Record<string, string>>): string | undefined {
  const allowed = config["allowed-namespaces"] ?? "";
  const blocked = listOf(config["blocked-namespaces"] ?? "");
  if (blocked.includes(namespace)) return "it is blocked";
  if (listOf(allowed).includes(namespace)) return undefined;
  if (blocked.includes("*")) return "only those that are allowed by name are open";
  return allowed === "" ? undefined : "it is not among those allowed";
}

function listOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

interface Placed {
  readonly located: Located;
  /** A document without a namespace is in the run's. */
  readonly in: string;
}

function find(documents: readonly Placed[], { kind, name, namespace }: Asked): Result<RemoteText> {
  const ofKind = documents.filter(({ located: { resource } }) => resource.kind === kinds[kind]);
  const named = ofKind.filter(({ located: { resource } }) => resource.metadata.name === name);
  const found = named.find((each) => each.in === namespace);
  if (found === undefined) {
    const near = didYouMean(
      name,
      ofKind.flatMap(({ located: { resource } }) => resource.metadata.name ?? []),
    );
    const hint =
      named.length > 0
        ? `There is one in ${named.map((each) => each.in).join(", ")}`
        : near === undefined
          ? "The documents given with -f are all that there is of the cluster: give its file too"
          : `Did you mean ${near}?`;
    const message = `there is no ${kinds[kind]} ${JSON.stringify(name)} in the namespace ${JSON.stringify(namespace)} among the documents`;
    return refusal("resolver.missing", message, hint);
  }
  const { located } = found;
  const text = stringifyManifest([located.resource]);
  const { uid = "" } = located.resource.metadata;
  // Also of a StepAction, which there is no v1 of: so upstream says.
  const uri = `/apis/tekton.dev/v1/namespaces/${namespace}/${kind}/${name}@${uid}`;
  const digest = { sha256: createHash("sha256").update(text).digest("hex") };
  return succeed({ text, provenance: { uri, digest }, immutable: false, located });
}

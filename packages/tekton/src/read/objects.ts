import { utf8ToBytes } from "@noble/hashes/utils.js";
import { type Diagnostic } from "@lapcat/diagnostic";
import { formatPath, type JsonObject, type Path } from "@lapcat/manifest";
import { decodeBase64 } from "../base64.ts";
import {
  type ConfigMap,
  type ObjectMeta,
  type PersistentVolumeClaim,
  type Secret,
  type ServiceAccount,
} from "../kubernetes.ts";
import { type Origin } from "../resource.ts";
import { isObject } from "../is-object.ts";

type ClusterObject = Secret | ConfigMap | ServiceAccount | PersistentVolumeClaim;

/** A structurally sound object of the cluster as lapcat holds it. */
export function readObject(
  kind: ClusterObject["kind"],
  value: JsonObject,
  origin: Origin,
): { readonly resource: ClusterObject; readonly diagnostics: readonly Diagnostic[] } {
  const apiVersion = "v1";
  const metadata: ObjectMeta = isObject(value["metadata"]) ? (value["metadata"] as ObjectMeta) : {};
  const problems: Diagnostic[] = [];
  const decoded = (field: string): Readonly<Record<string, Uint8Array>> => decodeAll(value, field, origin, problems);
  switch (kind) {
    case "Secret": {
      const data = { ...decoded("data"), ...mapValues(textsIn(value["stringData"]), utf8ToBytes) };
      const type = typeof value["type"] === "string" && value["type"] !== "" ? value["type"] : "Opaque";
      const resource: Secret = { apiVersion, kind, metadata, type, data };
      return { resource, diagnostics: [...problems, ...contentOf(resource, origin)] };
    }
    case "ConfigMap": {
      const resource: ConfigMap = {
        apiVersion,
        kind,
        metadata,
        data: textsIn(value["data"]),
        binaryData: decoded("binaryData"),
      };
      return { resource, diagnostics: problems };
    }
    case "ServiceAccount": {
      const secrets = namesIn(value["secrets"]);
      const imagePullSecrets = namesIn(value["imagePullSecrets"]);
      return { resource: { apiVersion, kind, metadata, secrets, imagePullSecrets }, diagnostics: problems };
    }
    case "PersistentVolumeClaim": {
      const spec = isObject(value["spec"]) ? value["spec"] : {};
      return { resource: { apiVersion, kind, metadata, spec }, diagnostics: problems };
    }
  }
}

function decodeAll(
  value: JsonObject,
  field: string,
  origin: Origin,
  problems: Diagnostic[],
): Readonly<Record<string, Uint8Array>> {
  const entries: [string, Uint8Array][] = [];
  for (const [key, text] of Object.entries(textsIn(value[field]))) {
    const bytes = decodeBase64(text);
    if (bytes === undefined) problems.push(notBase64([field, key], origin, field === "data"));
    else entries.push([key, bytes]);
  }
  return Object.fromEntries(entries);
}

function notBase64(path: Path, origin: Origin, isData: boolean): Diagnostic {
  return {
    code: "secret.malformed",
    severity: "error",
    message: `${formatPath(path)} is not base64`,
    span: origin.spanOf(path),
    path: formatPath(path),
    hint: isData ? "write plain text under stringData instead of data" : "binaryData holds base64",
  };
}

/** The keys that Kubernetes asks of a Secret of a type (core validation.go ValidateSecret). */
const keysOfType: Readonly<Record<string, { readonly keys: readonly string[]; readonly any?: boolean }>> = {
  "kubernetes.io/dockerconfigjson": { keys: [".dockerconfigjson"] },
  "kubernetes.io/dockercfg": { keys: [".dockercfg"] },
  "kubernetes.io/basic-auth": { keys: ["username", "password"], any: true },
  "kubernetes.io/ssh-auth": { keys: ["ssh-privatekey"] },
  "kubernetes.io/tls": { keys: ["tls.crt", "tls.key"] },
};

function contentOf(secret: Secret, origin: Origin): readonly Diagnostic[] {
  const wanted = Object.hasOwn(keysOfType, secret.type) ? keysOfType[secret.type] : undefined;
  if (wanted === undefined) return [];
  const missing = wanted.keys.filter((key) => !Object.hasOwn(secret.data, key));
  if (missing.length === 0 || (wanted.any === true && missing.length < wanted.keys.length)) return [];
  const written =
    isObject(origin.document.value) && Object.hasOwn(origin.document.value, "data") ? "data" : "stringData";
  if (failedToDecode(missing, origin)) return [];
  return [
    {
      code: "secret.malformed",
      severity: "error",
      message: `a Secret of type ${secret.type} needs ${missing.join(wanted.any === true ? " or " : " and ")}`,
      span: origin.spanOf([written]),
      path: formatPath([written]),
    },
  ];
}

/** Whether the keys are there and were told about already. */
function failedToDecode(keys: readonly string[], origin: Origin): boolean {
  const value = origin.document.value;
  const data = isObject(value) ? value["data"] : undefined;
  return isObject(data) && keys.every((key) => Object.hasOwn(data, key));
}

function textsIn(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}

function namesIn(value: unknown): readonly { readonly name: string }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: { readonly name?: unknown }) =>
    typeof each.name === "string" && each.name !== "" ? [{ name: each.name }] : [],
  );
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, made: (value: A) => B): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, made(value)]));
}

import { sourceFile } from "@lapcat/diagnostic";
import { parseManifest, type Json, type JsonObject, type ManifestDocument } from "@lapcat/manifest";
import { formatDuration } from "./duration.ts";
import { isObject } from "./is-object.ts";
import { type PodTemplate } from "./kubernetes.ts";
import { type WorkspaceBinding } from "./runs.ts";
import { checkStructure } from "./schema/check-structure.ts";

/** The part of a cluster's config-defaults that admission writes into documents (config/default.go). */
export interface ConfigDefaults {
  readonly timeout: string;
  readonly serviceAccount: string;
  readonly managedBy: string;
  /** Empty where references without a name are left as they are. */
  readonly resolver: string;
  readonly podTemplate?: PodTemplate;
}

/** As upstream ships them. */
export const shippedDefaults: ConfigDefaults = {
  timeout: "1h0m0s",
  serviceAccount: "default",
  managedBy: "tekton-pipelines",
  resolver: "",
};

/** Defaults from the keys of the ConfigMap `config-defaults`; what cannot be read stays as it was. */
export function configDefaultsFrom(
  settings: Readonly<Record<string, string>>,
  base: ConfigDefaults = shippedDefaults,
): ConfigDefaults {
  const minutes = Number(settings["default-timeout-minutes"]);
  const isTime = settings["default-timeout-minutes"] !== undefined && Number.isInteger(minutes);
  const podTemplate = podTemplateOf(settings["default-pod-template"]) ?? base.podTemplate;
  return {
    timeout: isTime ? formatDuration(minutes * 60_000) : base.timeout,
    serviceAccount: settings["default-service-account"] || base.serviceAccount,
    managedBy: settings["default-managed-by-label-value"] || base.managedBy,
    resolver: settings["default-resolver-type"] ?? base.resolver,
    ...(podTemplate && { podTemplate }),
  };
}

/** The data of the ConfigMaps `config-defaults` among documents, as a cluster that they were applied to would have them. */
export function configDefaultsIn(documents: readonly ManifestDocument[]): Readonly<Record<string, string>> {
  const settings: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const { value } of documents) {
    if (!isObject(value) || value["kind"] !== "ConfigMap") continue;
    const { metadata, data } = value;
    if (!isObject(metadata) || metadata["name"] !== "config-defaults" || !isObject(data)) continue;
    for (const [key, item] of Object.entries(data)) if (typeof item === "string") settings[key] = item;
  }
  return settings;
}

function podTemplateOf(text: string | undefined): PodTemplate | undefined {
  const value = text === undefined ? undefined : objectIn(text);
  return value !== undefined && checkStructure("PodTemplate", value).length === 0 ? (value as PodTemplate) : undefined;
}

/** The workspace binding that a text of `config-defaults` is; it needs no name of its own. */
export function bindingOf(text: string): WorkspaceBinding | undefined {
  const value = objectIn(text);
  const binding = value && { name: "", ...value };
  if (binding === undefined || checkStructure("WorkspaceBinding", binding).length > 0) return undefined;
  return binding as WorkspaceBinding;
}

/** YAML in a ConfigMap's value. */
function objectIn(text: string): JsonObject | undefined {
  const parsed = parseManifest(sourceFile("config-defaults", text));
  const value: Json | undefined = parsed.ok ? parsed.value[0]?.value : undefined;
  return value !== undefined && isObject(value) ? value : undefined;
}

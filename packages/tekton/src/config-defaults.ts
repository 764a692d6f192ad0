import { sourceFile } from "@lapcat/diagnostic";
import { parseManifest, type Json, type ManifestDocument } from "@lapcat/manifest";
import { formatDuration } from "./duration.ts";
import { isObject } from "./is-object.ts";
import { type PodTemplate } from "./kubernetes.ts";
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

/** YAML in a ConfigMap's value. */
function podTemplateOf(text: string | undefined): PodTemplate | undefined {
  if (text === undefined) return undefined;
  const parsed = parseManifest(sourceFile("default-pod-template", text));
  const value: Json | undefined = parsed.ok ? parsed.value[0]?.value : undefined;
  return value !== undefined && isObject(value) && checkStructure("PodTemplate", value).length === 0
    ? (value as PodTemplate)
    : undefined;
}

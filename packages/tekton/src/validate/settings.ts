import { bindingOf } from "../config-defaults.ts";
import { parseDuration } from "../duration.ts";
import { type ConfigMap } from "../kubernetes.ts";
import { flagsOfVersion, type TektonVersion } from "../versions.ts";
import { report, within, type Scope } from "./scope.ts";

export type SettingsMap = "feature-flags" | "config-defaults";

interface Setting {
  readonly map: SettingsMap;
  readonly takes: "level" | "flag" | "number" | "duration" | "text" | "binding" | "source" | "size";
}

/** The keys of a cluster's ConfigMaps that mean something here (config/feature_flags.go, config/default.go). */
const settings: Readonly<Record<string, Setting>> = {
  "enable-api-fields": { map: "feature-flags", takes: "level" },
  "enable-param-enum": { map: "feature-flags", takes: "flag" },
  "enable-cel-in-whenexpression": { map: "feature-flags", takes: "flag" },
  "enable-artifacts": { map: "feature-flags", takes: "flag" },
  "enable-provenance-in-status": { map: "feature-flags", takes: "flag" },
  "enable-concise-resolver-syntax": { map: "feature-flags", takes: "flag" },
  "await-sidecar-readiness": { map: "feature-flags", takes: "flag" },
  "disable-creds-init": { map: "feature-flags", takes: "flag" },
  "enable-kubernetes-sidecar": { map: "feature-flags", takes: "flag" },
  "results-from": { map: "feature-flags", takes: "source" },
  "max-result-size": { map: "feature-flags", takes: "size" },
  "disable-inline-spec": { map: "feature-flags", takes: "text" },
  "default-max-matrix-combinations-count": { map: "config-defaults", takes: "number" },
  "default-timeout-minutes": { map: "config-defaults", takes: "number" },
  "default-forbidden-env": { map: "config-defaults", takes: "text" },
  "default-service-account": { map: "config-defaults", takes: "text" },
  "default-managed-by-label-value": { map: "config-defaults", takes: "text" },
  "default-resolver-type": { map: "config-defaults", takes: "text" },
  "default-maximum-resolution-timeout": { map: "config-defaults", takes: "duration" },
  "default-pod-template": { map: "config-defaults", takes: "text" },
  "default-task-run-workspace-binding": { map: "config-defaults", takes: "binding" },
};

export function settingsOfMap(map: SettingsMap, tekton?: TektonVersion): readonly string[] {
  const own = Object.keys(settings).filter((key) => settings[key]?.map === map);
  return map === "feature-flags" ? [...own, ...flagsOfVersion(tekton)] : own;
}

/** What a setting would take instead of the value; nothing where the value is one, or the key is none of those known here. */
export function settingFault(key: string, value: string, tekton?: TektonVersion): string | undefined {
  const own = Object.hasOwn(settings, key) ? settings[key]?.takes : undefined;
  const takes = own ?? (flagsOfVersion(tekton).includes(key) ? "flag" : undefined);
  if (takes === "level") return /^(?:stable|beta|alpha)$/iu.test(value) ? undefined : "stable, beta or alpha";
  if (takes === "flag") return /^(?:[01tf]|true|false)$/iu.test(value) ? undefined : "true or false";
  if (takes === "duration") return parseDuration(value) === undefined ? "a duration, such as 90s" : undefined;
  if (takes === "binding")
    return value === "" || bindingOf(value) !== undefined ? undefined : "a workspace binding in YAML";
  if (takes === "source")
    return /^(?:termination-message|sidecar-logs)$/u.test(value) ? undefined : "termination-message or sidecar-logs";
  // More a resource of Kubernetes cannot hold.
  if (takes === "size")
    return /^[+-]?\d{1,15}$/u.test(value) && Number(value) < 1_572_864 ? undefined : "a number of bytes below 1572864";
  if (takes === "number") return /^[+-]?\d{1,15}$/u.test(value) ? undefined : "a whole number";
  return undefined;
}

/** NewFeatureFlagsFromMap and NewDefaultsFromMap: a cluster refuses a ConfigMap of its own that it cannot read. */
export function checkSettings(scope: Scope, { metadata, data }: ConfigMap): void {
  if (metadata.name !== "feature-flags" && metadata.name !== "config-defaults") return;
  for (const [key, value] of Object.entries(data)) {
    const wanted = settingFault(key, value, scope.gates.tekton);
    if (wanted !== undefined)
      report(within(scope, "data", key), "field.value", `${key} takes ${wanted}, and this is ${JSON.stringify(value)}`);
  }
}

import { type Located } from "../resource.ts";

/** A key of a cluster's own settings, where their ConfigMap is among the documents. */
export function settingIn(
  resources: readonly Located[],
  configMap: "feature-flags" | "config-defaults",
  key: string,
): string | undefined {
  for (const { resource } of resources)
    if (resource.kind === "ConfigMap" && resource.metadata.name === configMap) return resource.data[key];
  return undefined;
}

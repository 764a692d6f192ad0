import { succeed, type Result } from "@lapcat/diagnostic";
import { refusal } from "./refusal.ts";

/** One configuration of `git-resolver-config`, by upstream's keys. */
export type ScmConfig = Readonly<Record<string, string>>;

export const gitConfigMap = "git-resolver-config";

/** The configuration that the param `configKey` names: those keys that begin with it and a dot, or, without one, the bare ones. */
export function scmConfig(
  settings: Readonly<Record<string, string>>,
  configKey: string | undefined,
): Result<ScmConfig> {
  const configs = new Map<string, Record<string, string>>();
  for (const [key, value] of Object.entries(settings)) {
    const [name, field, ...more] = key.includes(".") ? key.split(".") : ["default", key];
    if (name === undefined || field === undefined || more.length > 0)
      return refusal(
        "resolver.param",
        `${gitConfigMap} has the key ${JSON.stringify(key)}, which is neither NAME nor CONFIGURATION.NAME`,
      );
    const config = configs.get(name) ?? {};
    config[field] = value;
    configs.set(name, config);
  }
  const found = configs.get(configKey ?? "default");
  if (found !== undefined || configKey === undefined) return succeed(found ?? {});
  return refusal(
    "resolver.param",
    `${gitConfigMap} has no configuration for the configKey ${JSON.stringify(configKey)}`,
    `It has ${[...configs.keys()].join(", ")}`,
  );
}

import { didYouMean, type Diagnostic, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import {
  type Gates,
  gatesFrom,
  gatesOfVersion,
  type Located,
  settingFault,
  settingsOfMap,
  type SettingsMap,
  type TektonVersion,
  withCel,
} from "@lapcat/tekton";

/** The options that stand for a cluster's ConfigMaps `feature-flags` and `config-defaults`; as commander gives them. */
export interface SettingOptions {
  readonly enableApiFields?: string;
  readonly featureFlag: readonly string[];
  readonly configDefault: readonly string[];
}

export type Settings = Readonly<Record<string, string>>;

/** The settings that were asked for on the command line, by key. */
export function settingsOf(options: SettingOptions, tekton: TektonVersion | undefined): Result<Settings> {
  const diagnostics: Diagnostic[] = [];
  const settings: Record<string, string> = Object.create(null) as Record<string, string>;
  const read = (option: string, texts: readonly string[], map: SettingsMap): void => {
    const known = settingsOfMap(map, tekton);
    for (const text of texts) {
      const at = text.indexOf("=");
      const key = text.slice(0, Math.max(0, at));
      if (key === "") diagnostics.push(withoutValue(option, text));
      else if (known.includes(key)) {
        const value = text.slice(at + 1);
        const wanted = settingFault(key, value, tekton);
        if (wanted === undefined) settings[key] = value;
        else diagnostics.push(ofNoMeaning(option, key, value, wanted));
      } else diagnostics.push(withoutMeaning(option, key, known));
    }
  };
  read("--feature-flag", options.featureFlag, "feature-flags");
  read("--config-default", options.configDefault, "config-defaults");
  if (options.enableApiFields !== undefined) settings["enable-api-fields"] = options.enableApiFields;
  return hasErrors(diagnostics) ? fail(diagnostics) : succeed(settings, diagnostics);
}

function withoutValue(option: string, text: string): Diagnostic {
  return {
    code: "usage",
    severity: "error",
    message: `${option} ${text} is no key=value`,
    hint: `write it as ${option} ${text.replaceAll("=", "")}=true`,
  };
}

function ofNoMeaning(option: string, key: string, value: string, wanted: string): Diagnostic {
  const message = `${option} ${key} takes ${wanted}, and this is ${JSON.stringify(value)}`;
  return { code: "usage", severity: "error", message };
}

/** Tekton has settings that decide nothing here, and every slip looks like one. */
function withoutMeaning(option: string, key: string, known: readonly string[]): Diagnostic {
  const meant = didYouMean(key, known);
  return {
    code: "usage",
    severity: "warning",
    message: `${option} ${key} decides nothing here`,
    hint: meant === undefined ? `these do: ${known.join(", ")}` : `did you mean ${meant}?`,
  };
}

/** What admission goes by: the cluster's own ConfigMaps, where they are among the documents, then what was asked for. */
export function settingsAmong(resources: readonly Located[], asked: Settings): Settings {
  const settings = resources.flatMap(({ resource }) =>
    resource.kind === "ConfigMap" && ["feature-flags", "config-defaults"].includes(resource.metadata.name ?? "")
      ? Object.entries(resource.data)
      : [],
  );
  return { ...Object.fromEntries(settings), ...asked };
}

export function gatesOf(settings: Settings, tekton: TektonVersion | undefined): Promise<Gates> {
  return withCel(gatesFrom(settings, gatesOfVersion(tekton)));
}

import { type Diagnostic, type Result, sourceFile, succeed } from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import { refusal } from "./refusal.ts";
import { type RemoteWorld } from "./resolver.ts";

export type HubType = "artifact" | "tekton";

/** Where the hubs of a type are told: a list in the ConfigMap, then an environment variable, as the resolvers' deployment has it. */
const places = {
  artifact: { key: "artifact-hub-urls", variable: "ARTIFACT_HUB_API", usual: "https://artifacthub.io" },
  tekton: { key: "tekton-hub-urls", variable: "TEKTON_HUB_API", usual: undefined },
} as const;

/** The hubs that are asked, in order: the param `url`, else those of the type. */
export function hubUrls(
  type: HubType,
  given: string | undefined,
  world: Pick<RemoteWorld, "settings" | "environment">,
): Result<readonly string[]> {
  if (given !== undefined) {
    const why = whyNoHub(given);
    return why === undefined
      ? succeed([given.replace(/\/+$/u, "")])
      : refusal("resolver.param", `the hub resolver's url ${JSON.stringify(given)} ${why}`);
  }
  const { key, variable, usual } = places[type];
  const listed = listIn(world.settings("hubresolver-config")[key] ?? "", key);
  if (listed.urls.length > 0) return succeed(listed.urls);
  const url = (world.environment[variable] || usual)?.replace(/\/$/u, "");
  if (url === undefined)
    return refusal(
      "resolver.param",
      `the hub resolver knows no hub of the type ${JSON.stringify(type)}`,
      `${variable} in the environment, ${key} in the ConfigMap hubresolver-config, or the param url names one`,
    );
  return succeed([url], listed.diagnostics);
}

/** A list in YAML; one that cannot be read is told, and counts as none. */
function listIn(
  text: string,
  key: string,
): { readonly urls: readonly string[]; readonly diagnostics: readonly Diagnostic[] } {
  if (text.trim() === "") return { urls: [], diagnostics: [] };
  const parsed = parseManifest(sourceFile(key, text));
  const value: unknown = parsed.ok && parsed.value.length === 1 ? parsed.value[0]?.value : undefined;
  const isList = Array.isArray(value) && value.every((each) => typeof each === "string");
  const urls = isList ? value.map((each) => each.trim().replace(/\/+$/u, "")) : [];
  const bad = urls.find((url) => whyNoHub(url) !== undefined);
  if (isList && bad === undefined) return { urls, diagnostics: [] };
  const why = bad === undefined ? "it is no list of addresses" : `${JSON.stringify(bad)} ${whyNoHub(bad) ?? ""}`;
  const message = `${key} of hubresolver-config is not used: ${why}`;
  return { urls: [], diagnostics: [{ code: "resolver.param", severity: "warning", message }] };
}

function whyNoHub(url: string): string | undefined {
  if (!URL.canParse(url)) return "is no address";
  return /^https?:\/\/[^/]/u.test(url) ? undefined : "is no http or https address";
}

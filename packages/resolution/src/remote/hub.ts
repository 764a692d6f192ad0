import { createHash } from "node:crypto";
import { type Diagnostic, fail, type Result, succeed } from "@lapcat/diagnostic";
import { follow } from "./follow.ts";
import { type HubType, hubUrls } from "./hub-urls.ts";
import { readBody } from "./read-body.ts";
import { refusal } from "./refusal.ts";
import { type RemoteText, type RemoteWorld, type Resolver } from "./resolver.ts";
import { textParams } from "./text-params.ts";
import {
  compareVersions,
  type Constraint,
  formatVersion,
  parseConstraint,
  parseVersion,
  type Version,
} from "./version-constraint.ts";
import { unreachedHint, whyUnreached } from "./why-unreached.ts";

/** A version of an object in a catalog of Artifact Hub or of Tekton Hub (pkg/remoteresolution/resolver/hub). */
export const hubResolver: Resolver = async ({ params }, world) => {
  const asked = askedFor(textParams(params), world.settings("hubresolver-config"));
  if (!asked.ok) return asked;
  const urls = hubUrls(asked.value.type, asked.value.url, world);
  if (!urls.ok) return urls;
  const found = await search(asked.value, urls.value, world);
  const diagnostics = [...urls.diagnostics, ...found.diagnostics];
  return found.ok ? succeed(found.value, diagnostics) : fail(diagnostics);
};

interface Asked {
  readonly type: HubType;
  readonly kind: string;
  readonly catalog: string;
  readonly name: string;
  readonly version: string;
  readonly url: string | undefined;
}

const kinds = ["task", "pipeline", "stepaction"];

function askedFor(given: ReadonlyMap<string, string>, settings: Readonly<Record<string, string>>): Result<Asked> {
  const type = given.get("type") ?? settings["default-type"];
  if (type !== "artifact" && type !== "tekton")
    return refusal(
      "resolver.param",
      `the hub resolver knows no hub of the type ${JSON.stringify(type)}`,
      "artifact or tekton is",
    );
  const kind = given.get("kind") ?? settings["default-kind"];
  if (kind === undefined || !kinds.includes(kind))
    return refusal(
      "resolver.param",
      `the hub resolver knows no kind ${JSON.stringify(kind)}`,
      `It has ${kinds.join(", ")}`,
    );
  const [name, version] = [given.get("name") ?? "", given.get("version") ?? ""];
  const missing = [...(name === "" ? ["name"] : []), ...(version === "" ? ["version"] : [])];
  if (missing.length > 0)
    return refusal(
      "resolver.param",
      `the hub resolver needs the param ${missing.join(" and the param ")}`,
      "It takes name and version",
    );
  const key = type === "tekton" ? "default-tekton-hub-catalog" : `default-artifact-hub-${kind}-catalog`;
  const catalog = given.get("catalog") ?? settings[key];
  if (catalog === undefined)
    return refusal(
      "resolver.param",
      `the hub resolver needs the param catalog: there is none that is usual for a ${kind}`,
    );
  const bad = Object.entries({ catalog, name, version }).find(([, value]) => /^\.{0,2}$|[/\\?#]/u.test(value));
  if (bad !== undefined)
    return refusal("resolver.param", `the hub resolver's ${bad[0]} ${JSON.stringify(bad[1])} is no part of an address`);
  return succeed({ type, kind, catalog, name, version, url: given.get("url") || undefined });
}

/** The hubs are asked in order until one answers; the one that tells the versions gives the definition. */
async function search(asked: Asked, urls: readonly string[], world: RemoteWorld): Promise<Result<RemoteText>> {
  const constraint = parseConstraint(asked.version);
  if (constraint === undefined) return firstOf(urls, (url) => definition(asked, asked.version, url, world));
  const listed = await firstOf(urls, (url) => versionsAt(asked, url, world));
  if (!listed.ok) return listed;
  const { url, versions } = listed.value;
  const chosen = newest(versions, constraint);
  if (chosen !== undefined) return definition(asked, formatVersion(chosen), url, world);
  const held = versions.map(formatVersion).join(", ");
  return refusal(
    "resolver.missing",
    `no version of the ${asked.kind} ${JSON.stringify(asked.name)} at ${url} is ${JSON.stringify(asked.version)}`,
    held === "" ? "It has none" : `It has ${held}`,
  );
}

async function firstOf<T>(urls: readonly string[], ask: (url: string) => Promise<Result<T>>): Promise<Result<T>> {
  const failures: Diagnostic[] = [];
  for (const url of urls) {
    const answer = await ask(url);
    if (answer.ok) return answer;
    failures.push(...answer.diagnostics);
  }
  return fail(failures);
}

function newest(versions: readonly Version[], constraint: Constraint): Version | undefined {
  return versions.filter(constraint).toSorted(compareVersions).at(-1);
}

async function versionsAt(
  { type, kind, catalog, name }: Asked,
  url: string,
  world: RemoteWorld,
): Promise<Result<{ readonly url: string; readonly versions: readonly Version[] }>> {
  const path =
    type === "artifact"
      ? `api/v1/packages/tekton-${kind}/${catalog}/${name}`
      : `v1/resource/${catalog}/${kind}/${name}`;
  const answer = await ask(`${url}/${path}`, world);
  if (!answer.ok) return answer;
  const list =
    type === "artifact" ? field(answer.value, "available_versions") : field(field(answer.value, "data"), "versions");
  const versions: Version[] = [];
  for (const each of Array.isArray(list) ? list : []) {
    if (type === "artifact" && field(each, "prerelease") === true) continue;
    const text = field(each, "version");
    const version = typeof text === "string" ? parseVersion(text) : undefined;
    if (version === undefined)
      return refusal("resolver.missing", `${url}/${path} tells of a version ${JSON.stringify(text)}, which is none`);
    versions.push(version);
  }
  return succeed({ url, versions });
}

async function definition(
  { type, kind, catalog, name }: Asked,
  version: string,
  url: string,
  world: RemoteWorld,
): Promise<Result<RemoteText>> {
  const written = versionAt(type, version);
  const address =
    type === "artifact"
      ? `${url}/api/v1/packages/tekton-${kind}/${catalog}/${name}/${written}`
      : `${url}/v1/resource/${catalog}/${kind}/${name}/${written}/yaml`;
  const answer = await ask(address, world);
  if (!answer.ok) return answer;
  const key = type === "artifact" ? "manifestRaw" : "yaml";
  const text = field(field(answer.value, "data"), key);
  if (typeof text !== "string" || text === "")
    return refusal("resolver.missing", `the answer of ${address} holds no definition: data.${key} is absent`);
  const sha256 = createHash("sha256").update(text).digest("hex");
  return succeed({ text, provenance: { uri: address, digest: { sha256 } }, immutable: false });
}

/** Artifact Hub has versions of three parts, Tekton Hub of two. */
function versionAt(type: HubType, version: string): string {
  const parts = version.split(".");
  if (type === "artifact") return parts.length === 2 ? `${version}.0` : version;
  return parts.slice(0, 2).join(".");
}

const largestAnswer = 16 * 1024 * 1024;

/** What a hub answers, which is JSON. */
async function ask(address: string, world: RemoteWorld): Promise<Result<unknown>> {
  try {
    const response = await follow(world.fetch, address, undefined, world.signal);
    const { status } = response;
    if (status === 404)
      return refusal(
        "resolver.missing",
        `the hub has nothing at ${address}`,
        "Are the catalog, the name and the version right?",
      );
    if (status === 401 || status === 403) return refusal("resolver.unauthorized", `${address} answers ${status}`);
    if (status !== 200) return refusal("resolver.unreachable", `${address} answers ${status}`);
    const bytes = await readBody(response, largestAnswer);
    if (bytes === undefined) return refusal("resolver.missing", `${address} answers with more than 16 MiB`);
    const value = jsonIn(bytes);
    return value === undefined
      ? refusal("resolver.missing", `the answer of ${address} is no JSON`, "Is it a hub's API?")
      : succeed(value);
  } catch (error) {
    return refusal("resolver.unreachable", `${address} cannot be reached: ${whyUnreached(error)}`, unreachedHint);
  }
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    // Said by who asked.
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

import { type Diagnostic, type Result, succeed } from "@lapcat/diagnostic";
import { type Param } from "@lapcat/tekton";
import { gitConfigMap, scmConfig } from "./git-config.ts";
import { loginApart } from "./login-apart.ts";
import { refusal } from "./refusal.ts";
import { textParams } from "./text-params.ts";

/** What a reference asks of git. */
export type GitRequest = CloneRequest | ScmRequest;

interface Wanted {
  /** Of a branch, a tag or a whole commit. */
  readonly revision: string;
  /** As it was given, without slashes before it. */
  readonly path: string;
}

export interface CloneRequest extends Wanted {
  readonly kind: "clone";
  readonly url: string;
  readonly token?: SecretKey;
}

/** Asked of a forge's API, file by file. */
export interface ScmRequest extends Wanted {
  readonly kind: "scm";
  readonly org: string;
  readonly repo: string;
  readonly scmType: string;
  readonly serverUrl: string;
  readonly token: SecretKey;
}

export interface SecretKey {
  readonly name: string;
  readonly key: string;
  /** Else the run's. */
  readonly namespace?: string;
}

/** The params over the settings, checked as upstream's PopulateDefaultParams does, and a little more. */
export function gitRequest(params: readonly Param[], settings: Readonly<Record<string, string>>): Result<GitRequest> {
  const given = textParams(params);
  const found = scmConfig(settings, given.get("configKey"));
  if (!found.ok) return found;
  const config = found.value;
  const url = given.get("url") ?? "";
  const repo = given.get("repo") ?? "";
  if (url !== "" && repo !== "")
    return refusal("resolver.param", "it takes either the param url or the param repo, not both");
  const wanted = wantedOf(given, config);
  if (!wanted.ok) return wanted;
  const request =
    repo === ""
      ? cloneRequest(wanted.value, url || (config["default-url"] ?? ""), given)
      : scmRequest(wanted.value, repo, given, config);
  return request.ok ? succeed(request.value, [...request.diagnostics, ...without(given, request.value)]) : request;
}

type Given = ReadonlyMap<string, string>;
type Config = Readonly<Record<string, string>>;

function wantedOf(given: Given, config: Config): Result<Wanted> {
  const revision = given.get("revision") ?? (config["default-revision"] || undefined);
  const path = given.get("pathInRepo");
  if (revision === undefined || path === undefined) {
    const missing = [...(revision === undefined ? ["revision"] : []), ...(path === undefined ? ["pathInRepo"] : [])];
    return refusal("resolver.param", `it needs the params ${missing.join(", ")}`);
  }
  if (revision.startsWith("-"))
    return refusal("resolver.param", `the revision ${JSON.stringify(revision)} must not begin with "-"`);
  // What no ref may be called (git check-ref-format), and what would make it a refspec.
  if (/[\p{Cc} :?*[\\~^]|\.\.|@\{/u.test(revision))
    return refusal("resolver.param", `the revision ${JSON.stringify(revision)} can be no branch, tag or commit`);
  const relative = path.replace(/^\/+/u, "");
  if (goesUp(relative))
    return refusal("resolver.param", `the pathInRepo ${JSON.stringify(path)} must not contain ".."`);
  if (hasControls(relative))
    return refusal("resolver.param", `the pathInRepo ${JSON.stringify(path)} has control characters`);
  // An empty one is fetched as the repository's own.
  return succeed({ revision: revision || "HEAD", path: relative });
}

function cloneRequest(wanted: Wanted, url: string, given: Given): Result<CloneRequest> {
  if (url === "")
    return refusal(
      "resolver.param",
      "it needs the param url, or org and repo",
      `${gitConfigMap} may have a default-url`,
    );
  const warnings: Diagnostic[] = [];
  if (isLocal(url) && !hasControls(url)) {
    warnings.push({
      code: "resolver.param",
      severity: "warning",
      message: `the repository ${JSON.stringify(url)} is on this machine: a cluster's resolver takes none such`,
    });
  } else if (!isRepository(url)) {
    return refusal(
      "resolver.param",
      `the url ${JSON.stringify(loginApart(url).name)} is no git repository's`,
      "It begins with https://, ssh:// or git://, or is USER@HOST:PATH; here also file:// or an absolute path",
    );
  }
  const name = given.get("gitToken") ?? "";
  const token = name === "" ? undefined : { name, key: given.get("gitTokenKey") || "token" };
  if (token !== undefined && !/^https?:/iu.test(url))
    warnings.push({
      code: "field.no-effect",
      severity: "warning",
      message: "the param gitToken has no effect where the url is not https://",
    });
  return succeed({ kind: "clone", url, ...wanted, ...(token && { token }) }, warnings);
}

function scmRequest(wanted: Wanted, repo: string, given: Given, config: Config): Result<ScmRequest> {
  const org = given.get("org") ?? config["default-org"] ?? "";
  if (org === "") return refusal("resolver.param", "it needs the param org where there is repo");
  for (const [name, text] of [
    ["org", org],
    ["repo", repo],
  ] as const)
    if (goesUp(text) || hasControls(text))
      return refusal("resolver.param", `the ${name} ${JSON.stringify(text)} is no name`);
  const scmType = given.get("scmType") || (config["scm-type"] ?? "");
  const ownServer = config["server-url"] ?? "";
  const serverUrl = given.get("serverURL") || ownServer;
  const secret = given.get("token") ?? "";
  if (secret !== "") {
    const token = { name: secret, key: given.get("tokenKey") || "token" };
    return succeed({ kind: "scm", org, repo, scmType, serverUrl, token, ...wanted });
  }
  if (serverUrl !== ownServer)
    return refusal(
      "resolver.param",
      `the serverURL ${JSON.stringify(serverUrl)} needs the param token: the one of ${gitConfigMap} is for its own server`,
    );
  const [name, key, namespace] = (["name", "key", "namespace"] as const).map(
    (each) => config[`api-token-secret-${each}`] || undefined,
  );
  if (name === undefined || key === undefined)
    return refusal(
      "resolver.param",
      `it needs a token where there is repo: neither the param token nor ${name === undefined ? "api-token-secret-name" : "api-token-secret-key"} in ${gitConfigMap} is there`,
      "A repository that everybody may read is cloned by the param url without one",
    );
  const token = { name, key, ...(namespace !== undefined && { namespace }) };
  return succeed({ kind: "scm", org, repo, scmType, serverUrl, token, ...wanted });
}

/** As upstream's validateRepoURL, without what git would take for a path or for a program to run (`ext::…`). */
function isRepository(url: string): boolean {
  return (
    /^(?:(?:git|ssh|ftps?|https?):\/\/|[^-@/][^@/]*@(?:\[[^\]/]*\]|[^:/]+):)/u.test(url) &&
    !/^[0-9A-Za-z+.-]*::|%(?:[01][0-9a-f]|7f)/iu.test(url) &&
    !hasControls(url)
  );
}

export function isLocal(url: string): boolean {
  return /^(?:\/|file:\/\/)/u.test(url);
}

function goesUp(path: string): boolean {
  return path.split("/").includes("..");
}

function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

const used: Readonly<Record<GitRequest["kind"], ReadonlySet<string>>> = {
  clone: new Set(["url", "revision", "pathInRepo", "gitToken", "gitTokenKey", "configKey", "cache"]),
  scm: new Set([
    "org",
    "repo",
    "revision",
    "pathInRepo",
    "token",
    "tokenKey",
    "serverURL",
    "scmType",
    "configKey",
    "cache",
  ]),
};

/** What upstream passes over in silence. */
function without(given: Given, { kind }: GitRequest): readonly Diagnostic[] {
  const how = kind === "clone" ? "a repository is cloned by its url" : "a forge is asked for org and repo";
  return [...given]
    .filter(([name, value]) => !used[kind].has(name) && value !== "")
    .map(([name]) => ({
      code: "field.no-effect",
      severity: "warning",
      message: `the param ${name} has no effect where ${how}`,
    }));
}

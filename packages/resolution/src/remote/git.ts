import { type Diagnostic, fail, type Result, succeed } from "@lapcat/diagnostic";
import { backoffOf, persistently } from "./backoff.ts";
import { fetchTimeout } from "./fetch-timeout.ts";
import { gitConfigMap, scmConfig } from "./git-config.ts";
import { fetchGitFile, type GitFile } from "./git-fetch.ts";
import { type CloneRequest, gitRequest, type ScmRequest, type SecretKey } from "./git-request.ts";
import { loginApart } from "./login-apart.ts";
import { refusal } from "./refusal.ts";
import { type RemoteText, type RemoteWorld, type Resolver } from "./resolver.ts";
import { fetchScmFile } from "./scm-fetch.ts";
import { textParams } from "./text-params.ts";

/** One file of a repository, by `git fetch` or by a forge's API (pkg/resolution/resolver/git). */
export const gitResolver: Resolver = async (asked, world) => {
  const settings = world.settings(gitConfigMap);
  const request = gitRequest(asked.params, settings);
  if (!request.ok) return request;
  const config = scmConfig(settings, textParams(asked.params).get("configKey"));
  if (!config.ok) return config;
  const timeout = fetchTimeout(config.value["fetch-timeout"], gitConfigMap);
  const token = tokenOf(request.value.token, world, asked.namespace);
  if (!timeout.ok || !token.ok) return fail([...timeout.diagnostics, ...token.diagnostics]);
  const late = timeout.value === undefined ? undefined : AbortSignal.timeout(timeout.value.milliseconds);
  const signal = late === undefined ? world.signal : AbortSignal.any([world.signal, late]);
  const retrying = backoffOf(gitConfigMap, settings);
  const { value } = request;
  const ask = async (): Promise<{ answer: Result<RemoteText>; mayPass: boolean }> => {
    const answer =
      value.kind === "clone"
        ? await byClone(value, token.value, world, signal)
        : await byScm(value, token.value ?? "", world, signal);
    return { answer, mayPass: !answer.ok && answer.diagnostics.some(({ code }) => code === "resolver.unreachable") };
  };
  try {
    const found = await persistently(retrying.backoff, signal, ask);
    const told = [...request.diagnostics, ...token.diagnostics, ...retrying.diagnostics, ...found.diagnostics].map(
      (each) => masked(each, token.value),
    );
    return found.ok ? succeed(found.value, told) : fail(told);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return refusal(
        "resolver.unreachable",
        "there is no git on this machine",
        "The git resolver speaks to repositories by git: install it",
      );
    if (late?.aborted !== true || world.signal.aborted) throw error;
    const where = value.kind === "clone" ? loginApart(value.url).name : `${value.org}/${value.repo}`;
    return refusal(
      "resolver.unreachable",
      `${where} did not answer within ${timeout.value?.text}`,
      `That is the fetch-timeout of ${gitConfigMap}`,
    );
  }
};

async function byClone(
  { url, revision, path }: CloneRequest,
  token: string | undefined,
  world: RemoteWorld,
  signal: AbortSignal,
): Promise<Result<RemoteText>> {
  const { address, name, login } = loginApart(url);
  const known = token === undefined ? login : { username: "git", password: token };
  const wish = { url: address, name, revision, path, ...(known && { login: known }) };
  const { environment } = world;
  const found = await fetchGitFile(wish, { environment, scratch: await world.temporaryDirectory(), signal });
  return found.ok ? textOf(found.value, name, path, revision) : found;
}

async function byScm(
  request: ScmRequest,
  token: string,
  world: RemoteWorld,
  signal: AbortSignal,
): Promise<Result<RemoteText>> {
  const found = await fetchScmFile(request, token, world.fetch, signal);
  return found.ok ? textOf(found.value, found.value.cloneUrl, found.value.path, request.revision) : found;
}

function textOf({ bytes, commit }: GitFile, url: string, path: string, revision: string): Result<RemoteText> {
  const provenance = { uri: `git+${url}`, digest: { sha1: commit }, entryPoint: path };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return succeed({ text, provenance, immutable: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/iu.test(revision) });
  } catch {
    return refusal("resolver.missing", `${JSON.stringify(path)} in ${url} is not valid UTF-8`);
  }
}

function tokenOf(wanted: SecretKey | undefined, world: RemoteWorld, namespace: string): Result<string | undefined> {
  if (wanted === undefined) return succeed(undefined);
  const found = world.secret(wanted.name, wanted.key, wanted.namespace ?? namespace);
  const name = `the Secret ${JSON.stringify(wanted.name)}`;
  if (found !== undefined && /\p{Cc}/u.test(found.trimEnd()))
    return refusal("resolver.param", `key ${JSON.stringify(wanted.key)} of ${name} is no token: it has line breaks`);
  if (found !== undefined && found !== found.trimEnd()) {
    const message = `key ${JSON.stringify(wanted.key)} of ${name} ends in a line break or a space, which a cluster sends along as part of the token`;
    return succeed(found.trimEnd(), [{ code: "resolver.param", severity: "warning", message }]);
  }
  if (found !== undefined) return succeed(found);
  return refusal(
    "resolver.param",
    `the token is to be key ${JSON.stringify(wanted.key)} of ${name}, which is not among the documents`,
    `Give it with -f, or with --secret ${wanted.name}.${wanted.key}=FILE`,
  );
}

/** What a server says may be what it was told. */
function masked(diagnostic: Diagnostic, token: string | undefined): Diagnostic {
  if (token === undefined || token === "") return diagnostic;
  const forms = [token, encodeURIComponent(token), Buffer.from(`git:${token}`).toString("base64")];
  return { ...diagnostic, message: forms.reduce((text, form) => text.replaceAll(form, "***"), diagnostic.message) };
}

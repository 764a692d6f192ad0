import { type Diagnostic, fail, type Result, succeed } from "@lapcat/diagnostic";
import { type GitFile } from "./git-fetch.ts";
import { readBody } from "./read-body.ts";
import { redirectIn } from "./redirect.ts";
import { refusal } from "./refusal.ts";
import { type RemoteWorld } from "./resolver.ts";
import { otherScmTypes, type ScmHost, scmHosts, type ScmWish } from "./scm-hosts.ts";
import { unreachedHint, whyUnreached } from "./why-unreached.ts";

export interface ScmFile extends GitFile {
  /** As the forge calls it. */
  readonly path: string;
  readonly cloneUrl: string;
}

/** A file of 8 MiB in base64, and what stands around it. */
const limit = 12 * 1024 * 1024;

/** One file by a forge's API, the commit it was found in, and where the repository can be cloned from. */
export async function fetchScmFile(
  wish: ScmWish & { readonly scmType: string; readonly serverUrl: string },
  token: string,
  fetcher: RemoteWorld["fetch"],
  signal: AbortSignal,
): Promise<Result<ScmFile>> {
  const found = hostOf(wish.scmType, wish.serverUrl);
  if (!found.ok) return found;
  const { host, base } = found.value;
  const headers = { accept: "application/json", "user-agent": "lapcat", ...host.headers(token) };
  const get = (path: string, what: string) => getJson({ address: new URL(path, base), headers, what, fetcher, signal });
  const name = `${wish.org}/${wish.repo} of ${new URL(base).origin}`;
  const place = `${JSON.stringify(wish.path)} at ${JSON.stringify(wish.revision)} in ${name}`;
  const answers = await Promise.all([
    get(host.file(wish), `file ${place}`),
    get(host.commit(wish), `${JSON.stringify(wish.revision)} in ${name}`),
    get(host.repository(wish), `repository ${name}`),
  ]);
  const [file, commit, repository] = answers;
  if (!file.ok || !commit.ok || !repository.ok) return fail(firstOf(answers));
  const content = textOf(file.value, "content");
  const id = textOf(commit.value, host.fields.id);
  const cloneUrl = textOf(repository.value, host.fields.cloneUrl);
  if (Array.isArray(file.value))
    return refusal("resolver.missing", `${place} is a directory`, "Give the path of a file");
  // Also of a file that is too large for the API, of a link that leads nowhere, and of a submodule.
  if (content === undefined || content.trim() === "")
    return refusal("resolver.missing", `${place} has no content`, "A large file can be had by the param url");
  if (id === undefined || cloneUrl === undefined)
    return refusal("resolver.missing", `${name} answers otherwise than ${wish.scmType || "github"} does`);
  const path = host.fields.path === undefined ? wish.path : (textOf(file.value, host.fields.path) ?? wish.path);
  return succeed({ bytes: Buffer.from(content, "base64"), commit: id, path, cloneUrl });
}

function hostOf(scmType: string, serverUrl: string): Result<{ readonly host: ScmHost; readonly base: string }> {
  const host = Object.hasOwn(scmHosts, scmType) ? scmHosts[scmType] : undefined;
  if (host === undefined) {
    const hint = "github, gitlab and gitea are; any repository can be cloned by the param url";
    return otherScmTypes.has(scmType)
      ? refusal("resolver.param", `the scmType ${JSON.stringify(scmType)} is not executed here`, hint)
      : refusal("resolver.param", `there is no scmType ${JSON.stringify(scmType)}`, hint);
  }
  const base = host.base(serverUrl);
  if (base === undefined) return refusal("resolver.param", `the scmType ${scmType} needs the param serverURL`);
  if (!URL.canParse(base) || !/^https?:$/u.test(new URL(base).protocol))
    return refusal(
      "resolver.param",
      `the serverURL ${JSON.stringify(serverUrl)} is no http(s) address`,
      "It begins with https://",
    );
  return succeed({ host, base });
}

interface Question {
  readonly address: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly what: string;
  readonly fetcher: RemoteWorld["fetch"];
  readonly signal: AbortSignal;
}

/** The token goes to the server that it is for and to no other, wherever that leads. */
async function getJson({ address, headers, what, fetcher, signal }: Question): Promise<Result<unknown>> {
  let at = address;
  try {
    for (let count = 0; count < 5; count++) {
      const response = await fetcher(at.href, { headers, redirect: "manual", signal });
      const location = await redirectIn(response);
      if (location === undefined) return await jsonOf(response, what);
      const next = URL.canParse(location, at.href) ? new URL(location, at) : undefined;
      if (next?.origin !== address.origin)
        return refusal("resolver.unreachable", `${address.origin} leads to another server, which is given no token`);
      at = next;
    }
    return refusal("resolver.unreachable", `${address.origin} leads on and on`);
  } catch (error) {
    signal.throwIfAborted();
    return refusal(
      "resolver.unreachable",
      `${address.origin} cannot be reached: ${whyUnreached(error)}`,
      unreachedHint,
    );
  }
}

async function jsonOf(response: Response, what: string): Promise<Result<unknown>> {
  const { status, statusText } = response;
  const body = await readBody(response, limit);
  if (body === undefined) return refusal("resolver.missing", `the ${what} is larger than 8 MiB`);
  const json = parsed(body);
  if (status <= 300)
    return json === undefined
      ? refusal("resolver.missing", `what the server says of the ${what} is no JSON`)
      : succeed(json);
  const why = textOf(json, "message") ?? statusText;
  if (status === 401 || status === 403 || status === 407)
    return refusal("resolver.unauthorized", `the token may not see the ${what}: ${status} ${why}`.trim());
  if (status === 404 || status === 422)
    return refusal(
      "resolver.missing",
      `there is no ${what}: ${status} ${why}`.trim(),
      "A forge says so of what a token may not see, too",
    );
  return refusal("resolver.unreachable", `the server does not answer what the ${what} is: ${status} ${why}`.trim());
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
}

function textOf(json: unknown, name: string): string | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const value: unknown = Reflect.get(json, name);
  return typeof value === "string" ? value : undefined;
}

/** Of several requests for one thing what the first says; they would say it each. */
function firstOf(answers: readonly Result<unknown>[]): readonly Diagnostic[] {
  return answers.find((each) => !each.ok)?.diagnostics ?? [];
}

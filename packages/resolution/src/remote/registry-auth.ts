import { BlockList, isIP } from "node:net";
import { LapcatError } from "@lapcat/diagnostic";
import { readBody } from "./read-body.ts";
import { whyUnreached } from "./why-unreached.ts";

/** A login for a registry's host (`index.docker.io` for Docker Hub), or for a repository prefix on it. */
export interface RegistryLogin {
  readonly registry: string;
  readonly username: string;
  readonly password: string;
  /** An OAuth2 refresh token in place of the password. */
  readonly identityToken?: string;
}

/** Logins from one place. */
export type Keychain = readonly RegistryLogin[];

/** What a registry asks of those who want something. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const challengeForm =
  /(?:^|,)\s*(?:(?:(?<scheme>[A-Za-z][\w-]*)\s+)?(?<key>[\w-]+)\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[^\s,"]*))|(?<alone>[A-Za-z][\w-]*)\s*(?=,|$))/gu;

/** Of a `WWW-Authenticate` header, which may hold several: the first that can be answered, else the first. */
export function challengeIn(header: string): Challenge | undefined {
  const all: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const { groups = {} } of header.matchAll(challengeForm)) {
    const scheme = groups["scheme"] ?? groups["alone"];
    if (scheme !== undefined) all.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    const value = groups["quoted"]?.replace(/\\(.)/gu, "$1") ?? groups["bare"];
    if (groups["key"] !== undefined && value !== undefined)
      all.at(-1)?.parameters.set(groups["key"].toLowerCase(), value);
  }
  return all.find(({ scheme }) => scheme === "basic" || scheme === "bearer") ?? all[0];
}

export function basicAuthorization({ username, password }: RegistryLogin): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** The login for a repository, of the first keychain that has any: that of the longest prefix; the host may have globs, as Kubernetes has it. */
export function loginFor(keychains: readonly Keychain[], name: string): RegistryLogin | undefined {
  const [host = "", ...path] = name.split("/");
  const fitting = keychains.map((logins) =>
    logins.filter(({ registry }) => {
      const [wanted = "", ...prefix] = registry.split("/");
      return isSameHost(wanted, host) && path.join("/").startsWith(prefix.join("/"));
    }),
  );
  const first = fitting.find((logins) => logins.length > 0);
  return first?.toSorted((a, b) => b.registry.length - a.registry.length)[0];
}

function isSameHost(glob: string, host: string): boolean {
  const [globName = "", globPort] = glob.split(":");
  const [name = "", port] = host.split(":");
  const [globs, parts] = [globName.split("."), name.split(".")];
  return (
    globPort === port &&
    globs.length === parts.length &&
    globs.every((each, at) => globForm(each).test(parts[at] ?? ""))
  );
}

function globForm(text: string): RegExp {
  const escaped = text.replace(/[.+^${}()|[\]\\]/gu, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "u");
}

/** What is needed for a token. */
export interface TokenRequest {
  readonly registry: string;
  readonly challenge: Challenge;
  readonly scopes: readonly string[];
  readonly login: RegistryLogin | undefined;
  /** The registry itself speaks plain http. */
  readonly plain: boolean;
}

/** Asks where the registry says for a token, as Docker's token authentication has it. */
export async function tokenFor(
  request: TokenRequest,
  send: (url: URL, init: RequestInit) => Promise<Response>,
): Promise<string> {
  const realm = realmOf(request);
  const answer = await ask(request, realm, send);
  if (answer.status === 401 || answer.status === 403) throw unauthorized(request.registry, request.login);
  if (answer.status !== 200) throw noToken(realm, `it answered ${answer.status}`);
  const body = await readBody(answer, 64 * 1024).catch((error: unknown) => {
    throw noToken(realm, whyUnreached(error));
  });
  const token = tokenIn(body ?? new Uint8Array());
  if (token === undefined) throw noToken(realm, "its answer holds none");
  return token;
}

async function ask(
  { challenge, scopes, login }: TokenRequest,
  realm: URL,
  send: (url: URL, init: RequestInit) => Promise<Response>,
): Promise<Response> {
  const service = challenge.parameters.get("service");
  if (login?.identityToken !== undefined) {
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: login.identityToken,
      client_id: "lapcat",
      scope: scopes.join(" "),
      ...(service === undefined ? {} : { service }),
    });
    const answer = await send(realm, { method: "POST", body: form });
    // Not every server of tokens knows OAuth2; all know the plain question.
    if (answer.status !== 404) return answer;
  }
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  const known = login !== undefined && login.username !== "" && login.password !== "";
  return send(url, known ? { headers: { authorization: basicAuthorization(login) } } : {});
}

/** A registry may not send logins, or us, to wherever it likes. */
function realmOf({ registry, challenge, plain }: TokenRequest): URL {
  const written = challenge.parameters.get("realm") ?? "";
  const realm = URL.canParse(written) ? new URL(written) : undefined;
  const schemes = plain ? ["https:", "http:"] : ["https:"];
  const isAllowed =
    realm !== undefined &&
    schemes.includes(realm.protocol) &&
    (realm.host === registry || !isPrivateHost(realm.hostname));
  if (isAllowed) return realm;
  throw new LapcatError({
    code: "resolver.unreachable",
    message: `the registry ${registry} sends for a token to ${JSON.stringify(written)}, where lapcat does not go`,
    hint: "a public https address, or the registry's own, is expected",
  });
}

const privateAddresses = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 32],
  ["10.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["224.0.0.0", 24],
] as const)
  privateAddresses.addSubnet(net, bits, "ipv4");
for (const [net, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff02::", 16],
] as const)
  privateAddresses.addSubnet(net, bits, "ipv6");

/** An address of this machine or of a private network; names are not looked up. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/gu, "");
  const family = isIP(host);
  return family !== 0 && privateAddresses.check(host, family === 4 ? "ipv4" : "ipv6");
}

function tokenIn(bytes: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    const { token, access_token: access } =
      typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
    const found = typeof access === "string" && access !== "" ? access : token;
    return typeof found === "string" && found !== "" ? found : undefined;
  } catch {
    // Not the parser's own words: they quote the answer, and that is a secret.
    return undefined;
  }
}

function noToken(realm: URL, why: string): LapcatError {
  return new LapcatError({ code: "resolver.unreachable", message: `${realm.host} gave no token: ${why}` });
}

export function unauthorized(registry: string, login: RegistryLogin | undefined): LapcatError {
  return new LapcatError({
    code: "resolver.unauthorized",
    message:
      login === undefined
        ? `the registry ${registry} asks who you are, or holds no such image`
        : `the registry ${registry} does not give the image to ${login.username === "" ? "the login it is given" : login.username}`,
    hint: `\`docker login ${registry}\`, or a Secret of type kubernetes.io/dockerconfigjson that the param secret, or the ServiceAccount's imagePullSecrets, name`,
  });
}

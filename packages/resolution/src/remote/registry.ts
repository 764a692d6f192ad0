import { createHash } from "node:crypto";
import { LapcatError } from "@lapcat/diagnostic";
import { type Identifier, type ImageReference, mayBePlain, repositoryName } from "./image-reference.ts";
import {
  basicAuthorization,
  type Challenge,
  challengeIn,
  type Keychain,
  loginFor,
  type RegistryLogin,
  tokenFor,
  unauthorized,
} from "./registry-auth.ts";
import { bodyOf, type RequestOptions, send, unreachable } from "./registry-request.ts";

/** One repository of a registry, which it has let us into (the distribution specification of the OCI). */
export interface Repository {
  /** A manifest as it is; its digest is that asked for, where one was. */
  manifest(identifier: Identifier, accept: readonly string[]): Promise<Manifest>;
  /** Bytes of this size and this digest, nothing else. */
  blob(digest: string, size: number): Promise<Uint8Array>;
}

export interface Manifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** `sha256:…` of the bytes. */
  readonly digest: string;
}

export interface RegistryOptions extends RequestOptions {
  /** Asked in order for a login for the repository. */
  readonly keychains: readonly Keychain[];
}

const largestManifest = 4 * 1024 * 1024;

/** Rejects with a `LapcatError` of a resolver's codes, as all that the repository does. */
export async function openRepository(reference: ImageReference, options: RegistryOptions): Promise<Repository> {
  const { registry, repository } = reference;
  const login = loginFor(options.keychains, repositoryName(reference));
  const door = await knock(registry, options);
  const { plain, challenge } = door;
  const scopes = [`repository:${repository}:pull`];
  const token = (asked: Challenge): Promise<string> =>
    tokenFor({ registry, challenge: asked, scopes, login, plain }, (url, init) => send(url, init, options));
  let authorization = await firstAuthorization();

  async function firstAuthorization(): Promise<string | undefined> {
    if (challenge === undefined) return undefined;
    if (challenge.scheme === "bearer") return `Bearer ${await token(challenge)}`;
    if (challenge.scheme === "basic") return login === undefined ? undefined : basicAuthorization(login);
    throw unreachable(
      registry,
      `it wants a proof of the kind ${JSON.stringify(challenge.scheme)}, which lapcat has not`,
    );
  }

  async function get(path: string, accept?: readonly string[]): Promise<Response> {
    const url = new URL(`${plain ? "http" : "https"}://${registry}/v2/${repository}/${path}`);
    const ask = (): Promise<Response> => {
      const headers = { ...(accept && { accept: accept.join(",") }), ...(authorization && { authorization }) };
      return send(url, { headers }, options);
    };
    let response = await ask();
    const again = response.status === 401 ? challengeIn(response.headers.get("www-authenticate") ?? "") : undefined;
    if (again?.scheme === "bearer") {
      await response.body?.cancel();
      const scope = again.parameters.get("scope");
      if (scope !== undefined && !scopes.includes(scope)) scopes.unshift(scope);
      authorization = `Bearer ${await token(again)}`;
      response = await ask();
    }
    if (response.status === 200) return response;
    throw await refused(reference, path, response, login);
  }

  return {
    async manifest({ kind, text }, accept) {
      const response = await get(`manifests/${text}`, accept);
      const bytes = await bodyOf(response, largestManifest, registry);
      if (bytes === undefined) throw tooLarge(`the manifest of ${repositoryName(reference)}`, largestManifest);
      const digest = digestOf(bytes);
      if (kind === "digest" && digest !== text)
        throw unlike(`the manifest that ${registry} gave has the digest ${digest}, not ${text}`);
      return { bytes, digest, mediaType: (response.headers.get("content-type") ?? "").replace(/\s*;.*$/su, "") };
    },
    async blob(digest, size) {
      const bytes = await bodyOf(await get(`blobs/${digest}`), size, registry);
      if (bytes === undefined || bytes.length < size)
        throw unlike(`${registry} gave ${bytes === undefined ? "more" : "less"} than the ${size} bytes of ${digest}`);
      const found = digestOf(bytes);
      if (found !== digest) throw unlike(`what ${registry} gave for ${digest} has the digest ${found}`);
      return bytes;
    },
  };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

interface Door {
  readonly plain: boolean;
  /** What it asks of who comes; undefined where it is open. */
  readonly challenge: Challenge | undefined;
}

/** What a local registry is given to answer by TLS before it is asked without. */
const patience = 300;

async function knock(registry: string, options: RegistryOptions): Promise<Door> {
  const secure = knockBy("https", registry, options);
  if (!mayBePlain(registry)) return secure;
  const plain = settled(secure, patience).then(() => knockBy("http", registry, options));
  return await Promise.any([secure, plain]).catch((error: unknown) => {
    throw error instanceof AggregateError ? error.errors.at(-1) : error;
  });
}

/** When it fails, or the time is up; never where it is fulfilled before. */
function settled(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    promise.then(
      () => clearTimeout(timer),
      () => {
        clearTimeout(timer);
        resolve();
      },
    );
  });
}

async function knockBy(scheme: "https" | "http", registry: string, options: RegistryOptions): Promise<Door> {
  const response = await send(new URL(`${scheme}://${registry}/v2/`), {}, options);
  await response.body?.cancel();
  const plain = scheme === "http";
  if (response.status === 200) return { plain, challenge: undefined };
  if (response.status !== 401)
    throw unreachable(registry, `it answered ${response.status} for /v2/: is it a registry?`);
  const challenge = challengeIn(response.headers.get("www-authenticate") ?? "");
  return { plain, challenge: challenge ?? { scheme: "", parameters: new Map() } };
}

async function refused(
  reference: ImageReference,
  path: string,
  response: Response,
  login: RegistryLogin | undefined,
): Promise<LapcatError> {
  const { registry, identifier } = reference;
  const { status } = response;
  const said = reasonIn(await bodyOf(response, 64 * 1024, registry));
  if (status === 401 || status === 403) return unauthorized(registry, login);
  if (status !== 404) return unreachable(registry, `it answered ${status} for ${path}${said}`);
  const isManifest = path.startsWith("manifests/");
  const name = `${repositoryName(reference)}${identifier.kind === "tag" ? ":" : "@"}${identifier.text}`;
  return new LapcatError({
    code: "resolver.missing",
    message: isManifest ? `there is no image ${name}${said}` : `${registry} lacks a part of ${name}: ${path}${said}`,
  });
}

/** What a registry says of its refusal, in the form that all of them have. */
function reasonIn(bytes: Uint8Array | undefined): string {
  try {
    const { errors } = JSON.parse(Buffer.from(bytes ?? []).toString("utf8")) as {
      readonly errors?: readonly { readonly code?: unknown; readonly message?: unknown }[];
    };
    const told = (errors ?? []).map(({ code, message }) =>
      [code, message].filter((each) => typeof each === "string").join(": "),
    );
    return told.length === 0 ? "" : ` (${told.join("; ")})`;
  } catch {
    // Not every refusal is explained.
    return "";
  }
}

function unlike(message: string): LapcatError {
  return new LapcatError({
    code: "resolver.missing",
    message,
    hint: "It was changed on the other side, or on its way",
  });
}

export function tooLarge(what: string, limit: number): LapcatError {
  return new LapcatError({ code: "resolver.missing", message: `${what} is larger than ${limit / 1024 / 1024} MiB` });
}

import { createHash, timingSafeEqual } from "node:crypto";
import { fail, type Result, succeed } from "@lapcat/diagnostic";
import { fetchTimeout } from "./fetch-timeout.ts";
import { follow } from "./follow.ts";
import { loginApart } from "./login-apart.ts";
import { readBody } from "./read-body.ts";
import { refusal } from "./refusal.ts";
import { type RemoteRequest, type RemoteText, type RemoteWorld, type Resolver } from "./resolver.ts";
import { textParams } from "./text-params.ts";
import { unreachedHint, whyUnreached } from "./why-unreached.ts";

const configMap = "http-resolver-config";

/** What one address answers (pkg/resolution/resolver/http). */
export const httpResolver: Resolver = async (request, world) => {
  const asked = askedFor(request);
  if (!asked.ok) return asked;
  const { address, digest } = asked.value;
  const named = loginApart(address).name;
  const secret = asked.value.login === undefined ? succeed(undefined) : authorization(asked.value.login, world);
  const timeout = fetchTimeout(world.settings(configMap)["fetch-timeout"] ?? "1m", configMap);
  if (!secret.ok || !timeout.ok) return fail([...secret.diagnostics, ...timeout.diagnostics]);
  // Go's client takes 0 for no limit: the run's own remains.
  const late = timeout.value?.milliseconds ? AbortSignal.timeout(timeout.value.milliseconds) : undefined;
  const signal = late === undefined ? world.signal : AbortSignal.any([world.signal, late]);
  try {
    const response = await follow(world.fetch, address, secret.value, signal);
    if (response.status !== 200) return unfit(response, named);
    const bytes = await readBody(response, limit);
    if (bytes === undefined)
      return refusal("resolver.missing", `${named} answers with more than 1 MiB`, "Is it a definition?");
    const wrong = digest === undefined ? undefined : digestFault(digest, bytes);
    if (wrong !== undefined) return wrong;
    const text = textOf(bytes);
    if (text === undefined) return refusal("resolver.missing", `${named} answers with what is not valid UTF-8`);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const provenance = { uri: named, digest: { sha256 } };
    return succeed({ text, provenance, immutable: digest !== undefined });
  } catch (error) {
    const why = late?.aborted === true ? `it did not answer within ${timeout.value?.text}` : whyUnreached(error);
    return refusal("resolver.unreachable", `${named} cannot be reached: ${why}`, unreachedHint);
  }
};

/** As much as upstream reads: 1 MiB. */
const limit = 1024 * 1024;

interface Asked {
  readonly address: string;
  readonly login?: Login;
  readonly digest?: Digest;
}

interface Login {
  readonly username: string;
  readonly secret: string;
  readonly key: string;
}

interface Digest {
  readonly algorithm: "sha256" | "sha512";
  readonly hex: string;
}

function askedFor({ params }: RemoteRequest): Result<Asked> {
  const given = textParams(params);
  const address = given.get("url");
  if (address === undefined) return refusal("resolver.param", "the http resolver needs the param url");
  if (!URL.canParse(address) || !/^https?:$/u.test(new URL(address).protocol))
    return refusal("resolver.param", `the http resolver's url ${JSON.stringify(address)} is no http(s) address`);
  const username = given.get("http-username");
  const secret = given.get("http-password-secret");
  if (username === undefined && secret === undefined) return withDigest({ address }, given.get("digest"));
  if (username === undefined || secret === undefined || username === "" || secret === "")
    return refusal(
      "resolver.param",
      "the http resolver takes the params http-username and http-password-secret together, and neither may be empty",
    );
  const key = given.get("http-password-secret-key") || "password";
  return withDigest({ address, login: { username, secret, key } }, given.get("digest"));
}

function withDigest(asked: Asked, text: string | undefined): Result<Asked> {
  if (text === undefined) return succeed(asked);
  const [, algorithm, hex = ""] = /^(sha256|sha512):(.*)$/su.exec(text) ?? [];
  const isHex = /^[0-9a-fA-F]*$/u.test(hex) && hex.length === (algorithm === "sha512" ? 128 : 64);
  if ((algorithm !== "sha256" && algorithm !== "sha512") || !isHex)
    return refusal(
      "resolver.param",
      `the http resolver's digest ${JSON.stringify(text)} is none`,
      "It is sha256: with 64, or sha512: with 128 hexadecimal characters",
    );
  return succeed({ ...asked, digest: { algorithm, hex } });
}

function authorization({ username, secret, key }: Login, world: RemoteWorld): Result<string> {
  const password = world.secret(secret, key);
  if (password === undefined)
    return refusal(
      "resolver.param",
      `the http resolver's password is to be key ${JSON.stringify(key)} of the Secret ${JSON.stringify(secret)}, which is not among the documents`,
      `Give it with -f, or with --secret ${secret}=FILE`,
    );
  return succeed(`Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`);
}

function unfit({ status, statusText }: Response, named: string): Result<RemoteText> {
  const answer = `${named} answers ${status} ${statusText}`.trim();
  if (status === 401 || status === 403 || status === 407)
    return refusal(
      "resolver.unauthorized",
      answer,
      "The params http-username and http-password-secret name credentials",
    );
  if (status === 408 || status === 429 || status >= 500) return refusal("resolver.unreachable", answer);
  return refusal("resolver.missing", answer);
}

function digestFault({ algorithm, hex }: Digest, bytes: Uint8Array): Result<RemoteText> | undefined {
  const found = createHash(algorithm).update(bytes).digest();
  if (timingSafeEqual(found, Buffer.from(hex, "hex"))) return undefined;
  return refusal(
    "resolver.missing",
    `what came back has the digest ${algorithm}:${found.toString("hex")}, not ${algorithm}:${hex}`,
    "It was changed on the other side, or on its way",
  );
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

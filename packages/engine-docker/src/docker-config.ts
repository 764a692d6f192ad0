import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Diagnostic, LapcatError } from "@lapcat/diagnostic";
import { type RegistryCredential } from "@lapcat/engine";
import { type Environment } from "./ways.ts";

export interface DockerConfigOptions {
  readonly env: Environment;
  readonly home: string;
  /** A configuration or the directory that holds one; without it `$DOCKER_CONFIG`, else `~/.docker`. */
  readonly file?: string;
  /**
   * The registries of interest, such as `docker.io`; only their logins are asked of helpers.
   * Without it every login that the configuration or its helpers know.
   */
  readonly registries?: readonly string[];
}

export interface DockerLogins {
  /** The file that was read; undefined when there is none at the usual place. */
  readonly path: string | undefined;
  readonly credentials: readonly RegistryCredential[];
  /** Warnings: helpers that are missing or fail. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The part of Docker's `config.json` that has to do with logins. */
interface DockerConfig {
  readonly auths: ReadonlyMap<string, AuthEntry>;
  readonly credsStore: string | undefined;
  readonly credHelpers: ReadonlyMap<string, string>;
}

interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

type Answer = { readonly credential: RegistryCredential | undefined } | { readonly warning: Diagnostic };

/**
 * The logins of Docker's own configuration: `credHelpers`, then `credsStore`, then `auths`, as the docker client looks for them.
 * Rejects with `credentials.unreadable` when there is a file that is none of Docker's, or the one that was asked for is absent.
 */
export async function dockerLogins(options: DockerConfigOptions): Promise<DockerLogins> {
  const path = await configPath(options);
  const text = await readText(path, options.file !== undefined);
  if (text === undefined) return { path: undefined, credentials: [], diagnostics: [] };
  const config = parseConfig(path, text);
  const diagnostics: Diagnostic[] = [];
  const credentials = new Map<string, RegistryCredential>();
  const take = (credential: RegistryCredential | undefined): void => {
    if (credential !== undefined) credentials.set(credential.registry, credential);
  };

  for (const [server, entry] of config.auths) {
    if (isWanted(server, options.registries)) take(ownLogin(server, entry));
  }
  const asked = await serversToAsk(config, options, diagnostics);
  const answers = await Promise.all(asked.map(({ helper, server }) => askHelper(helper, server, options.env)));
  for (const answer of answers) {
    if ("warning" in answer) diagnostics.push(answer.warning);
    else take(answer.credential);
  }
  return { path, credentials: [...credentials.values()], diagnostics };
}

async function configPath({ env, home, file }: DockerConfigOptions): Promise<string> {
  const named = file ?? (env["DOCKER_CONFIG"] || join(home, ".docker"));
  if (file === undefined) return join(named, "config.json");
  const isDirectory = await stat(named).then(
    (found) => found.isDirectory(),
    // Whether it is there is said when it is read.
    () => false,
  );
  return isDirectory ? join(named, "config.json") : named;
}

async function readText(path: string, isAskedFor: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (!isAskedFor && (code === "ENOENT" || code === "ENOTDIR")) return undefined;
    throw new LapcatError(
      {
        code: "credentials.unreadable",
        message: `${path} could not be read: ${code === "ENOENT" ? "there is no such file" : message}`,
        hint: "`docker login` writes one; --docker-config FILE names another",
      },
      cause,
    );
  }
}

function parseConfig(path: string, text: string): DockerConfig {
  const broken = (why: string): LapcatError =>
    new LapcatError({ code: "credentials.unreadable", message: `${path} is not a Docker configuration: ${why}` });
  let value: unknown;
  try {
    value = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    // Not the parser's own words: they quote the text, and the text holds secrets.
    throw broken("it is not JSON");
  }
  if (!isRecord(value)) throw broken("it is not a JSON object");
  const record = (field: string): Readonly<Record<string, unknown>> => {
    const found = value[field] ?? {};
    if (!isRecord(found)) throw broken(`its ${field} is not an object`);
    return found;
  };
  const auths = Object.entries(record("auths")).map(([server, entry]): [string, AuthEntry] => {
    if (!isRecord(entry)) throw broken(`the entry of ${server} in auths is not an object`);
    const texts = Object.entries(entry).filter((pair): pair is [string, string] => typeof pair[1] === "string");
    return [server, Object.fromEntries(texts)];
  });
  const helpers = Object.entries(record("credHelpers")).filter(
    (pair): pair is [string, string] => typeof pair[1] === "string" && pair[1] !== "",
  );
  const store = value["credsStore"];
  return {
    auths: new Map(auths),
    credsStore: typeof store === "string" && store !== "" ? store : undefined,
    credHelpers: new Map(helpers),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A login that stands in the file itself; undefined for the empty entries that a credential store leaves there. */
function ownLogin(server: string, entry: AuthEntry): RegistryCredential | undefined {
  const { auth, identitytoken } = entry;
  const decoded = auth === undefined ? "" : Buffer.from(auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  const username = colon > 0 ? decoded.slice(0, colon) : (entry.username ?? "");
  const password = colon > 0 ? decoded.slice(colon + 1).replace(/\0+$/u, "") : (entry.password ?? "");
  const registry = registryOf(server);
  if (identitytoken !== undefined && identitytoken !== "")
    return { registry, username, password, identityToken: identitytoken };
  return username === "" ? undefined : { registry, username, password };
}

/** `https://index.docker.io/v1/` and its like as a host, or a host with a repository prefix. */
function registryOf(server: string): string {
  return server.replace(/^https?:\/\//u, "").replace(/\/(?:v[12]\/?)?$/u, "");
}

const hubs = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

function isWanted(server: string, registries: readonly string[] | undefined): boolean {
  if (registries === undefined) return true;
  const host = registryOf(server).split("/")[0] ?? "";
  return registries.some((each) => each === host || (hubs.has(each) && hubs.has(host)));
}

interface Question {
  readonly helper: string;
  readonly server: string;
}

/** Which helper is to be asked about which server; one that has a helper of its own is not asked of the store. */
async function serversToAsk(
  config: DockerConfig,
  options: DockerConfigOptions,
  diagnostics: Diagnostic[],
): Promise<readonly Question[]> {
  const { credHelpers, credsStore } = config;
  const own = [...credHelpers].map(([server, helper]) => ({ helper, server }));
  const wanted = own.filter(({ server }) => isWanted(server, options.registries));
  if (credsStore === undefined) return wanted;
  const helped = new Set([...credHelpers.keys()].map(registryOf));
  const known = options.registries?.map((each) => (hubs.has(each) ? "https://index.docker.io/v1/" : each));
  const servers = known ?? (await serversOfStore(credsStore, config, options.env, diagnostics));
  const asked = servers.filter((server) => !helped.has(registryOf(server)));
  return [...wanted, ...asked.map((server) => ({ helper: credsStore, server }))];
}

async function serversOfStore(
  helper: string,
  config: DockerConfig,
  env: Environment,
  diagnostics: Diagnostic[],
): Promise<readonly string[]> {
  const listed = await runHelper(helper, "list", "", env);
  if (!listed.ok) {
    diagnostics.push(warning(helper, listed.why));
    return [];
  }
  const servers = isRecord(listed.value) ? Object.keys(listed.value) : [];
  return [...new Set([...servers, ...config.auths.keys()])];
}

async function askHelper(helper: string, server: string, env: Environment): Promise<Answer> {
  const said = await runHelper(helper, "get", server, env);
  if (!said.ok) {
    if (/credentials not found|no credentials/iu.test(said.why)) return { credential: undefined };
    return { warning: warning(helper, said.why, server) };
  }
  const { Username: username, Secret: secret } = isRecord(said.value) ? said.value : {};
  if (typeof username !== "string" || typeof secret !== "string" || secret === "") return { credential: undefined };
  const registry = registryOf(server);
  return username === "<token>"
    ? { credential: { registry, username: "", password: "", identityToken: secret } }
    : { credential: { registry, username, password: secret } };
}

function warning(helper: string, why: string, server?: string): Diagnostic {
  return {
    code: "credentials.unreadable",
    severity: "warning",
    message: `docker-credential-${helper} gave no login${server === undefined ? "s" : ` for ${server}`}: ${why}`,
    hint: "Docker's configuration names this helper; `docker login` would have the same difficulty",
  };
}

type Said = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

/** Helpers may ask the keychain, and that its owner: not for ever. */
const helperPatience = 30_000;

async function runHelper(helper: string, verb: "get" | "list", input: string, env: Environment): Promise<Said> {
  // A name with a slash in it would run any program of the machine.
  if (!/^[\w.+-]+$/u.test(helper)) return { ok: false, why: "that is not a helper's name" };
  const { execa } = await import("execa");
  const { failed, stdout, stderr, timedOut, code } = await execa(`docker-credential-${helper}`, [verb], {
    input,
    env: definedOnly(env),
    extendEnv: false,
    timeout: helperPatience,
    reject: false,
  });
  if (code === "ENOENT") return { ok: false, why: "there is no such program in the PATH" };
  if (timedOut) return { ok: false, why: `it did not answer within ${helperPatience / 1000} s` };
  // Helpers say what went wrong on standard output, and nothing else is there then.
  if (failed) return { ok: false, why: (stdout || stderr || "it failed without a word").trim() };
  try {
    return { ok: true, value: JSON.parse(stdout) };
  } catch {
    // Not the parser's own words: they quote the answer, and that is a secret.
    return { ok: false, why: "its answer is not JSON" };
  }
}

function definedOnly(env: Environment): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

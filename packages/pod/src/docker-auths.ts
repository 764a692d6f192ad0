import { decodeBase64, type Secret } from "@lapcat/tekton";
import { type RegistryCredential } from "@lapcat/engine";
import { base64Of, bytesOf, textOf } from "./bytes.ts";

const dockerHub = "index.docker.io";

/** One login of Docker's `config.json`. */
export interface DockerAuth {
  readonly username?: string;
  readonly password?: string;
  /** base64 of `username:password`. */
  readonly auth?: string;
  readonly email?: string;
  readonly identitytoken?: string;
}

/** The `auths` of Docker's `config.json`, by registry as it is written there. */
export type DockerAuths = Readonly<Record<string, DockerAuth>>;

/** The logins a Secret of one of Docker's two types holds; undefined when it is not what its type says. */
export function authsOfSecret(secret: Secret): DockerAuths | undefined {
  const modern = secret.type === "kubernetes.io/dockerconfigjson";
  const bytes = secret.data[modern ? ".dockerconfigjson" : ".dockercfg"];
  const value = parsed(bytes === undefined ? "" : (textOf(bytes) ?? ""));
  if (!isRecord(value)) return undefined;
  return entriesOf(modern ? (value["auths"] ?? {}) : value);
}

/** The logins of a text that is Docker's `config.json`. */
export function authsIn(text: string): DockerAuths | undefined {
  const value = text.trimStart().startsWith("{") ? parsed(text) : undefined;
  return isRecord(value) ? entriesOf(value["auths"]) : undefined;
}

function entriesOf(auths: unknown): DockerAuths | undefined {
  if (!isRecord(auths)) return undefined;
  const entries = Object.entries(auths).flatMap(([registry, entry]) =>
    isRecord(entry) ? [[registry, authOf(entry)] as const] : [],
  );
  return entries.length === Object.keys(auths).length ? Object.fromEntries(entries) : undefined;
}

/** Docker's `config.json` with these logins, written as Go writes it. */
export function dockerConfig(auths: DockerAuths): string {
  const sorted = Object.keys(auths).sort();
  return JSON.stringify({
    auths: Object.fromEntries(sorted.map((registry) => [registry, withAuth(auths[registry] ?? {})])),
  });
}

/** The login in words: from `auth` where the fields are absent. */
export function loginOf(entry: DockerAuth): { readonly username: string; readonly password: string } {
  const decoded = entry.auth === undefined ? undefined : decodeBase64(entry.auth);
  const text = decoded === undefined ? undefined : textOf(decoded);
  const at = text?.indexOf(":") ?? -1;
  if (text === undefined || at === -1) return { username: entry.username ?? "", password: entry.password ?? "" };
  // Docker pads some passwords with NUL characters.
  return { username: text.slice(0, at), password: text.slice(at + 1).replace(/\0+$/u, "") };
}

export function registryCredential(registry: string, entry: DockerAuth): RegistryCredential {
  const token = entry.identitytoken;
  return {
    registry: registryName(registry),
    ...loginOf(entry),
    ...(token === undefined || token === "" ? {} : { identityToken: token }),
  };
}

/** Logins as Docker's `config.json` has them. */
export function authsOf(credentials: readonly RegistryCredential[]): DockerAuths {
  return Object.fromEntries(
    credentials.map(({ registry, username, password, identityToken }) => {
      const login = identityToken === undefined ? { username, password } : { username, identitytoken: identityToken };
      return [registry === dockerHub ? `https://${dockerHub}/v1/` : registry, login];
    }),
  );
}

/** `https://index.docker.io/v1/` is `index.docker.io`; a path that is no API version stays: the login is for what is below it. */
export function registryName(written: string): string {
  const plain = written
    .replace(/^https?:\/\//u, "")
    .replace(/\/v[12]\/?$/u, "")
    .replace(/\/+$/u, "");
  return plain.replace(/^(?:registry-1\.|index\.)?docker\.io(?=$|\/)/u, dockerHub);
}

/** With the `auth` that some clients read alone. */
export function withAuth(entry: DockerAuth): DockerAuth {
  if (entry.auth !== undefined && entry.auth !== "") return entry;
  const { username, password } = entry;
  return username === undefined || password === undefined
    ? { ...entry, auth: "" }
    : { ...entry, auth: base64Of(bytesOf(`${username}:${password}`)) };
}

/** Only what Tekton keeps (dockercreds.entry). */
function authOf(entry: Readonly<Record<string, unknown>>): DockerAuth {
  const fields = ["username", "password", "auth", "email"] as const;
  return Object.fromEntries(
    fields.flatMap((field) => (typeof entry[field] === "string" ? [[field, entry[field]]] : [])),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

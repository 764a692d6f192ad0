import { type FileSpec, type RegistryCredential } from "@lapcat/engine";
import { type ClusterObjects, type PodTemplate, type Secret, type TektonVersion } from "@lapcat/tekton";
import { textOf } from "./bytes.ts";
import { type Complaints } from "./complaints.ts";
import {
  authsOf,
  authsOfSecret,
  dockerConfig,
  registryCredential,
  type DockerAuth,
  type DockerAuths,
} from "./docker-auths.ts";
import { basicGitFiles, sshGitFiles, userPart, type GitLogin, type SshKey } from "./git-credentials.ts";
import { type SecretTexts } from "./secret-texts.ts";

/** Tekton's own name for the account of a run that names none; it need not be among the documents. */
const implicitAccount = "default";

/**
 * The files that every step finds in its home, from the Secrets that the ServiceAccount lists under `secrets` (pod/creds_init.go).
 * Of logins to the same registry the later wins: the user's own, `dockercfg`, `dockerconfigjson`, annotated `basic-auth`.
 */
export function credentialFiles(
  account: string,
  objects: ClusterObjects,
  own: readonly RegistryCredential[],
  secrets: SecretTexts,
  complaints: Complaints,
  tekton?: TektonVersion,
): readonly FileSpec[] {
  const dockercfg: DockerAuths[] = [];
  const dockerconfig: DockerAuths[] = [];
  const annotated: Record<string, DockerAuth> = {};
  const logins: GitLogin[] = [];
  const keys: SshKey[] = [];
  for (const secret of accountSecrets(account, "secrets", objects, complaints)) {
    const name = secret.metadata.name ?? "";
    const malformed = (problem: string): void =>
      complaints.error("secret.malformed", `Secret ${JSON.stringify(name)} of type ${secret.type} ${problem}`);
    const textAt = (key: string): string | undefined => {
      const bytes = secret.data[key];
      return bytes === undefined ? undefined : textOf(bytes);
    };
    if (secret.type === "kubernetes.io/dockerconfigjson" || secret.type === "kubernetes.io/dockercfg") {
      const auths = authsOfSecret(secret);
      if (auths === undefined) malformed("holds no Docker configuration");
      else (secret.type === "kubernetes.io/dockercfg" ? dockercfg : dockerconfig).push(auths);
    } else if (secret.type === "kubernetes.io/basic-auth") {
      const git = annotations(secret, "tekton.dev/git-");
      const docker = annotations(secret, "tekton.dev/docker-");
      if (git.length + docker.length === 0) continue;
      const username = textAt("username");
      const password = textAt("password");
      if (username === undefined || password === undefined) {
        malformed("needs username and password");
        continue;
      }
      secrets.add(password);
      if (git.length > 0) secrets.add(userPart(password));
      logins.push(...git.map((url) => ({ url, username, password })));
      for (const registry of docker) annotated[registry] = { username, password, email: "not@val.id" };
    } else if (secret.type === "kubernetes.io/ssh-auth") {
      const targets = annotations(secret, "tekton.dev/git-");
      if (targets.length === 0) continue;
      const key = textAt("ssh-privatekey");
      if (key === undefined) {
        malformed("needs ssh-privatekey");
        continue;
      }
      secrets.add(key);
      keys.push(...targets.map((target) => ({ target, secret: name, key, knownHosts: textAt("known_hosts") })));
    }
  }
  const auths: DockerAuths = Object.assign({}, authsOf(own), ...dockercfg, ...dockerconfig, annotated);
  const docker = Object.keys(auths).length === 0 ? [] : [{ path: ".docker/config.json", text: dockerConfig(auths) }];
  for (const { text } of docker) secrets.add(text);
  const byPath = new Map<string, string>();
  for (const { path, text } of [...docker, ...basicGitFiles(logins, tekton), ...sshGitFiles(keys, tekton)])
    byPath.set(path, (byPath.get(path) ?? "") + text);
  return Array.from(byPath, ([path, text]) => ({ path, content: { kind: "text", text }, mode: 0o600, secret: true }));
}

/** The logins to pull a Pod's images with: `imagePullSecrets` of the podTemplate and of the ServiceAccount, which steps never see, then the user's own. */
export function registryCredentialsOf(
  source: {
    readonly serviceAccountName: string;
    readonly podTemplate: PodTemplate;
    readonly credentials?: readonly RegistryCredential[];
  },
  objects: ClusterObjects,
): readonly RegistryCredential[] {
  const named = (source.podTemplate.imagePullSecrets ?? []).flatMap(
    ({ name }) => objects.secrets.get(name ?? "")?.resource ?? [],
  );
  const found = [...named, ...accountSecrets(source.serviceAccountName, "imagePullSecrets", objects)].flatMap(
    (secret) =>
      Object.entries(authsOfSecret(secret) ?? {}).map(([registry, entry]) => registryCredential(registry, entry)),
  );
  return [...found, ...(source.credentials ?? [])];
}

/** The Secrets an account lists, each once. One that is absent is a warning, as upstream's event is. */
function accountSecrets(
  account: string,
  list: "secrets" | "imagePullSecrets",
  objects: ClusterObjects,
  complaints?: Complaints,
): readonly Secret[] {
  const found = objects.serviceAccounts.get(account)?.resource;
  if (found === undefined) {
    if (account !== implicitAccount && account !== "")
      complaints?.error(
        "serviceaccount.missing",
        `ServiceAccount ${JSON.stringify(account)} is not among the documents`,
        undefined,
        "give the document that has it with -f",
      );
    return [];
  }
  const names = new Set(found[list].map(({ name }) => name).filter((name) => name !== ""));
  return [...names].flatMap((name) => {
    const secret = objects.secrets.get(name)?.resource;
    if (secret === undefined)
      complaints?.warning(
        "secret.missing",
        `Secret ${JSON.stringify(name)}, which ServiceAccount ${JSON.stringify(account)} lists, is not among the documents`,
      );
    return secret ?? [];
  });
}

/** The distinct values of the annotations with a prefix, sorted. */
function annotations(secret: Secret, prefix: string): readonly string[] {
  const values = Object.entries(secret.metadata.annotations ?? {}).flatMap(([key, value]) =>
    key.startsWith(prefix) ? [value] : [],
  );
  return [...new Set(values)].sort();
}

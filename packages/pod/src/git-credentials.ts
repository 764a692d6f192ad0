import { internalPaths, isAfter, type TektonVersion } from "@lapcat/tekton";

export interface GitLogin {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export interface SshKey {
  /** `host[:port][/org/repo]`. */
  readonly target: string;
  readonly secret: string;
  readonly key: string;
  readonly knownHosts: string | undefined;
}

interface NamedText {
  readonly path: string;
  readonly text: string;
}

/** `.gitconfig` and `.git-credentials` for logins by password (pkg/credentials/gitcreds/basic.go). */
export function basicGitFiles(logins: readonly GitLogin[], tekton?: TektonVersion): readonly NamedText[] {
  if (logins.length === 0) return [];
  const hasPath = (url: string): boolean => isAfter("git-logins-by-path", tekton) && leadsToRepository(url);
  const sections = logins.map(({ url, username }) => {
    const perRepository = hasPath(url) ? "\tuseHttpPath = true\n" : "";
    return `[credential ${JSON.stringify(url)}]\n\tusername = ${username.replaceAll("\\", "\\\\")}\n${perRepository}`;
  });
  // Logins for a whole host first: they are what is left when none for a repository fits.
  const ordered = [...logins.filter(({ url }) => !hasPath(url)), ...logins.filter(({ url }) => hasPath(url))];
  return [
    { path: ".gitconfig", text: `[credential]\n\thelper = store\n${sections.join("")}` },
    { path: ".git-credentials", text: ordered.map((login) => `${withLogin(login)}\n`).join("") },
  ];
}

/** `.ssh` and, for keys of single repositories, the `.gitconfig` that leads to them (pkg/credentials/gitcreds/ssh.go). */
export function sshGitFiles(keys: readonly SshKey[], tekton?: TektonVersion): readonly NamedText[] {
  if (keys.length === 0) return [];
  const targets = [...new Set(keys.map(({ target }) => target))];
  const parts = targets.map((target) => ({
    ...sshTarget(target, tekton),
    keys: keys.filter((key) => key.target === target),
  }));
  const ordered = [
    ...parts.filter(({ repository }) => repository === ""),
    ...parts.filter(({ repository }) => repository !== ""),
  ];
  const config = ordered.map(({ host, port, repository, keys: own }) => {
    const identities = own.map(({ secret }) => `    IdentityFile ${internalPaths.creds}/.ssh/id_${secret}\n`).join("");
    return `Host ${repository === "" ? host : aliasOf(host, repository)}\n    HostName ${host}\n    Port ${port}\n${identities}`;
  });
  const knownHosts = ordered.flatMap(({ keys: own }) =>
    own.flatMap((key) => (key.knownHosts === undefined || key.knownHosts === "" ? [] : [key.knownHosts])),
  );
  const insteadOf = ordered.flatMap(({ host, port, repository }) => {
    if (repository === "") return [];
    const alias = aliasOf(host, repository);
    const authority = port === "22" ? host : `${host}:${port}`;
    return [
      `[url "git@${alias}:${repository}.git"]\n\tinsteadOf = git@${host}:${repository}.git\n`,
      `[url "ssh://${alias}/${repository}.git"]\n\tinsteadOf = ssh://${authority}/${repository}.git\n`,
    ];
  });
  return [
    ...[...new Map(keys.map((key) => [key.secret, key])).values()].map(({ secret, key }) => ({
      path: `.ssh/id_${secret}`,
      text: key,
    })),
    { path: ".ssh/config", text: config.join("") },
    ...(knownHosts.length === 0 ? [] : [{ path: ".ssh/known_hosts", text: knownHosts.join("\n") }]),
    ...(insteadOf.length === 0 ? [] : [{ path: ".gitconfig", text: insteadOf.join("") }]),
  ];
}

/** The login as git's credential store writes it. */
export function withLogin({ url, username, password }: GitLogin): string {
  const at = url.indexOf("://");
  const [scheme, rest] = at === -1 ? ["https://", url] : [url.slice(0, at + 3), url.slice(at + 3)];
  return `${scheme}${userPart(username)}:${userPart(password)}@${rest}`;
}

/** As Go's net/url escapes user information: `$&+,;=` stay. */
export function userPart(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/%(?:24|26|2B|2C|3B|3D)/gu, (escaped) => decodeURIComponent(escaped))
    .replace(/[!'()*]/gu, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function leadsToRepository(url: string): boolean {
  const path = /^[a-z][a-z0-9+.-]*:\/\/[^/]*(\/[^?#]*)?/iu.exec(url)?.[1] ?? "";
  return path !== "" && path !== "/";
}

function sshTarget(
  target: string,
  tekton: TektonVersion | undefined,
): { readonly host: string; readonly port: string; readonly repository: string } {
  const slash = isAfter("git-logins-by-path", tekton) ? target.indexOf("/") : -1;
  const authority = slash === -1 ? target : target.slice(0, slash);
  const match = /^(?:\[([^\]]+)\]|([^:]+)):([^:]*)$/u.exec(authority);
  return {
    host: match?.[1] ?? match?.[2] ?? authority,
    port: match?.[3] ?? "22",
    repository: slash === -1 ? "" : target.slice(slash).replace(/^\//u, ""),
  };
}

function aliasOf(host: string, repository: string): string {
  return `${host}--${repository.replaceAll("/", "--")}`;
}

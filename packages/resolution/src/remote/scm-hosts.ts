/** What is asked of a forge for one file, and where its answers have what is wanted: as jenkins-x/go-scm speaks to it. */
export interface ScmHost {
  /** Ends in a slash; none where the forge has no address of its own. */
  base(serverUrl: string): string | undefined;
  headers(token: string): Readonly<Record<string, string>>;
  file(wish: ScmWish): string;
  commit(wish: ScmWish): string;
  repository(wish: ScmWish): string;
  readonly fields: { readonly path: string | undefined; readonly id: string; readonly cloneUrl: string };
}

export interface ScmWish {
  readonly org: string;
  readonly repo: string;
  readonly revision: string;
  readonly path: string;
}

const github: ScmHost = {
  base: (serverUrl) => {
    if (serverUrl === "" || /^https?:\/\/github\.com/u.test(serverUrl)) return "https://api.github.com/";
    return withSlash(serverUrl.includes("/api/") ? serverUrl : `${withSlash(serverUrl)}api/v3`);
  },
  headers: (token) => ({ authorization: `Bearer ${token}` }),
  file: (wish) => `repos/${owned(wish)}/contents/${parts(wish.path)}?ref=${encodeURIComponent(wish.revision)}`,
  commit: (wish) => `repos/${owned(wish)}/commits/${parts(wish.revision)}`,
  repository: (wish) => `repos/${owned(wish)}`,
  fields: { path: "path", id: "sha", cloneUrl: "clone_url" },
};

const gitlab: ScmHost = {
  base: (serverUrl) => withSlash(serverUrl === "" ? "https://gitlab.com" : serverUrl),
  headers: (token) => ({ "private-token": token }),
  file: (wish) => {
    const path = encodeURIComponent(wish.path).replaceAll(".", "%2E");
    return `${project(wish)}/repository/files/${path}?ref=${encodeURIComponent(wish.revision)}`;
  },
  commit: (wish) => `${project(wish)}/repository/commits/${encodeURIComponent(shortRef(wish.revision))}`,
  repository: (wish) => project(wish),
  fields: { path: "file_path", id: "id", cloneUrl: "http_url_to_repo" },
};

const gitea: ScmHost = {
  base: (serverUrl) => (serverUrl === "" ? undefined : `${withSlash(serverUrl)}api/v1/`),
  headers: (token) => ({ authorization: `token ${token}` }),
  file: (wish) => {
    const ref = encodeURIComponent(shortRef(wish.revision));
    return `repos/${owned(wish)}/contents/${parts(wish.path)}?ref=${ref}`;
  },
  commit: (wish) => `repos/${owned(wish)}/git/commits/${encodeURIComponent(wish.revision)}`,
  repository: (wish) => `repos/${owned(wish)}`,
  fields: { path: undefined, id: "sha", cloneUrl: "clone_url" },
};

/** By `scmType`; one that is not given is GitHub. */
export const scmHosts: Readonly<Record<string, ScmHost>> = { "": github, github, gitlab, gitea };

/** Those that upstream asks too. */
export const otherScmTypes: ReadonlySet<string> = new Set([
  "azure",
  "bitbucket",
  "bitbucketcloud",
  "bitbucketserver",
  "gogs",
  "stash",
]);

function withSlash(address: string): string {
  return address.endsWith("/") ? address : `${address}/`;
}

function parts(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

function owned({ org, repo }: ScmWish): string {
  return parts(`${org}/${repo}`);
}

function project({ org, repo }: ScmWish): string {
  return `api/v4/projects/${encodeURIComponent(`${org}/${repo}`)}`;
}

function shortRef(revision: string): string {
  return revision.replace(/^refs\/heads\//u, "").replace(/^refs\/tags\//u, "");
}

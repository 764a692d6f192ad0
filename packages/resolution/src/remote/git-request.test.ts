import { expect, test } from "vitest";
import { gitConfigMap } from "./git-config.ts";
import { gitRequest } from "./git-request.ts";
import { resolverSettings } from "./settings.ts";

const defaults = resolverSettings([])(gitConfigMap);
const configured = {
  ...defaults,
  "default-org": "myorg",
  "api-token-secret-name": "bot",
  "api-token-secret-key": "oauth",
  "test.default-revision": "stable",
  "test.scm-type": "gitlab",
  "test.server-url": "https://gitlab.example.com",
  "test.default-org": "infra",
  "test.api-token-secret-name": "test-secret",
  "test.api-token-secret-key": "pat",
};

function ask(given: Readonly<Record<string, string>>, settings: Readonly<Record<string, string>> = defaults) {
  const params = Object.entries(given).map(([name, value]) => ({ name, value }));
  return gitRequest(params, settings);
}

const wanted = { revision: "main", path: "a.yaml" };
const url = "https://git.example.com/a.git";
const pathInRepo = "a.yaml";

test.for<[string, Record<string, string>, object, Record<string, string>?]>([
  ["the defaults", { pathInRepo }, { kind: "clone", url: "https://github.com/tektoncd/catalog.git", ...wanted }],
  ["a url and a revision", { url, pathInRepo, revision: "v1" }, { kind: "clone", url, path: "a.yaml", revision: "v1" }],
  [
    "an empty revision is the repository's own",
    { url, pathInRepo, revision: "" },
    { kind: "clone", url, path: "a.yaml", revision: "HEAD" },
  ],
  ["slashes before a path", { url, pathInRepo: "//a.yaml" }, { kind: "clone", url, ...wanted }],
  [
    "a token",
    { url, pathInRepo, gitToken: "s" },
    { kind: "clone", url, ...wanted, token: { name: "s", key: "token" } },
  ],
  [
    "a token's key",
    { url, pathInRepo, gitToken: "s", gitTokenKey: "k" },
    { kind: "clone", url, ...wanted, token: { name: "s", key: "k" } },
  ],
  [
    "a repo, its org, server and token by the settings",
    { repo: "r", pathInRepo },
    {
      kind: "scm",
      org: "myorg",
      repo: "r",
      scmType: "github",
      serverUrl: "",
      ...wanted,
      token: { name: "bot", key: "oauth", namespace: "default" },
    },
    configured,
  ],
  [
    "a repo, all of it by params",
    { org: "o", repo: "r", pathInRepo, token: "t", scmType: "gitea", serverURL: "https://gitea.example.com" },
    {
      kind: "scm",
      org: "o",
      repo: "r",
      scmType: "gitea",
      serverUrl: "https://gitea.example.com",
      ...wanted,
      token: { name: "t", key: "token" },
    },
    configured,
  ],
  [
    "another configuration",
    { repo: "r", pathInRepo, configKey: "test" },
    {
      kind: "scm",
      org: "infra",
      repo: "r",
      scmType: "gitlab",
      serverUrl: "https://gitlab.example.com",
      path: "a.yaml",
      revision: "stable",
      token: { name: "test-secret", key: "pat" },
    },
    configured,
  ],
])("%s", ([, given, expected, settings]) => {
  expect(ask(given, settings)).toEqual({ ok: true, value: expected, diagnostics: [] });
});

test.for<[string]>([
  ["https://user:password@git.example.com/a.git"],
  ["http://git.example.com/a"],
  ["git://git.example.com/a"],
  ["ssh://git@git.example.com:2222/a.git"],
  ["git@git.example.com:a.git"],
  ["git@[::1]:a.git"],
  ["ftp://git.example.com/a"],
  ["ftps://git.example.com/a"],
])("%s is a repository", ([given]) => {
  expect(ask({ url: given, pathInRepo })).toEqual({
    ok: true,
    value: { kind: "clone", url: given, ...wanted },
    diagnostics: [],
  });
});

test.for<[string, Record<string, string>, string, Record<string, string>?]>([
  [
    "a url and a repo",
    { url, repo: "r", org: "o", pathInRepo },
    "it takes either the param url or the param repo, not both",
  ],
  ["neither", { pathInRepo }, "it needs the param url, or org and repo", { "default-revision": "main" }],
  ["no path", { url }, "it needs the params pathInRepo"],
  ["no path and no revision", { url }, "it needs the params revision, pathInRepo", {}],
  ["a repo without an org", { repo: "r", pathInRepo }, "it needs the param org where there is repo"],
  [
    "a configuration that is not there",
    { url, pathInRepo, configKey: "x" },
    'git-resolver-config has no configuration for the configKey "x"',
  ],
  [
    "an option as revision",
    { url, pathInRepo, revision: "--upload-pack=/bin/sh" },
    `the revision "--upload-pack=/bin/sh" must not begin with "-"`,
  ],
  [
    "a refspec as revision",
    { url, pathInRepo, revision: "main:refs/heads/x" },
    `the revision "main:refs/heads/x" can be no branch, tag or commit`,
  ],
  [
    "every ref as revision",
    { url, pathInRepo, revision: "refs/*" },
    `the revision "refs/*" can be no branch, tag or commit`,
  ],
  [
    "a revision that goes up",
    { repo: "r", org: "o", token: "t", pathInRepo, revision: "../../user" },
    `the revision "../../user" can be no branch, tag or commit`,
  ],
  [
    "a revision of two lines",
    { url, pathInRepo, revision: "main\nx" },
    String.raw`the revision "main\nx" can be no branch, tag or commit`,
  ],
  [
    "an option as url",
    { url: "--upload-pack=touch x;a@b:c", pathInRepo },
    `the url "--upload-pack=touch x;a@b:c" is no git repository's`,
  ],
  [
    "a program as url",
    { url: "ext::sh -c 'touch x' a@b", pathInRepo },
    `the url "ext::sh -c 'touch x' a@b" is no git repository's`,
  ],
  ["a descriptor as url", { url: "fd::17/a@b", pathInRepo }, `the url "fd::17/a@b" is no git repository's`],
  ["another scheme", { url: "s3://bucket/a", pathInRepo }, `the url "s3://bucket/a" is no git repository's`],
  ["a relative path as url", { url: "../a", pathInRepo }, `the url "../a" is no git repository's`],
  [
    "a login of two lines",
    { url: "https://a%0ahost=b:c@git.example.com/a", pathInRepo },
    `the url "https://git.example.com/a" is no git repository's`,
  ],
  ["a path that looks like a host", { url: "a@b", pathInRepo }, `the url "a@b" is no git repository's`],
  ["a path below", { url: "a/b@c:d", pathInRepo }, `the url "a/b@c:d" is no git repository's`],
  [
    "a url of two lines",
    { url: `${url}\nhost=x`, pathInRepo },
    String.raw`the url "https://git.example.com/a.git\nhost=x" is no git repository's`,
  ],
  ["a path that goes up", { url, pathInRepo: "a/../../b" }, `the pathInRepo "a/../../b" must not contain ".."`],
  [
    "a path of two lines",
    { url, pathInRepo: "a\nHEAD:b" },
    String.raw`the pathInRepo "a\nHEAD:b" has control characters`,
  ],
  ["a repo that goes up", { repo: "../../user", org: "o", token: "t", pathInRepo }, `the repo "../../user" is no name`],
  [
    "a server that is not the configured token's",
    { repo: "r", pathInRepo, serverURL: "https://evil.example.com" },
    `the serverURL "https://evil.example.com" needs the param token: the one of git-resolver-config is for its own server`,
    configured,
  ],
  [
    "no token",
    { org: "o", repo: "r", pathInRepo },
    "it needs a token where there is repo: neither the param token nor api-token-secret-name in git-resolver-config is there",
  ],
  [
    "no token's key",
    { org: "o", repo: "r", pathInRepo },
    "it needs a token where there is repo: neither the param token nor api-token-secret-key in git-resolver-config is there",
    { ...configured, "api-token-secret-key": "" },
  ],
])("refused: %s", ([, given, expected, settings]) => {
  const { ok, diagnostics } = ask(given, settings);
  expect(ok).toBe(false);
  expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([`resolver.param ${expected}`]);
});

test.for<[string, Record<string, string>, string[]]>([
  [
    "a forge's params, where a repository is cloned",
    { url, pathInRepo, token: "t", serverURL: "https://x", org: "" },
    ["token", "serverURL"],
  ],
  [
    "a clone's params, where a forge is asked",
    { org: "o", repo: "r", pathInRepo, token: "t", gitToken: "x", url: "" },
    ["gitToken"],
  ],
  ["a param that nobody knows", { url, pathInRepo, pathinrepo: "b" }, ["pathinrepo"]],
])("without effect: %s", ([, given, expected]) => {
  const { ok, diagnostics } = ask(given);
  expect(ok).toBe(true);
  expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual(
    expected.map(() => "warning field.no-effect"),
  );
  expect(diagnostics.map(({ message }) => message.split(" ")[2])).toEqual(expected);
});

test.for([["/srv/git/a"], ["file:///srv/git/a"]])("%s is read, and told to be no cluster's", ([given]) => {
  const { ok, diagnostics } = ask({ url: given!, pathInRepo });
  expect(ok).toBe(true);
  expect(diagnostics.map(({ message }) => message)).toEqual([
    `the repository ${JSON.stringify(given)} is on this machine: a cluster's resolver takes none such`,
  ]);
});

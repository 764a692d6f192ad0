import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { gitResolver } from "./git.ts";
import { worldForTest } from "./world-for-test.ts";

const text = "apiVersion: tekton.dev/v1\nkind: Task\n";
const content = Buffer.from(text).toString("base64").replace(/.{20}/u, "$&\n");
const id = "0123456789abcdef0123456789abcdef01234567";
const token = "s3cr3t";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A forge of fixed answers, by path and query, that wants one header of whoever asks. */
function forge(
  answers: Readonly<Record<string, unknown>>,
  header: string,
  value: string,
  seen: string[] = [],
): RequestListener {
  return ({ url = "", headers }, response) => {
    seen.push(url);
    if (headers[header] !== value)
      return void response
        .writeHead(401)
        .end(JSON.stringify({ message: `Bad credentials ${String(headers[header])}` }));
    const answer = answers[url];
    if (answer === undefined) return void response.writeHead(404).end('{"message":"Not Found"}');
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  };
}

async function ask(
  params: Readonly<Record<string, string>>,
  config: Readonly<Record<string, string>> = {},
  fetcher: typeof fetch = fetch,
): Promise<string> {
  const asked = Object.entries({ org: "my-org", repo: "a", pathInRepo: "task/a b.yaml", token: "mine", ...params });
  const answer = await gitResolver(
    { namespace: "default", wanted: "Task", params: asked.map(([name, value]) => ({ name, value })) },
    worldForTest({
      fetch: fetcher,
      settings: () => ({ "default-revision": "main", "scm-type": "github", "backoff-steps": "1", ...config }),
      secret: (name, key) => (name === "mine" ? { token, wrong: "wr0ng", feed: `${token}\n` }[key] : undefined),
    }),
  );
  const { serverURL = "http://nowhere" } = params;
  const told = answer.ok
    ? `${answer.value.text === text ? "the task" : answer.value.text} ${answer.value.provenance.entryPoint} of ${answer.value.provenance.uri}@${answer.value.provenance.digest["sha1"]}`
    : answer.diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n");
  expect(told).not.toContain(token);
  return told.replaceAll(serverURL, "SERVER");
}

const cloneUrl = "https://git.example.com/my-org/a.git";

const github = (base: string, ref: string) => ({
  [`${base}/repos/my-org/a/contents/task/a%20b.yaml?ref=${encodeURIComponent(ref)}`]: {
    path: "task/a b.yaml",
    content,
  },
  [`${base}/repos/my-org/a/commits/${ref}`]: { sha: id },
  [`${base}/repos/my-org/a`]: { clone_url: cloneUrl },
});

test.for<[string, string, Record<string, unknown>, string, string, Record<string, string>]>([
  [
    "GitHub's own, at an address of a company's",
    "",
    github("/api/v3", "main"),
    "authorization",
    `Bearer ${token}`,
    { scmType: "github" },
  ],
  [
    "what is not said, which is GitHub",
    "",
    github("/api/v3", "main"),
    "authorization",
    `Bearer ${token}`,
    { scmType: "" },
  ],
  ["an address that has the API in it", "/api/v4", github("/api/v4", "main"), "authorization", `Bearer ${token}`, {}],
  [
    "a branch with a slash",
    "",
    github("/api/v3", "topic/b"),
    "authorization",
    `Bearer ${token}`,
    { revision: "topic/b" },
  ],
  [
    "GitLab",
    "",
    {
      "/api/v4/projects/my-org%2Fa/repository/files/task%2Fa%20b%2Eyaml?ref=main": {
        file_path: "task/a b.yaml",
        content,
      },
      "/api/v4/projects/my-org%2Fa/repository/commits/main": { id },
      "/api/v4/projects/my-org%2Fa": { http_url_to_repo: cloneUrl },
    },
    "private-token",
    token,
    { scmType: "gitlab" },
  ],
  [
    "GitLab's groups in groups, and a whole branch name",
    "",
    {
      "/api/v4/projects/my-org%2Fgroup%2Fa/repository/files/task%2Fa%20b%2Eyaml?ref=refs%2Fheads%2Ftopic%2Fb": {
        file_path: "task/a b.yaml",
        content,
      },
      "/api/v4/projects/my-org%2Fgroup%2Fa/repository/commits/topic%2Fb": { id },
      "/api/v4/projects/my-org%2Fgroup%2Fa": { http_url_to_repo: cloneUrl },
    },
    "private-token",
    token,
    { scmType: "gitlab", org: "my-org/group", revision: "refs/heads/topic/b" },
  ],
  [
    "Gitea",
    "/gitea/",
    {
      "/gitea/api/v1/repos/my-org/a/contents/task/a%20b.yaml?ref=v1": { path: "elsewhere", content },
      "/gitea/api/v1/repos/my-org/a/git/commits/refs%2Ftags%2Fv1": { sha: id },
      "/gitea/api/v1/repos/my-org/a": { clone_url: cloneUrl },
    },
    "authorization",
    `token ${token}`,
    { scmType: "gitea", revision: "refs/tags/v1" },
  ],
])("%s is asked as go-scm asks", async ([, below, answers, header, value, params]) => {
  const at = await listening(forge(answers, header, value));
  expect(await ask({ serverURL: at + below, ...params })).toBe(`the task task/a b.yaml of git+${cloneUrl}@${id}`);
});

test.for([
  ["", "https://api.github.com/repos/my-org/a"],
  ["https://github.com", "https://api.github.com/repos/my-org/a"],
])("%s is api.github.com", async ([serverURL, expected]) => {
  const seen: string[] = [];
  await ask({ serverURL: serverURL! }, {}, (input) => {
    seen.push(input instanceof Request ? input.url : input.toString());
    return Promise.reject(new Error("not now"));
  });
  expect(seen.at(-1)).toBe(expected);
});

test("the server and the token of the settings, by their configKey", async () => {
  const at = await listening(forge(github("/api/v3", "stable"), "authorization", `Bearer ${token}`));
  const config = {
    "test.default-revision": "stable",
    "test.scm-type": "github",
    "test.server-url": at,
    "test.api-token-secret-name": "mine",
    "test.api-token-secret-key": "token",
  };
  expect(await ask({ token: "", configKey: "test" }, config)).toBe(`the task task/a b.yaml of git+${cloneUrl}@${id}`);
});

test.for<[string, Record<string, unknown>, Record<string, string>, string]>([
  [
    "no such file",
    { "/api/v3/repos/my-org/a/commits/main": { sha: id } },
    {},
    'resolver.missing there is no file "task/a b.yaml" at "main" in my-org/a of SERVER: 404 Not Found',
  ],
  [
    "another token, which the server tells again",
    {},
    { tokenKey: "wrong" },
    'resolver.unauthorized the token may not see the file "task/a b.yaml" at "main" in my-org/a of SERVER: 401 Bad credentials Bearer ***',
  ],
  [
    "a directory",
    { ...github("/api/v3", "main"), "/api/v3/repos/my-org/a/contents/task/a%20b.yaml?ref=main": [{ name: "a" }] },
    {},
    'resolver.missing "task/a b.yaml" at "main" in my-org/a of SERVER is a directory',
  ],
  [
    "a file that is too large for the API",
    {
      ...github("/api/v3", "main"),
      "/api/v3/repos/my-org/a/contents/task/a%20b.yaml?ref=main": { content: "", encoding: "none" },
    },
    {},
    'resolver.missing "task/a b.yaml" at "main" in my-org/a of SERVER has no content',
  ],
  [
    "another forge's answers",
    { ...github("/api/v3", "main"), "/api/v3/repos/my-org/a": {} },
    {},
    "resolver.missing my-org/a of SERVER answers otherwise than github does",
  ],
  [
    "a forge that upstream asks",
    {},
    { scmType: "bitbucketserver" },
    'resolver.param the scmType "bitbucketserver" is not executed here',
  ],
  ["a forge that nobody knows", {}, { scmType: "constructor" }, 'resolver.param there is no scmType "constructor"'],
  [
    "a Secret that is not there",
    {},
    { token: "none" },
    `resolver.param the token is to be key "token" of the Secret "none", which is not among the documents`,
  ],
  [
    "a line break after a token is not sent",
    github("/api/v3", "main"),
    { tokenKey: "feed" },
    `the task task/a b.yaml of git+${cloneUrl}@${id}`,
  ],
])("%s", async ([, answers, params, expected]) => {
  const at = await listening(forge(answers, "authorization", `Bearer ${token}`));
  expect(await ask({ serverURL: at, ...params })).toBe(expected);
});

test.for<[string, string, string]>([
  [
    "an address without a scheme",
    "git.example.com",
    'resolver.param the serverURL "git.example.com" is no http(s) address',
  ],
  ["a file", "file:///etc", 'resolver.param the serverURL "file:///etc" is no http(s) address'],
  ["nobody there", "http://127.0.0.1:1", "resolver.unreachable SERVER cannot be reached: "],
])("%s is no server", async ([, serverURL, expected]) => {
  expect(await ask({ serverURL })).toContain(expected.replaceAll(serverURL, "SERVER"));
});

test("Gitea has no address of its own", async () => {
  expect(await ask({ scmType: "gitea" })).toBe("resolver.param the scmType gitea needs the param serverURL");
});

test("a token goes along a redirect on its server, and to no other", async () => {
  const seen: string[] = [];
  const other = await listening(forge({}, "private-token", token, seen));
  const moved = forge({ "/b": { file_path: "p", content, id, http_url_to_repo: cloneUrl } }, "private-token", token);
  const at = await listening((request, response) =>
    request.url === "/b" ? moved(request, response) : response.writeHead(301, { location: "/b" }).end(),
  );
  expect(await ask({ serverURL: at, scmType: "gitlab" })).toBe(`the task p of git+${cloneUrl}@${id}`);
  const leading = await listening((_, response) => response.writeHead(302, { location: `${other}/c` }).end());
  expect(await ask({ serverURL: leading, scmType: "gitlab" })).toBe(
    "resolver.unreachable SERVER leads to another server, which is given no token",
  );
  expect(seen).toEqual([]);
  const round = await listening((_, response) => response.writeHead(302, { location: "/" }).end());
  expect(await ask({ serverURL: round, scmType: "gitlab" })).toBe("resolver.unreachable SERVER leads on and on");
});

test("a server that says nothing is given up", async () => {
  const at = await listening(() => {});
  expect(await ask({ serverURL: at }, { "fetch-timeout": "100ms" })).toBe(
    "resolver.unreachable my-org/a did not answer within 100ms",
  );
});

test("what a server cannot do now is asked again", async () => {
  let count = 0;
  const good = forge(github("/api/v3", "main"), "authorization", `Bearer ${token}`);
  const at = await listening((request, response) => {
    count += 1;
    if (count > 3) good(request, response);
    else response.writeHead(502).end("<html>");
  });
  const config = { "backoff-steps": "2", "backoff-duration": "1ms" };
  expect(await ask({ serverURL: at }, config)).toBe(`the task task/a b.yaml of git+${cloneUrl}@${id}`);
  expect(await ask({ serverURL: at.replace("127.0.0.1", "localhost") }, { ...config, "fetch-timeout": "soon" })).toBe(
    'resolver.param fetch-timeout "soon" of git-resolver-config is no duration',
  );
});

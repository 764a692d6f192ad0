// The git resolver against git's own server, `git http-backend`, with and without a password.
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { resolvers } from "../packages/resolution/src/remote/resolvers.ts";
import { worldForTest } from "../packages/resolution/src/remote/world-for-test.ts";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { serveRepositories } from "../scripts/services/git-backend.ts";

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const root = mkdtempSync(join(tmpdir(), "lapcat-git-http-"));
const environment = { PATH: process.env["PATH"], HOME: root };
const token = "s3cr3t-t0k3n";
const text = "apiVersion: tekton.dev/v1\nkind: Task\n";
let id: string;

function git(...args: readonly string[]): string {
  const identity = {
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@b",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@b",
  };
  return execFileSync("git", args, {
    env: { ...environment, ...identity },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

/** Requests, each with the login that came with it. */
const seen: string[] = [];
const servers: Server[] = [];

function loginOf({ headers }: IncomingMessage): string {
  const [scheme = "", encoded = ""] = (headers.authorization ?? "").split(" ");
  return scheme === "Basic" ? Buffer.from(encoded, "base64").toString() : scheme;
}

/** Everybody may read below /open, and below /closed who knows the token. */
async function serve(elsewhere?: string): Promise<string> {
  const server = createServer((request, response) => {
    const login = loginOf(request);
    const { pathname } = new URL(request.url ?? "", "http://x");
    seen.push(`${request.method} ${pathname} ${login}`.trim());
    const [, place = "", ...path] = pathname.split("/");
    if (place === "moved")
      return void response
        .writeHead(301, {
          location: `${elsewhere}/open/${path.join("/")}${new URL(request.url ?? "", "http://x").search}`,
        })
        .end();
    if (place === "closed" && !login.endsWith(`:${token}`))
      return void response
        .writeHead(401, { "www-authenticate": 'Basic realm="a"', "content-type": "text/plain" })
        .end(`no: ${login}\n`);
    if (place === "forbidden") return void response.writeHead(403).end("no\n");
    if (place === "broken") return void response.writeHead(500).end("oh\n");
    if (!existsSync(join(root, "srv", place, path[0] ?? ""))) return void response.writeHead(404).end("none\n");
    serveRepositories(join(root, "srv"), request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const askpass = join(root, "askpass");
writeFileSync(askpass, `#!/bin/sh\necho ${token}\n`, { mode: 0o755 });
let at: string;
let other: string;

beforeAll(async () => {
  const work = join(root, "work");
  mkdirSync(join(work, "task"), { recursive: true });
  writeFileSync(join(work, "task/a.yaml"), text);
  writeFileSync(join(work, "unwanted"), "x".repeat(100_000));
  git("init", "-q", "-b", "main", work);
  git("-C", work, "add", "-A");
  git("-C", work, "commit", "-q", "-m", "a");
  id = git("-C", work, "rev-parse", "HEAD");
  writeFileSync(join(work, "task/a.yaml"), "later\n");
  git("-C", work, "commit", "-q", "-a", "-m", "b");
  for (const place of ["open", "closed"]) {
    git("clone", "-q", "--bare", work, join(root, "srv", place, "a.git"));
    git("-C", join(root, "srv", place, "a.git"), "config", "uploadpack.allowFilter", String(place === "open"));
  }
  other = await serve();
  at = await serve(other);
});

beforeEach(() => void seen.splice(0));

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(root, { recursive: true, force: true });
});

async function ask(
  params: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
  scratch = mkdtempSync(join(root, "scratch-")),
): Promise<string> {
  const resolver = await resolvers["git"]!([]);
  const asked = Object.entries({ pathInRepo: "task/a.yaml", revision: id, ...params });
  const answer = await resolver(
    { namespace: "default", wanted: "Task", params: asked.map(([name, value]) => ({ name, value })) },
    worldForTest({
      settings: () => ({ "backoff-steps": "1" }),
      secret: (name, key) => (name === "mine" ? { token, wrong: "wr0ng" }[key] : undefined),
      environment: {
        ...environment,
        ...more,
        ...(more["GIT_ASKPASS"] !== undefined && { GIT_ASKPASS: askpass }),
      },
      temporaryDirectory: () => Promise.resolve(scratch),
    }),
  );
  const found = spawnSync("grep", ["-rlaF", token, scratch], { encoding: "utf8" });
  expect(`${found.stdout}${found.stderr}`).toBe("");
  const told = answer.ok
    ? `${answer.value.text === text ? "the task" : answer.value.text} of ${answer.value.provenance.uri}`
    : answer.diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n");
  expect(told).not.toContain(token);
  return told.replaceAll(at, "SERVER");
}

const gitToken = "mine";

test.for<[string, string, Record<string, string>, Record<string, string>, string, string]>([
  ["a repository that everybody may read", "/open/a.git", {}, {}, "the task of git+SERVER/open/a.git", ""],
  ["a token", "/closed/a.git", { gitToken }, {}, "the task of git+SERVER/closed/a.git", `git:${token}`],
  [
    "none, where one is wanted",
    "/closed/a.git",
    {},
    {},
    "resolver.unauthorized SERVER/closed/a.git wants other credentials: could not read Username for 'SERVER': terminal prompts disabled",
    "",
  ],
  [
    "another token, which the server tells again",
    "/closed/a.git",
    { gitToken, gitTokenKey: "wrong" },
    {},
    "resolver.unauthorized SERVER/closed/a.git wants other credentials: no: git:***; Authentication failed for 'SERVER/closed/a.git/'",
    "git:wr0ng",
  ],
  [
    "a Secret that is not there",
    "/closed/a.git",
    { gitToken: "none" },
    {},
    `resolver.param the token is to be key "token" of the Secret "none", which is not among the documents`,
    "",
  ],
  [
    "the user's credential helper",
    "/closed/a.git",
    {},
    {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "credential.helper",
      GIT_CONFIG_VALUE_0: `!f() { echo username=me; echo password=${token}; }; f`,
    },
    "the task of git+SERVER/closed/a.git",
    `me:${token}`,
  ],
  [
    "an askpass of the user's",
    "/closed/a.git",
    {},
    { GIT_ASKPASS: "ASKPASS" },
    "the task of git+SERVER/closed/a.git",
    `${token}:${token}`,
  ],
  [
    "no helper beside a token",
    "/closed/a.git",
    { gitToken, gitTokenKey: "wrong" },
    {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "credential.helper",
      GIT_CONFIG_VALUE_0: `!f() { echo username=me; echo password=${token}; }; f`,
    },
    "resolver.unauthorized",
    "git:wr0ng",
  ],
  [
    "no such repository",
    "/open/none.git",
    {},
    {},
    "resolver.missing there is no repository SERVER/open/none.git: repository 'SERVER/open/none.git/' not found",
    "",
  ],
  [
    "a server that forbids",
    "/forbidden/a.git",
    {},
    {},
    "resolver.unauthorized SERVER/forbidden/a.git wants other credentials: unable to access 'SERVER/forbidden/a.git/': The requested URL returned error: 403",
    "",
  ],
  [
    "a server that fails",
    "/broken/a.git",
    {},
    {},
    "resolver.unreachable SERVER/broken/a.git cannot be fetched: unable to access 'SERVER/broken/a.git/': The requested URL returned error: 500",
    "",
  ],
])("%s", async ([, path, params, more, expected, login]) => {
  expect(await ask({ url: at + path, ...params }, more)).toContain(expected);
  const logins = seen.map((each) => each.split(" ").slice(2).join(" "));
  expect(logins.at(-1) ?? "").toBe(login);
});

test("a login that stands in the address is used, and told to nobody", async () => {
  const url = `${at.replace("http://", `http://me:${token}@`)}/closed/a.git`;
  expect(await ask({ url })).toBe("the task of git+SERVER/closed/a.git");
  expect(seen.at(-1)).toMatch(new RegExp(` me:${token}$`, "u"));
});

test("a token is for the server of the url, and not for where that leads", async () => {
  expect(await ask({ url: `${at}/moved/a.git`, gitToken })).toBe("the task of git+SERVER/moved/a.git");
  expect(seen).toContain("POST /open/a.git/git-upload-pack");
  expect(seen.filter((each) => each.includes(token))).toEqual([]);
});

test("of a repository that can leave files out only the one that is wanted comes", async () => {
  const scratch = mkdtempSync(join(root, "scratch-"));
  await ask({ url: `${at}/open/a.git` }, {}, scratch);
  const counted = git("--git-dir", join(scratch, "sha1"), "count-objects", "-v");
  // A commit, two directories, and the file.
  expect(counted).toContain("in-pack: 4\n");
});

test("no argument of git's has a token", async () => {
  const bin = join(root, "bin");
  mkdirSync(bin);
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  writeFileSync(join(bin, "git"), `#!/bin/sh\necho "$@" >>${root}/arguments\nexec ${real} "$@"\n`, { mode: 0o755 });
  const url = `${at}/closed/a.git`;
  expect(await ask({ url, gitToken }, { PATH: `${bin}:${process.env["PATH"]}` })).toContain("the task");
  const said = readFileSync(join(root, "arguments"), "utf8");
  expect(said.split("\n").length).toBeGreaterThan(4);
  expect(said).not.toContain(token);
});

test("a run's Pipeline is cloned, and its Task asked of the forge that git-resolver-config names", async () => {
  const pipeline = `apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: p}
spec:
  params: [{name: path, type: string}]
  tasks:
    - name: a
      taskRef:
        resolver: git
        params: [{name: repo, value: r}, {name: pathInRepo, value: $(params.path)}, {name: configKey, value: mine}]
`;
  const task = `apiVersion: tekton.dev/v1
kind: Task
metadata: {name: far}
spec: {steps: [{name: s, image: docker.io/library/busybox:latest, script: echo}]}
`;
  const forge = createServer((request, response) => {
    const [path = ""] = (request.url ?? "").replace("/api/v1/repos/me/r", "").split("?");
    const answers: Readonly<Record<string, object>> = {
      "/contents/far.yaml": { content: Buffer.from(task).toString("base64") },
      "/git/commits/trunk": { sha: id },
      "": { clone_url: "https://git.example.com/me/r.git" },
    };
    const isKnown = request.headers.authorization === `token ${token}`;
    response.writeHead(isKnown ? 200 : 401).end(JSON.stringify(answers[path] ?? {}));
  });
  servers.push(forge);
  await new Promise<void>((resolve) => {
    forge.listen(0, "127.0.0.1", resolve);
  });
  const server = `http://127.0.0.1:${(forge.address() as AddressInfo).port}`;
  const documents = `apiVersion: v1
kind: ConfigMap
metadata: {name: git-resolver-config, namespace: tekton-pipelines-resolvers}
data:
  mine.scm-type: gitea
  mine.server-url: ${server}
  mine.default-revision: trunk
  mine.default-org: me
  mine.api-token-secret-name: bot
  mine.api-token-secret-key: token
  mine.api-token-secret-namespace: default
---
apiVersion: v1
kind: Secret
metadata: {name: bot}
stringData: {token: ${token}}
---
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: run}
spec:
  params: [{name: path, value: far.yaml}]
  pipelineRef:
    resolver: git
    params: [{name: url, value: ${at}/closed/p.git}, {name: pathInRepo, value: p.yaml}, {name: gitToken, value: bot}]
`;
  const work = join(root, "pipeline");
  git("init", "-q", "-b", "main", work);
  writeFileSync(join(work, "p.yaml"), pipeline);
  git("-C", work, "add", "-A");
  git("-C", work, "commit", "-q", "-m", "p");
  git("clone", "-q", "--bare", work, join(root, "srv/closed/p.git"));
  const file = join(root, "run.yaml");
  writeFileSync(file, documents);
  const lapcat = join(import.meta.dirname, "../packages/cli/bin/lapcat");
  const env = { ...environment, LAPCAT_HOME: join(root, "home") };
  const planned = await promisify(execFile)(lapcat, ["plan", "-f", file], { env });
  expect(planned.stderr).toBe("");
  expect(planned.stdout).toMatch(/a +.*far/u);
  await expect(promisify(execFile)(lapcat, ["plan", "-f", file, "-p", "path=near.yaml"], { env })).rejects.toThrow(
    'resolver.missing] the Task of the resolver "git": "near.yaml" at "trunk" in me/r of',
  );
});

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { gitResolver } from "./git.ts";
import { type RemoteWorld } from "./resolver.ts";
import { worldForTest } from "./world-for-test.ts";

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const root = mkdtempSync(join(tmpdir(), "lapcat-git-"));
const work = join(root, "work");
const repository = join(root, "a.git");
const environment = { PATH: process.env["PATH"], HOME: root, GIT_SSH_COMMAND: "false" };
const identity = ["AUTHOR", "COMMITTER"].flatMap((role) => [
  [`GIT_${role}_NAME`, "a"],
  [`GIT_${role}_EMAIL`, "a@example.com"],
  [`GIT_${role}_DATE`, "2026-01-01T00:00:00Z"],
]);

function git(...args: readonly string[]): string {
  const env = { ...environment, ...Object.fromEntries(identity), GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

function commit(files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(work, path, ".."), { recursive: true });
    writeFileSync(join(work, path), text);
  }
  git("-C", work, "add", "-A");
  git("-C", work, "commit", "-q", "-m", "a");
  return git("-C", work, "rev-parse", "HEAD");
}

let first: string;
let second: string;
let branch: string;
let marker: string;

beforeAll(() => {
  git("init", "-q", "-b", "main", work);
  first = commit({ "task/a.yaml": "first\n" });
  git("-C", work, "tag", "light");
  git("-C", work, "tag", "-a", "-m", "v1", "v1");
  git("-C", work, "switch", "-q", "-c", "topic/b");
  branch = commit({ "task/a.yaml": "branch\n" });
  git("-C", work, "switch", "-q", "main");
  symlinkSync("task", join(work, "latest"));
  symlinkSync("/etc/passwd", join(work, "outside"));
  symlinkSync("../../../etc/passwd", join(work, "task/above"));
  symlinkSync("loop", join(work, "loop"));
  symlinkSync("gone", join(work, "dangling"));
  // What a checkout would run.
  marker = join(root, "ran");
  mkdirSync(join(work, "hooks"));
  writeFileSync(join(work, "hooks/post-checkout"), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
  second = commit({
    "task/a.yaml": "second\n",
    "task/b c.yaml": "blank\n",
    "bytes.yaml": "\u00ff",
    ".gitattributes": "* filter=evil\n*.yaml text eol=crlf\n",
    ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch x"\n\tupdate = !touch x\n',
    "large.yaml": "x".repeat(8 * 1024 * 1024 + 1),
  });
  writeFileSync(join(work, "bytes.yaml"), Buffer.from([0xff, 0xfe, 0x80]));
  second = commit({});
  git("-C", work, "tag", "tree", "HEAD^{tree}");
  git("clone", "-q", "--bare", work, repository);
  git("-C", repository, "config", "uploadpack.allowFilter", "true");
  git("-C", repository, "config", "core.hooksPath", join(work, "hooks"));
  git("-C", repository, "config", "uploadpack.packObjectsHook", `touch ${marker}`);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function ask(
  params: Readonly<Record<string, string>>,
  world: Partial<RemoteWorld> & { readonly config?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const scratch = mkdtempSync(join(root, "scratch-"));
  const asked = Object.entries({ url: `file://${repository}`, pathInRepo: "task/a.yaml", ...params });
  const answer = await gitResolver(
    { namespace: "default", wanted: "Task", params: asked.map(([name, value]) => ({ name, value })) },
    {
      ...worldForTest({}),
      settings: () => ({ "default-revision": "main", "backoff-steps": "1", ...world.config }),
      environment,
      temporaryDirectory: () => Promise.resolve(scratch),
      ...world,
    },
  );
  const told = answer.ok
    ? [
        JSON.stringify(answer.value.text),
        `${answer.value.provenance.uri}@${answer.value.provenance.digest["sha1"]}:${answer.value.provenance.entryPoint}`,
        ...(answer.value.immutable ? ["for ever"] : []),
      ].join(" ")
    : answer.diagnostics
        .filter(({ severity }) => severity === "error")
        .map(({ code, message, hint }) => [code, message, ...(hint === undefined ? [] : [`(${hint})`])].join(" "))
        .join("\n");
  return told.replaceAll(root, "ROOT");
}

test.for<[string, () => string, () => string]>([
  ["the default revision", () => "main", () => second],
  ["a branch", () => "topic/b", () => branch],
  ["a whole branch name", () => "refs/heads/topic/b", () => branch],
  ["a tag", () => "light", () => first],
  ["an annotated tag", () => "v1", () => first],
  ["a whole tag name", () => "refs/tags/v1", () => first],
  ["the repository's own", () => "", () => second],
])("%s is found, and its commit told", async ([, revision, expected]) => {
  const told = await ask({ revision: revision() });
  expect(told).toContain(`git+file://ROOT/a.git@${expected()}:task/a.yaml`);
});

test("a commit is found by its whole id, for ever", async () => {
  expect(await ask({ revision: first })).toBe(`"first\\n" git+file://ROOT/a.git@${first}:task/a.yaml for ever`);
});

test("a repository of SHA-256 is read by branch and by commit", async () => {
  const other = join(root, "sha256");
  git("init", "-q", "-b", "main", "--object-format=sha256", other);
  writeFileSync(join(other, "a.yaml"), "long\n");
  git("-C", other, "add", "-A");
  git("-C", other, "commit", "-q", "-m", "a");
  const id = git("-C", other, "rev-parse", "HEAD");
  const asked = { url: other, pathInRepo: "a.yaml" };
  expect(await ask(asked)).toBe(`"long\\n" git+ROOT/sha256@${id}:a.yaml`);
  expect(await ask({ ...asked, revision: id })).toBe(`"long\\n" git+ROOT/sha256@${id}:a.yaml for ever`);
});

test.for([
  ["/task/a.yaml", "task/a.yaml"],
  ["task/./a.yaml", "task/./a.yaml"],
  ["task//a.yaml", "task//a.yaml"],
  ["latest/a.yaml", "latest/a.yaml"],
])("%s is the file", async ([pathInRepo, entryPoint]) => {
  expect(await ask({ pathInRepo: pathInRepo! })).toBe(`"second\\n" git+file://ROOT/a.git@${second}:${entryPoint}`);
});

test.for<[string, Record<string, string>, string]>([
  [
    "a blank in a path is one",
    { pathInRepo: "task/b c.yaml" },
    `"blank\\n" git+file://ROOT/a.git@SECOND:task/b c.yaml`,
  ],
  [
    "no such file",
    { pathInRepo: "task/z.yaml" },
    'resolver.missing there is no file "task/z.yaml" in file://ROOT/a.git at SHORT',
  ],
  [
    "no such directory",
    { pathInRepo: "z/a.yaml" },
    'resolver.missing there is no file "z/a.yaml" in file://ROOT/a.git at SHORT',
  ],
  [
    "below a file",
    { pathInRepo: "task/a.yaml/b" },
    'resolver.missing there is no file "task/a.yaml/b" in file://ROOT/a.git at SHORT',
  ],
  [
    "a directory",
    { pathInRepo: "task" },
    'resolver.missing "task" in file://ROOT/a.git at SHORT is a directory (Give the path of a file)',
  ],
  [
    "the repository itself",
    { pathInRepo: "/" },
    'resolver.missing "" in file://ROOT/a.git at SHORT is a directory (Give the path of a file)',
  ],
  [
    "a link to this machine's files",
    { pathInRepo: "outside" },
    'resolver.missing "outside" in file://ROOT/a.git at SHORT is a link that leads out of the repository, to "/etc/passwd"',
  ],
  [
    "a link above the repository",
    { pathInRepo: "task/above" },
    'resolver.missing "task/above" in file://ROOT/a.git at SHORT is a link that leads out of the repository, to "../../etc/passwd"',
  ],
  [
    "a link to itself",
    { pathInRepo: "loop" },
    'resolver.missing "loop" in file://ROOT/a.git at SHORT is a link that leads round in a circle',
  ],
  [
    "a link to nothing",
    { pathInRepo: "dangling" },
    'resolver.missing there is no file "dangling" in file://ROOT/a.git at SHORT',
  ],
  [
    "another encoding",
    { pathInRepo: "bytes.yaml" },
    'resolver.missing "bytes.yaml" in file://ROOT/a.git is not valid UTF-8',
  ],
  [
    "a large file",
    { pathInRepo: "large.yaml" },
    'resolver.missing "large.yaml" in file://ROOT/a.git at SHORT is larger than 8 MiB (Is it a definition?)',
  ],
  [
    "no such branch",
    { revision: "none" },
    'resolver.missing there is no "none" in file://ROOT/a.git (Is it a branch or a tag of that repository?)',
  ],
  [
    "a commit by its first digits",
    { revision: "abcdef1" },
    'resolver.missing there is no "abcdef1" in file://ROOT/a.git (A commit is named by all digits of its id: no server finds it by the first ones)',
  ],
  [
    "a commit that is not there",
    { revision: "1".repeat(40) },
    `resolver.missing there is no "${"1".repeat(40)}" in file://ROOT/a.git (Some servers give only commits that a branch or a tag leads to)`,
  ],
  ["a tag that is no commit's", { revision: "tree" }, 'resolver.missing "tree" in file://ROOT/a.git is no commit'],
  [
    "no such repository",
    { url: "/nowhere/a" },
    "resolver.missing there is no repository /nowhere/a: '/nowhere/a' does not appear to be a git repository; Could not read from remote repository.",
  ],
  [
    "no such host",
    { url: "https://nohost.invalid/a" },
    "resolver.unreachable https://nohost.invalid/a cannot be fetched: unable to access 'https://nohost.invalid/a/': Could not resolve host: nohost.invalid",
  ],
  [
    "an option as ssh's host",
    { url: "ssh://-oProxyCommand=touch%20x/a" },
    "resolver.unreachable ssh://-oProxyCommand=touch%20x/a cannot be fetched: strange hostname '-oProxyCommand=touch x' blocked",
  ],
  ["an option as ssh's path", { url: "git@127.0.0.1:--upload-pack=x" }, "resolver.unreachable"],
])("%s", async ([, params, expected]) => {
  const told = await ask(params);
  expect(told.replaceAll(second, "SECOND").replaceAll(second.slice(0, 12), "SHORT")).toContain(expected);
});

test("nothing of the repository's is run", async () => {
  await ask({});
  expect(existsSync(marker)).toBe(false);
});

test("what a hook or an alias of git's says of another repository is not minded", async () => {
  const told = await ask({}, { environment: { ...environment, GIT_DIR: "/nowhere", GIT_WORK_TREE: "/nowhere" } });
  expect(told).toContain('"second\\n"');
});

test("the user's configuration is: an address that stands for another", async () => {
  const configured = {
    ...environment,
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `url.file://${root}/.insteadOf`,
    GIT_CONFIG_VALUE_0: "https://git.example.com/",
  };
  const told = await ask({ url: "https://git.example.com/a.git" }, { environment: configured });
  expect(told).toBe(`"second\\n" git+https://git.example.com/a.git@${second}:task/a.yaml`);
});

test("without git nothing is fetched, and that is told", async () => {
  const told = await ask({}, { environment: { PATH: "/nowhere" } });
  expect(told).toBe(
    "resolver.unreachable there is no git on this machine (The git resolver speaks to repositories by git: install it)",
  );
});

test("a git that is too old is told to be", async () => {
  const bin = join(root, "old");
  mkdirSync(bin);
  const forgetting = 'unset GIT_CONFIG_COUNT\nPATH=${PATH#*:} exec git "$@"\n';
  writeFileSync(join(bin, "git"), `#!/bin/sh\n${forgetting}`, { mode: 0o755 });
  const told = await ask({}, { environment: { ...environment, PATH: `${bin}:${environment.PATH}` } });
  expect(told).toBe(
    "resolver.unreachable this machine's git is too old for the git resolver (It has to be 2.31 or later)",
  );
});

async function silentServer(): Promise<{ server: Server; url: string; connected: Promise<void> }> {
  const server = createServer();
  const connected = new Promise<void>((resolve) => {
    server.once("connection", () => resolve());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a`, connected };
}

function running(word: string): string {
  return execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(word))
    .join("\n");
}

test("when the time is up, git and all that it began have gone", async () => {
  const { server, url, connected } = await silentServer();
  const controller = new AbortController();
  const asking = ask({ url }, { signal: controller.signal });
  await connected;
  expect(running(url)).toContain("remote-http");
  controller.abort(new Error("too late"));
  await expect(asking).rejects.toThrow("too late");
  expect(running(url)).toBe("");
  server.close();
});

test("an ssh that does not mind goes too", async () => {
  const wait = join(root, "wait.sh");
  writeFileSync(wait, "#!/bin/sh\ntrap '' TERM INT\nwhile :; do sleep 0.1; done\n", { mode: 0o755 });
  const told = await ask(
    { url: "ssh://git@git.example.com/a" },
    { config: { "fetch-timeout": "300ms" }, environment: { ...environment, GIT_SSH_COMMAND: wait } },
  );
  expect(told).toBe(
    "resolver.unreachable ssh://git@git.example.com/a did not answer within 300ms (That is the fetch-timeout of git-resolver-config)",
  );
  expect(running(wait)).toBe("");
});

test("what cannot be reached is tried as often as the settings say", async () => {
  const server = createServer((socket) => socket.destroy());
  let count = 0;
  server.on("connection", () => (count += 1));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a`;
  const told = await ask({ url }, { config: { "backoff-steps": "3", "backoff-duration": "1ms" } });
  expect(told).toMatch(/^resolver\.unreachable .+ cannot be fetched: /u);
  expect(count).toBe(3);
  server.close();
});

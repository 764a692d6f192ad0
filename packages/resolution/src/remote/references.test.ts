import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Result, sourceFile } from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import { defaultGates, type Fetched, readResources, type ResolvedRun, tasksOf } from "@lapcat/tekton";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveRun, type ResolveOptions } from "../resolve-run.ts";
import { type RemoteSource } from "./remote-source.ts";
import { imagesForTest } from "./world-for-test.ts";

let directory: string;
let server: Server;
let at: string;
let asked: string[];
let files: Record<string, string>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lapcat-references-"));
  asked = [];
  files = {};
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const text = files[(request.url ?? "").slice(1)];
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true, force: true });
});

function machine(offline = false): RemoteSource {
  return { kind: "machine", fetch, environment: {}, images: () => imagesForTest([]), directory, offline };
}

async function resolve(text: string, options: Partial<ResolveOptions> = {}): Promise<Result<ResolvedRun>> {
  const parsed = parseManifest(sourceFile("run.yaml", text.replaceAll("SERVER", at)));
  if (!parsed.ok) throw new Error("the documents cannot be parsed");
  const read = readResources(parsed.value);
  if (!read.ok) throw new Error(read.diagnostics.map(({ message }) => message).join("\n"));
  const common = { catalogs: [], pins: new Map(), random: () => 0.5, uid: "u-1", remote: machine() };
  return resolveRun(read.value.resources, undefined, { ...common, ...options });
}

/** What came of it in short: the Tasks' first images, or what was told. */
function shown(result: Result<ResolvedRun>): readonly string[] {
  const told = result.diagnostics.map(({ code, severity, message, path, hint }) =>
    [`${severity} ${code} at ${path ?? "nowhere"}: ${message}`, ...(hint === undefined ? [] : [`(${hint})`])]
      .join(" ")
      .replaceAll(at, "SERVER"),
  );
  if (!result.ok) return told;
  return [...tasksOf(result.value).map(({ spec }) => spec.steps?.[0]?.image ?? "none"), ...told];
}

const task = (image: string, more = ""): string =>
  `apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec: {${more}steps: [{name: a, image: ${image}}]}\n`;
const http = (url: string, more = ""): string => `{resolver: http, params: [{name: url, value: "${url}"}${more}]}`;
const taskRun = (ref: string, more = ""): string =>
  `apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {name: run}\nspec: {taskRef: ${ref}${more}}\n`;
const pipelineRun = (spec: string): string =>
  `apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {name: run, namespace: team}\nspec: ${spec}\n`;

test("what a run was given, and its contexts, stand in what a resolver is asked of its Pipeline; a flag wins", async () => {
  files["team/run/p.yaml"] =
    "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: p}\nspec: {tasks: []}\n".replace(
      "tasks: []",
      `params: [{name: v, default: "1"}, {name: file, default: "b-$(params.v).yaml"}], tasks: [{name: a, taskRef: ${http("SERVER/$(params.file)")}}, {name: b, taskRef: ${http("SERVER/$(context.pipeline.name).yaml")}}]`,
    );
  files["team/run/p.yaml"] = files["team/run/p.yaml"].replaceAll("SERVER", at);
  files["b-2.yaml"] = task("two");
  files["p.yaml"] = task("of-p");
  const url = "SERVER/$(context.pipelineRun.namespace)/$(context.pipelineRun.name)/$(params.which).yaml";
  const run = pipelineRun(`{params: [{name: which, value: q}], pipelineRef: ${http(url)}}`);
  const flags = (): Result<{ params: { name: string; value: string }[] }> => ({
    ok: true,
    value: { params: ["which=p", "v=2"].map((each) => ({ name: each.split("=")[0]!, value: each.split("=")[1]! })) },
    diagnostics: [],
  });
  const result = await resolve(run, { flags });
  expect(shown(result)).toEqual(["two", "of-p"]);
  expect(result.ok && result.value.fetched?.map(({ kind }) => kind)).toEqual(["Pipeline", "Task", "Task"]);
});

test("a run that a task makes follows its reference itself, with what it was given", async () => {
  files["parent.yaml"] =
    "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: q}\nspec: {tasks: [{name: x, taskRef: {name: never}}]}\n";
  files["child.yaml"] =
    `apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: q}\nspec: {params: [{name: t}], tasks: [{name: x, taskRef: ${http(`${at}/$(params.t).yaml`)}}]}\n`;
  files["t.yaml"] = task("inner");
  const spec = `{params: [{name: t}, {name: p}], tasks: [{name: c, params: [{name: p, value: child}, {name: t, value: $(params.t)}], pipelineRef: ${http("SERVER/$(params.p).yaml")}}]}`;
  const run = pipelineRun(`{params: [{name: p, value: parent}, {name: t, value: t}], pipelineSpec: ${spec}}`);
  expect(shown(await resolve(run))).toEqual(["inner"]);
  expect(asked).toEqual(["/parent.yaml", "/child.yaml", "/t.yaml"]);
});

test("a Pipeline that runs in itself by way of a resolver is a circle, not an endless one", async () => {
  files["self.yaml"] =
    `apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: self}\nspec: {tasks: [{name: c, pipelineRef: ${http(`${at}/self.yaml`)}}]}\n`;
  const admission = { settings: {}, gates: { ...defaultGates, apiFields: "alpha" as const } };
  const result = await resolve(pipelineRun(`{pipelineRef: ${http("SERVER/self.yaml")}}`), { admission });
  expect(shown(result)).toEqual([]);
  expect(result.ok && result.value.kind === "PipelineRun" && result.value.children.get("c")?.kind).toBe("cycle");
  expect(asked).toEqual(["/self.yaml"]);
});

test("steps take params of their Task and no others, and each has its own StepAction", async () => {
  const action = (image: string): string =>
    `apiVersion: tekton.dev/v1beta1\nkind: StepAction\nmetadata: {name: same}\nspec: {image: ${image}}\n`;
  files["one.yaml"] = action("one");
  files["two.yaml"] = action("two");
  const steps = `[{name: a, ref: ${http("SERVER/$(params.file).yaml")}}, {name: b, ref: ${http("SERVER/two.yaml")}}]`;
  const run = `apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {name: run}\nspec: {taskSpec: {params: [{name: file, default: one}], steps: ${steps}}}\n`;
  const result = await resolve(run);
  const found = result.ok && result.value.kind === "TaskRun" ? result.value.task : undefined;
  expect([...(found?.stepActions?.values() ?? [])].map(({ resource }) => resource.spec.image)).toEqual(["one", "two"]);
  expect([...(found?.stepSources?.values() ?? [])].map(({ uri }) => uri.replace(at, ""))).toEqual([
    "/one.yaml",
    "/two.yaml",
  ]);
});

test("each request is made once, and of several documents the first is read", async () => {
  files["t.yaml"] = `${task("first")}---\n${task("second")}`;
  const tasks = ["a", "b", "c"].map((name) => `{name: ${name}, taskRef: ${http("SERVER/t.yaml")}}`).join(", ");
  expect(shown(await resolve(pipelineRun(`{pipelineSpec: {tasks: [${tasks}]}}`)))).toEqual([
    "first",
    "first",
    "first",
    "warning document.ignored at nowhere: SERVER/t.yaml holds 2 documents, of which Tekton reads the first",
  ]);
  expect(asked).toEqual(["/t.yaml"]);
});

test("what is of v1beta1 is converted", async () => {
  files["t.yaml"] = task("alpine").replace("v1", "v1beta1").replace("steps:", "resources: null, steps:");
  expect(shown(await resolve(taskRun(http("SERVER/t.yaml"))))).toEqual(["alpine"]);
});

test.for([
  ["nothing", undefined, ["resolver.missing: SERVER/t.yaml answers 404 Not Found"]],
  ["a text that is no YAML", "{", ["resolver.missing: a cluster would refuse SERVER/t.yaml", "yaml.syntax"]],
  ["no document", "# none\n", ["resolver.missing: a cluster would refuse SERVER/t.yaml", "resolver.missing"]],
  [
    "a Pipeline",
    "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: p}\nspec: {tasks: [{name: a, taskRef: {name: b}}]}\n",
    ["resolver.missing: SERVER/t.yaml is a Pipeline, and a Task is wanted"],
  ],
  [
    "a page",
    "<!doctype html><html><body>Sign in</body></html>",
    ["resolver.missing: a cluster would refuse SERVER/t.yaml", "document.kind"],
  ],
  [
    "a Task without steps",
    "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec: {}\n",
    ["resolver.missing: a cluster would refuse SERVER/t.yaml", "field.missing"],
  ],
  [
    "aliases that swell",
    `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
      .split("")
      .map((name, index) => `${name}: &${name} [${`*${"abcdefghi"[index]},`.repeat(9)}]`)
      .join("\n")}\n`,
    ["resolver.missing: a cluster would refuse SERVER/t.yaml", "yaml.alias"],
  ],
] as const)("where there is %s, nothing is run", async ([, text, expected]) => {
  if (text !== undefined) files["t.yaml"] = text;
  const result = await resolve(taskRun(http("SERVER/t.yaml")));
  expect(result.ok).toBe(false);
  const told = result.diagnostics.map(({ code, message }, index) =>
    index === 0
      ? `${code}: ${message.replace('the Task of the resolver "http": ', "").replaceAll(at, "SERVER")}`
      : code,
  );
  expect([...new Set(told)]).toEqual(expected);
});

test("by a digest nobody is asked twice; else only with cache: always, for a while, and never with cache: never", async () => {
  files["t.yaml"] = task("alpine");
  const { createHash } = await import("node:crypto");
  const digest = `sha256:${createHash("sha256").update(files["t.yaml"]).digest("hex")}`;
  const askTwice = async (more: string, text = ""): Promise<number> => {
    asked = [];
    for (const _ of [1, 2]) {
      expect(shown(await resolve(`${taskRun(http("SERVER/t.yaml", more))}${text}`))).toEqual(["alpine"]);
    }
    return asked.length;
  };
  expect(await askTwice(`, {name: digest, value: "${digest}"}`)).toBe(1);
  expect(await askTwice("")).toBe(2);
  expect(await askTwice(", {name: cache, value: never}")).toBe(2);
  // The answer of before.
  expect(await askTwice(", {name: cache, value: always}")).toBe(0);
  const settings = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: resolver-cache-config}\ndata: {ttl: 1ns}\n";
  expect(await askTwice(", {name: cache, value: always}", settings)).toBe(2);
});

test("offline, what was fetched is there, unless somebody changed it", async () => {
  files["t.yaml"] = task("alpine");
  const run = taskRun(http("SERVER/t.yaml"));
  const never =
    'error resolver.unreachable at spec.taskRef.resolver: the Task of the resolver "http": it was never fetched here, and with --offline nobody is asked (`lapcat plan` without --offline fetches it, and keeps it)';
  expect(shown(await resolve(run, { remote: machine(true) }))).toEqual([never]);
  expect(shown(await resolve(run))).toEqual(["alpine"]);
  asked = [];
  expect(shown(await resolve(run, { remote: machine(true) }))).toEqual(["alpine"]);
  expect(asked).toEqual([]);
  const [name = ""] = (await readdir(directory)).filter((each) => each.endsWith(".json"));
  const kept = await readFile(join(directory, name), "utf8");
  await writeFile(join(directory, name), kept.replace("image: alpine", "image: evil.example/x"));
  expect(shown(await resolve(run, { remote: machine(true) }))).toEqual([never]);
  await writeFile(join(directory, name), kept.slice(0, 40));
  expect(shown(await resolve(run, { remote: machine(true) }))).toEqual([never]);
});

test("a record answers as the resolvers did, and nobody but it", async () => {
  files["t.yaml"] = task("alpine");
  const run = taskRun(http("SERVER/t.yaml"));
  const first = await resolve(run);
  const fetched: readonly Fetched[] = (first.ok ? first.value.fetched : undefined) ?? [];
  files = {};
  asked = [];
  expect(shown(await resolve(run, { remote: { kind: "record", fetched } }))).toEqual(["alpine"]);
  expect(shown(await resolve(run, { remote: { kind: "record", fetched: [] } }))).toEqual([
    'error resolver.missing at spec.taskRef.resolver: the Task of the resolver "http": it is not in the run\'s record',
  ]);
  expect(asked).toEqual([]);
});

test("who takes longer than default-maximum-resolution-timeout is not waited for, and an earlier answer is told of", async () => {
  files["t.yaml"] = task("alpine");
  const run = taskRun(http("SERVER/t.yaml"));
  expect(shown(await resolve(run))).toEqual(["alpine"]);
  const admission = { settings: { "default-maximum-resolution-timeout": "50ms" }, gates: defaultGates };
  const hanging: typeof fetch = () => new Promise(() => undefined);
  const result = await resolve(run, { admission, remote: { ...machine(), fetch: hanging } as RemoteSource });
  expect(shown(result)).toEqual([
    'error resolver.unreachable at spec.taskRef.resolver: the Task of the resolver "http": there was no answer within 50ms (It was fetched 1m0s ago: --offline takes that)',
  ]);
});

test("a definition from elsewhere is read by the cluster's settings", async () => {
  files["t.yaml"] = task("alpine").replace("image: alpine", "ref: {}");
  const admission = { settings: { "default-resolver-type": "mine" }, gates: defaultGates };
  expect(shown(await resolve(taskRun(http("SERVER/t.yaml")), { admission }))[0]).toContain(
    'the resolver "mine" is none of Tekton\'s own',
  );
});

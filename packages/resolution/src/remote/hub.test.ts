import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { type Result } from "@lapcat/diagnostic";
import { hubResolver } from "./hub.ts";
import { type RemoteText } from "./resolver.ts";
import { worldForTest } from "./world-for-test.ts";

const defaults = {
  "default-tekton-hub-catalog": "Tekton",
  "default-artifact-hub-task-catalog": "tekton-catalog-tasks",
  "default-artifact-hub-pipeline-catalog": "tekton-catalog-pipelines",
  "default-kind": "task",
  "default-type": "artifact",
};

const text = "kind: Task\n";
const artifactVersions = ["0.4.0", "0.10.0", "0.9.0"].map((version) => ({ version, prerelease: false }));
const answers: Readonly<Record<string, unknown>> = {
  "/api/v1/packages/tekton-task/tekton-catalog-tasks/git-clone": {
    version: "0.10.0",
    available_versions: [{ version: "1.0.0", prerelease: true }, ...artifactVersions],
  },
  "/api/v1/packages/tekton-task/tekton-catalog-tasks/git-clone/0.9.0": { data: { manifestRaw: text } },
  "/api/v1/packages/tekton-task/tekton-catalog-tasks/git-clone/0.10.0": { data: { manifestRaw: text } },
  "/api/v1/packages/tekton-pipeline/tekton-catalog-pipelines/build": { available_versions: [{ version: "0.1.0" }] },
  "/api/v1/packages/tekton-pipeline/tekton-catalog-pipelines/build/0.1.0": { data: { manifestRaw: text } },
  "/api/v1/packages/tekton-stepaction/mine/fetch": { available_versions: [{ version: "1.6.0" }] },
  "/api/v1/packages/tekton-stepaction/mine/fetch/1.6.0": { data: { manifestRaw: text } },
  "/api/v1/packages/tekton-task/tekton-catalog-tasks/odd": { available_versions: [{ version: "main" }] },
  "/api/v1/packages/tekton-task/tekton-catalog-tasks/hollow": { available_versions: [{ version: "1.0.0" }] },
  "/api/v1/packages/tekton-task/tekton-catalog-tasks/hollow/1.0.0": { data: {} },
  "/api/v1/packages/tekton-task/tekton-catalog-tasks/page": "<html>",
  "/api/v1/packages/tekton-task/tekton-catalog-tasks/moved/main": { data: { manifestRaw: text } },
  "/v1/resource/Tekton/task/git-clone": { data: { versions: [{ version: "0.9" }, { version: "0.10" }] } },
  "/v1/resource/Tekton/task/git-clone/0.10/yaml": { data: { yaml: text } },
};

interface Asking {
  readonly settings?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Hosts that do not answer as a hub does, by the status they answer with; 0 is none at all. */
  readonly broken?: Readonly<Record<string, number>>;
}

async function resolve(
  params: Readonly<Record<string, string>>,
  { settings = {}, environment = {}, broken = {} }: Asking = {},
): Promise<{ readonly result: Result<RemoteText>; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const answer = (input: string | URL | Request): Promise<Response> => {
    const { href, host, pathname } = new URL(input instanceof Request ? input.url : input);
    asked.push(href);
    const status = broken[host] ?? 200;
    if (status === 0) return Promise.reject(new TypeError("fetch failed", { cause: new Error("nobody is there") }));
    const found = status === 200 ? answers[pathname] : undefined;
    if (found === undefined) return Promise.resolve(new Response("", { status: status === 200 ? 404 : status }));
    return Promise.resolve(new Response(typeof found === "string" ? found : JSON.stringify(found)));
  };
  const world = worldForTest({ fetch: answer, settings: () => ({ ...defaults, ...settings }), environment });
  const list = Object.entries(params).map(([name, value]) => ({ name, value }));
  return { result: await hubResolver({ namespace: "default", wanted: "Task", params: list }, world), asked };
}

async function told(params: Readonly<Record<string, string>>, more?: Asking): Promise<readonly string[]> {
  const { result } = await resolve(params, more);
  return result.ok
    ? [`found ${result.value.provenance.uri}`, ...result.diagnostics.map(({ message }) => message)]
    : result.diagnostics.map(
        ({ code, message, hint }) => `${code}: ${message}${hint === undefined ? "" : ` (${hint})`}`,
      );
}

const artifact = "https://artifacthub.io/api/v1/packages";

test("a version is looked for among those there are, and its definition fetched", async () => {
  const { result, asked } = await resolve({ name: "git-clone", version: "0.9" });
  const uri = `${artifact}/tekton-task/tekton-catalog-tasks/git-clone/0.9.0`;
  const digest = { sha256: createHash("sha256").update(text).digest("hex") };
  expect(result).toEqual({ ok: true, diagnostics: [], value: { text, provenance: { uri, digest }, immutable: false } });
  expect(asked).toEqual([`${artifact}/tekton-task/tekton-catalog-tasks/git-clone`, uri]);
});

test.for([
  [{ name: "git-clone", version: ">= 0.5.0" }, "tekton-task/tekton-catalog-tasks/git-clone/0.10.0"],
  [{ name: "git-clone", version: ">=0.4, < 0.10" }, "tekton-task/tekton-catalog-tasks/git-clone/0.9.0"],
  [{ name: "build", version: "0.1", kind: "pipeline" }, "tekton-pipeline/tekton-catalog-pipelines/build/0.1.0"],
  [{ name: "fetch", version: "1.6.0", kind: "stepaction", catalog: "mine" }, "tekton-stepaction/mine/fetch/1.6.0"],
  [{ name: "moved", version: "main" }, "tekton-task/tekton-catalog-tasks/moved/main"],
] as const)("%j is %s", async ([params, path]) => {
  expect(await told(params)).toEqual([`found ${artifact}/${path}`]);
});

test("Tekton Hub has versions of two parts, and no address of its own", async () => {
  const params = { name: "git-clone", version: "0.10.0", type: "tekton" };
  const environment = { TEKTON_HUB_API: "https://api.hub.example/" };
  expect(await told(params, { environment })).toEqual([
    "found https://api.hub.example/v1/resource/Tekton/task/git-clone/0.10/yaml",
  ]);
  expect(await told(params)).toEqual([
    'resolver.param: the hub resolver knows no hub of the type "tekton" (TEKTON_HUB_API in the environment, tekton-hub-urls in the ConfigMap hubresolver-config, or the param url names one)',
  ]);
});

const path = "api/v1/packages/tekton-task/tekton-catalog-tasks/git-clone/0.9.0";
const params = { name: "git-clone", version: "0.9.0" };
const environment = { ARTIFACT_HUB_API: "https://hub.example/" };
test.for([
  ["the environment's", params, { environment }, [`found https://hub.example/${path}`]],
  [
    "the ConfigMap's",
    params,
    { environment, settings: { "artifact-hub-urls": "- https://a.example/\n" } },
    [`found https://a.example/${path}`],
  ],
  [
    "the param's",
    { ...params, url: "http://p.example//" },
    { environment, settings: { "artifact-hub-urls": "[https://a.example]" } },
    [`found http://p.example/${path}`],
  ],
  [
    "the environment's where the ConfigMap's is no list",
    params,
    { environment, settings: { "artifact-hub-urls": "https://a.example" } },
    [
      `found https://hub.example/${path}`,
      "artifact-hub-urls of hubresolver-config is not used: it is no list of addresses",
    ],
  ],
  [
    "the environment's where the ConfigMap's is no address",
    params,
    { environment, settings: { "artifact-hub-urls": "[ftp://a.example]" } },
    [
      `found https://hub.example/${path}`,
      'artifact-hub-urls of hubresolver-config is not used: "ftp://a.example" is no http or https address',
    ],
  ],
] as const)("the hub that is asked is %s", async ([, asked, world, expected]) => {
  expect(await told(asked, world)).toEqual(expected);
});

const both = { "artifact-hub-urls": "- https://a.example\n- https://b.example\n" };
test("the first hub that answers is the one", async () => {
  expect(await told(params, { settings: both, broken: { "a.example": 0 } })).toEqual([
    `found https://b.example/${path}`,
  ]);
  expect(await told(params, { settings: both, broken: { "a.example": 500, "b.example": 403 } })).toEqual([
    "resolver.unreachable: https://a.example/api/v1/packages/tekton-task/tekton-catalog-tasks/git-clone answers 500",
    "resolver.unauthorized: https://b.example/api/v1/packages/tekton-task/tekton-catalog-tasks/git-clone answers 403",
  ]);
  const { asked } = await resolve({ ...params, version: ">= 7" }, { settings: both });
  expect(asked).toEqual(["https://a.example/api/v1/packages/tekton-task/tekton-catalog-tasks/git-clone"]);
});

test.for([
  [{}, "resolver.param: the hub resolver needs the param name and the param version"],
  [{ name: "git-clone" }, "resolver.param: the hub resolver needs the param version"],
  [
    { ...params, kind: "clustertask" },
    'resolver.param: the hub resolver knows no kind "clustertask" (It has task, pipeline, stepaction)',
  ],
  [{ ...params, type: "docker" }, 'resolver.param: the hub resolver knows no hub of the type "docker"'],
  [
    { ...params, kind: "stepaction" },
    "resolver.param: the hub resolver needs the param catalog: there is none that is usual for a stepaction",
  ],
  [{ ...params, url: "hub.example" }, 'resolver.param: the hub resolver\'s url "hub.example" is no address'],
  [
    { ...params, url: "ftp://hub.example" },
    'resolver.param: the hub resolver\'s url "ftp://hub.example" is no http or https address',
  ],
  [{ ...params, name: "../.." }, 'resolver.param: the hub resolver\'s name "../.." is no part of an address'],
  [{ ...params, name: "git-clown" }, "resolver.missing: the hub has nothing at"],
  [
    { ...params, version: "0.7" },
    'resolver.missing: no version of the task "git-clone" at https://artifacthub.io is "0.7" (It has 0.4.0, 0.10.0, 0.9.0)',
  ],
  [{ name: "odd", version: "1" }, 'tells of a version "main", which is none'],
  [{ name: "hollow", version: "1" }, "holds no definition: data.manifestRaw is absent"],
  [{ name: "page", version: "1" }, "is no JSON (Is it a hub's API?)"],
] as const)("%j: %s", async ([asked, words]) => {
  const [message = ""] = await told(asked);
  expect(message).toContain(words);
});

import { sourceFile } from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import { readResources } from "@lapcat/tekton";
import { expect, test } from "vitest";
import { clusterResolver } from "./cluster.ts";
import { type RemoteWorld } from "./resolver.ts";
import { worldForTest } from "./world-for-test.ts";

const texts = [
  "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: build, namespace: tools, uid: u-1}\nspec: {steps: [{name: a, image: alpine}]}\n",
  "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: all}\nspec: {tasks: [{name: a, taskRef: {name: build}}]}\n",
];

function world(config: Readonly<Record<string, string>>): RemoteWorld {
  return worldForTest({
    settings: (name) => (name === "cluster-resolver-config" ? { "default-kind": "task", ...config } : {}),
  });
}

async function ask(
  params: Readonly<Record<string, string>>,
  config: Readonly<Record<string, string>> = {},
): Promise<string> {
  const parsed = parseManifest(sourceFile("all.yaml", texts.join("---\n")));
  const read = parsed.ok ? readResources(parsed.value) : parsed;
  if (!read.ok) throw new Error("cannot be read");
  const request = {
    namespace: "default",
    wanted: "Task",
    params: Object.entries(params).map(([name, value]) => ({ name, value })),
  } as const;
  const answer = await clusterResolver(read.value.resources)(request, world(config));
  if (!answer.ok) return answer.diagnostics.map(({ code, message, hint }) => `${code} ${message} (${hint})`).join("\n");
  const { uri } = answer.value.provenance;
  return `${answer.value.located?.resource.kind} of ${uri}`;
}

test.for([
  [{ name: "build", namespace: "tools" }, {}, "Task of /apis/tekton.dev/v1/namespaces/tools/task/build@u-1"],
  [{ name: "build" }, { "default-namespace": "tools" }, "Task of /apis/tekton.dev/v1/namespaces/tools/task/build@u-1"],
  [
    { name: "all", kind: "pipeline", namespace: "default" },
    {},
    "Pipeline of /apis/tekton.dev/v1/namespaces/default/pipeline/all@",
  ],
  [
    { name: "build", namespace: "default" },
    {},
    'resolver.missing there is no Task "build" in the namespace "default" among the documents (There is one in tools)',
  ],
  [
    { name: "biuld", namespace: "tools" },
    {},
    'resolver.missing there is no Task "biuld" in the namespace "tools" among the documents (Did you mean build?)',
  ],
  [
    { kind: "job", name: "build", namespace: "tools" },
    {},
    'resolver.param the cluster resolver knows no kind "job" (It has task, pipeline, stepaction)',
  ],
  [
    {},
    { "default-namespace": "" },
    "resolver.param the cluster resolver needs the params name, namespace (The ConfigMap cluster-resolver-config may have a default-namespace)",
  ],
  [
    { name: "build", namespace: "tools" },
    { "blocked-namespaces": "a, tools" },
    'resolver.param the cluster resolver may not look into the namespace "tools": it is blocked (The ConfigMap cluster-resolver-config says so)',
  ],
  [
    { name: "build", namespace: "tools" },
    { "blocked-namespaces": "*", "allowed-namespaces": "tools" },
    "Task of /apis/tekton.dev/v1/namespaces/tools/task/build@u-1",
  ],
  [
    { name: "build", namespace: "tools" },
    { "blocked-namespaces": "*" },
    'resolver.param the cluster resolver may not look into the namespace "tools": only those that are allowed by name are open (The ConfigMap cluster-resolver-config says so)',
  ],
  [
    { name: "build", namespace: "tools" },
    { "allowed-namespaces": "a,b" },
    'resolver.param the cluster resolver may not look into the namespace "tools": it is not among those allowed (The ConfigMap cluster-resolver-config says so)',
  ],
] as const)("%j, with the settings %j", async ([params, config, expected]) => {
  expect(await ask(params, config)).toBe(expected);
});

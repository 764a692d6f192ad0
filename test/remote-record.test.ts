// A kept run whose definitions came from elsewhere is planned again, and gone on with, when nobody is there any more to ask.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { invocationOf } from "../packages/cli/src/invocation.ts";
import { planWithGates } from "../packages/cli/src/plan-with-gates.ts";
import { planOf, recordedRun, stateOf } from "../packages/cli/src/recorded-run.ts";
import { closedManifest } from "../packages/cli/src/record.ts";
import { sourceFile } from "../packages/diagnostic/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { imagesForTest } from "../packages/resolution/src/remote/world-for-test.ts";
import { resolveRun } from "../packages/resolution/src/index.ts";
import { begin, statusOf } from "../packages/run/src/index.ts";
import { openStore } from "../packages/store/src/index.ts";
import { attemptResources, defaultGates } from "../packages/tekton/src/index.ts";

const home = mkdtempSync(join(tmpdir(), "lapcat-remote-record-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const action = (image: string): string =>
  `apiVersion: tekton.dev/v1beta1\nkind: StepAction\nmetadata: {name: same}\nspec: {image: ${image}}\n`;
const files: Readonly<Record<string, string>> = {
  "/pipeline.yaml": `apiVersion: tekton.dev/v1beta1
kind: Pipeline
metadata: {name: far, labels: {from: afar}}
spec:
  params: [{name: at}]
  tasks:
    - name: one
      taskRef: {resolver: http, params: [{name: url, value: $(params.at)/one.yaml}]}
    - name: two
      taskRef: {resolver: http, params: [{name: url, value: $(params.at)/$(context.pipelineRun.uid)/two.yaml}]}
      params: [{name: at, value: $(params.at)}]
`,
  // Two Tasks of one name, and two StepActions.
  "/one.yaml":
    "apiVersion: tekton.dev/v1beta1\nkind: Task\nmetadata: {name: same}\nspec: {steps: [{name: a, image: one}]}\n",
  "/u-7/two.yaml": `apiVersion: tekton.dev/v1
kind: Task
metadata: {name: same}
spec:
  params: [{name: at}]
  steps:
    - {name: a, ref: {resolver: http, params: [{name: url, value: $(params.at)/a.yaml}]}}
    - {name: b, ref: {resolver: http, params: [{name: url, value: $(params.at)/b.yaml}]}}
`,
  "/a.yaml": action("two-a"),
  "/b.yaml": action("two-b"),
};

const bare = (plan: unknown): unknown =>
  JSON.parse(
    JSON.stringify(plan, (key, value: unknown) => {
      if (["origin", "path", "objects", "options"].includes(key)) return undefined;
      return value instanceof Map ? [...(value as ReadonlyMap<unknown, unknown>)] : value;
    }),
  );

test("a record holds what resolvers gave, each by what it was asked for, and its status says where it came from", async () => {
  const server = createServer((request, response) => {
    const text = files[request.url ?? ""];
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const run = `apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: run, uid: u-7}
spec:
  params: [{name: at, value: "${at}"}]
  pipelineRef: {resolver: http, params: [{name: url, value: $(params.at)/pipeline.yaml}]}
`;
  const parsed = parseManifest(sourceFile("run.yaml", run));
  if (!parsed.ok) throw new Error("the run cannot be read");
  const resolved = await resolveRun(attemptResources(parsed.value).resources, undefined, {
    catalogs: [],
    pins: new Map(),
    random: () => 0,
    uid: "u-7",
    remote: {
      kind: "machine",
      fetch,
      environment: {},
      images: () => imagesForTest([]),
      directory: join(home, "cache"),
      offline: false,
    },
  });
  server.closeAllConnections();
  server.close();
  if (!resolved.ok) throw new Error(resolved.diagnostics.map(({ message }) => message).join("\n"));
  const plan = planWithGates(defaultGates, resolved.value, {});
  if (!plan.ok) throw new Error(plan.diagnostics.map(({ message }) => message).join("\n"));
  const options = { imageMap: [], secret: [], engine: "docker", grace: 5, keepWorkspaces: false };
  const invocation = await invocationOf(options, {}, resolved.value.objects, { omitted: [], claims: {} });
  const store = openStore(join(home, "runs"));
  const writer = await store.create("run", closedManifest(resolved.value, plan.value, invocation));
  await writer[Symbol.asyncDispose]();
  const reader = await store.read(writer.id);
  expect(reader.manifest.match(/^kind: (?:Task|Pipeline|StepAction)$/gmu)).toBeNull();
  const recorded = recordedRun(reader);
  const again = await planOf(recorded);
  expect(bare(again)).toEqual(bare(plan.value));
  const images = again.tasks.map((task) =>
    task.kind === "task"
      ? [
          ...(task.task.spec.steps ?? []).map(({ image }) => image),
          ...[...(task.task.stepActions?.values() ?? [])].map(({ resource }) => resource.spec.image),
        ]
      : [],
  );
  expect(images).toEqual([["one"], [undefined, undefined, "two-a", "two-b"]]);
  const { run: object } = statusOf(await stateOf(reader, []));
  const sha256 = createHash("sha256").update(files["/pipeline.yaml"]!).digest("hex");
  expect(object.status.provenance).toEqual({ refSource: { uri: `${at}/pipeline.yaml`, digest: { sha256 } } });
  const silent = planWithGates({ ...defaultGates, provenance: false }, resolved.value, {});
  expect(silent.ok && statusOf(begin(silent.value)).run.status.provenance).toBeUndefined();
  expect(object.spec).toMatchObject({ pipelineRef: { resolver: "http" } });
  expect(object.metadata.labels).toMatchObject({ from: "afar", "tekton.dev/pipeline": "far" });
});

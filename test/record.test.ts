import { expect, test } from "vitest";
import { closedManifest } from "../packages/cli/src/record.ts";
import { stateOf } from "../packages/cli/src/recorded-run.ts";
import { sourceFile } from "../packages/diagnostic/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { planRun } from "../packages/plan/src/index.ts";
import { resolveRun } from "../packages/resolution/src/index.ts";
import { listOf, simulate } from "../packages/run/src/index.ts";
import { attemptResources } from "../packages/tekton/src/index.ts";

const text = `
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: { name: run }
spec: { pipelineSpec: { tasks: [{ name: a, taskSpec: { steps: [{ image: alpine, script: "true" }] } }] } }
`;

const invocation = {
  settings: {},
  secretFiles: {},
  secretFlags: [],
  pods: { imageMap: [] },
  customTask: [],
  directory: "/",
  omitted: [],
  claims: {},
  engine: "auto",
  grace: 5,
  keepWorkspaces: false,
};

const nested = `
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: { name: run }
spec:
  pipelineSpec:
    tasks:
      - { name: a, pipelineRef: { name: p }, params: [{ name: q, value: there }] }
---
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: { name: p }
spec:
  params: [{ name: q }]
  tasks:
    - name: b
      pipelineSpec: { tasks: [{ name: c, taskRef: { name: t } }] }
---
apiVersion: tekton.dev/v1
kind: Task
metadata: { name: t }
spec: { steps: [{ image: alpine, script: "true" }] }
`;

test("a kept run has the Pipelines in its Pipeline and their Tasks, and says where they came from", async () => {
  const parsed = parseManifest(sourceFile("here.yaml", nested));
  if (!parsed.ok) throw new Error("the documents are sound");
  const { resources } = attemptResources(parsed.value);
  const resolved = await resolveRun(resources, undefined, { catalogs: [], pins: new Map(), random: Math.random });
  if (!resolved.ok) throw new Error("the run is whole");
  const plan = planRun(resolved.value);
  if (!plan.ok) throw new Error("the run can be planned");
  const { log, state } = simulate(plan.value, {}, 0, "test");
  const kept = { id: "run", directory: "run", manifest: closedManifest(resolved.value, plan.value, invocation) };
  const read = await stateOf(kept as Parameters<typeof stateOf>[0], JSON.parse(JSON.stringify(log)) as typeof log);
  expect(listOf(read)).toEqual(listOf(state));
  expect(listOf(read).items.map(({ metadata }) => metadata.name)).toEqual(["run", "run-a", "run-a-b", "run-a-b-c"]);
  expect(JSON.stringify(listOf(read))).toContain("here.yaml");
});

test("a kept run is read again as the Tekton that it was run as", async () => {
  const parsed = parseManifest(sourceFile("run.yaml", text));
  if (!parsed.ok) throw new Error("the document is sound");
  const { resources } = attemptResources(parsed.value);
  const resolved = await resolveRun(resources, undefined, { catalogs: [], pins: new Map(), random: Math.random });
  if (!resolved.ok) throw new Error("the run is whole");
  const tekton = { major: 0, minor: 15 };
  const plan = planRun(resolved.value, { tekton });
  if (!plan.ok) throw new Error("the run can be planned");
  const manifest = closedManifest(resolved.value, plan.value, invocation);
  expect(manifest).toContain("tektonVersion: v0.15");
  const kept = { id: "run", directory: "run", manifest } as Parameters<typeof stateOf>[0];
  const state = await stateOf(kept, []);
  expect(state.plan.tekton).toEqual(tekton);
  expect(state.plan.tasks[0]?.taskRunName).toBe(plan.value.tasks[0]?.taskRunName);
});

// Pods are opened while the tasks before them still run, where nothing that happens can change them.
import { expect, test } from "vitest";
import { play } from "./conversation.ts";

const step = "steps: [{ name: s, image: alpine, script: 'true' }]";

/** Two tasks, the second after the first; `second` and `workspaces` are fields in YAML's flow style. */
function chain(second: string, spec = step, workspaces = "", first = ""): string {
  return `apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: { name: run }
spec:
  ${workspaces === "" ? "" : `workspaces: [{ name: w, ${workspaces} }]`}
  pipelineSpec:
    ${workspaces === "" ? "" : "workspaces: [{ name: w }]"}
    tasks:
      - name: first
        ${first}
        taskSpec: { ${first === "" ? "" : "params: [{ name: m }], "}results: [{ name: r }], steps: [{ name: s, image: alpine, script: 'true' }] }
      - name: second
        ${second}
        taskSpec: { ${spec} }
`;
}

const script = {
  pods: { "run-first-pod*": { "step-s": { duration: 1000, writes: { "/tekton/results/r": "x" } } } },
};

/** The order in which the first pod ended and the second was opened. */
function order(calls: readonly string[]): readonly string[] {
  return calls
    .filter((call) => /^(?:open run-second|dispose run-first)/u.test(call))
    .map((call) => call.split(" ")[0] ?? "");
}

const template = "volumeClaimTemplate: { spec: { accessModes: [ReadWriteOnce] } }";
const withWorkspace = (workspaceStep: string): string => `workspaces: [{ name: w }], ${workspaceStep}`;

test.for<[string, string]>([
  ["waits for another", chain("runAfter: [first]")],
  [
    "shares a volume with it",
    chain("runAfter: [first]\n        workspaces: [{ name: w }]", withWorkspace(step), template),
  ],
])("a task that %s has its pod before its turn", async ([, yaml]) => {
  const { calls, state } = await play(yaml, script, {});
  expect(order(calls)).toEqual(["open", "dispose"]);
  expect(calls.filter((call) => call.startsWith("open "))).toHaveLength(2);
  expect(state?.finished?.reason).toBe("Succeeded");
});

test.for<[string, string]>([
  [
    "takes its results",
    chain("params: [{ name: p, value: $(tasks.first.results.r) }]", `params: [{ name: p }], ${step}`),
  ],
  [
    "takes a number that is only known at its turn",
    chain(
      "runAfter: [first]\n        params: [{ name: p, value: $(tasks.first.matrix.length) }]",
      "params: [{ name: p }], steps: [{ name: s, image: alpine, script: echo $(params.p) }]",
      "",
      "matrix: { params: [{ name: m, value: [a] }] }",
    ),
  ],
  ["has a condition", chain("runAfter: [first]\n        when: [{ input: a, operator: in, values: [a] }]")],
  [
    "works in a directory of its volume",
    chain(
      "runAfter: [first]\n        workspaces: [{ name: w }]",
      withWorkspace("steps: [{ name: s, image: alpine, workingDir: /workspace/w/sub, script: 'true' }]"),
      template,
    ),
  ],
  [
    "has a part of its volume",
    chain("runAfter: [first]\n        workspaces: [{ name: w, subPath: part }]", withWorkspace(step), template),
  ],
  [
    "has a volume that outlives the run, and would be made for nothing",
    chain(
      "runAfter: [first]\n        workspaces: [{ name: w }]",
      withWorkspace(step),
      "persistentVolumeClaim: { claimName: mine }",
    ),
  ],
])("a task that %s gets its pod at its turn", async ([, yaml]) => {
  const { calls, state } = await play(yaml, script, {});
  expect(order(calls)).toEqual(["dispose", "open"]);
  expect(state?.finished?.reason).toBe("Succeeded");
});

test("a pod that is not needed after all is removed", async () => {
  const failing = { pods: { "run-first-pod*": { "step-s": { duration: 1000, exitCode: 1 } } } };
  const { calls, events } = await play(chain("runAfter: [first]"), failing, {});
  expect(
    calls.filter((call) => /^(?:open|start|dispose) run-second/u.test(call)).map((call) => call.split(" ")[0]),
  ).toEqual(["open", "dispose"]);
  expect(events).toContain("nothing is left in the engine");
});

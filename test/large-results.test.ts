// Where results-from is sidecar-logs every result has its own limit, and none of them is in a termination message (RES-6).
import { expect, test } from "vitest";
import { asTaskRunName } from "../packages/plan/src/index.ts";
import { type RunState } from "../packages/run/src/index.ts";
import { play } from "./conversation.ts";

const written = `apiVersion: tekton.dev/v1
kind: TaskRun
metadata: { name: run }
spec:
  taskSpec:
    results: [{ name: one }, { name: two, type: array }]
    steps: [{ name: a, image: alpine, script: one }, { name: b, image: alpine, script: two }]
`;
/** A result as the sidecar's line tells it has so many bytes beside its value. */
const around = '{"name":"one","value":"","type":"task"}'.length;

async function stateAfter(one: string, two: string, resultLimit?: number): Promise<RunState | undefined> {
  const script = {
    pods: {
      "*": {
        "step-a": { writes: { "/tekton/results/one": one } },
        "step-b": { writes: { "/tekton/results/two": two } },
      },
    },
  };
  const { state } = await play(written, script, resultLimit === undefined ? {} : { resultLimit });
  return state;
}

const large = JSON.stringify(["y".repeat(3000)]);

test("results that are too large together for a message have each a limit of its own", async () => {
  const state = await stateAfter("x".repeat(4096 - around), large, 4096);
  expect(state?.finished).toMatchObject({ status: "True", reason: "Succeeded" });
  expect(state?.taskRuns.get(asTaskRunName("run"))?.attempts.at(-1)?.results).toEqual([
    { name: "one", type: "string", value: "x".repeat(4096 - around) },
    { name: "two", type: "array", value: ["y".repeat(3000)] },
  ]);
  expect((await stateAfter("x".repeat(4096 - around), large))?.finished).toMatchObject({ reason: "StepFailed" });
});

test("a result beyond its limit fails the TaskRun when its steps are done", async () => {
  const state = await stateAfter("x".repeat(4097 - around), large, 4096);
  expect(state?.finished).toMatchObject({
    status: "False",
    reason: "TaskRunResultLargerThanAllowedLimit",
    message: '[User error] TaskRun ""run"" failed: 4097 bytes results size exceeds configured limit of 4096 bytes',
  });
  expect(state?.taskRuns.get(asTaskRunName("run"))?.attempts.at(-1)?.containers.get("step-b")?.end).toMatchObject({
    exitCode: 0,
  });
});

test("a result of a megabyte is read whole", async () => {
  const state = await stateAfter("z".repeat(2 ** 20), "[]", 1_500_000);
  expect(state?.finished).toMatchObject({ status: "True", reason: "Succeeded" });
});

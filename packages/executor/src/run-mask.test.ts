import { expect, test } from "vitest";
import { type RunEvent } from "@lapcat/run";
import { type TaskRunName } from "@lapcat/plan";
import { runMask } from "./run-mask.ts";

const key = { taskRun: "hunter2-run" as TaskRunName, attempt: 0 };
const written = (value: string | readonly string[] | Readonly<Record<string, string>>): RunEvent => ({
  type: "result.written",
  ...key,
  name: "hunter2",
  resultType: "string",
  value,
});

test.for<[string, RunEvent, object]>([
  ["a result", written("it is hunter2\n"), { value: "it is ***\n", masked: true }],
  ["a result that is a list", written(["a", "hunter2"]), { value: ["a", "***"], masked: true }],
  [
    "a result that is an object, whatever the key",
    written({ name: "hunter2" }),
    { value: { name: "***" }, masked: true },
  ],
  ["base64 of it", written(Buffer.from("hunter2").toString("base64")), { value: "***" }],
  [
    "a param that came from a result",
    { type: "task.started", ...key, task: "t" as never, uid: "u", params: [{ name: "p", value: "hunter2" }] },
    { params: [{ name: "p", value: "***" }] },
  ],
  [
    "what a child is given",
    {
      type: "child.started",
      ...key,
      task: "t" as never,
      uid: "u",
      params: [{ name: "p", value: "hunter2" }],
      workspaces: [{ name: "hunter2", subPath: "hunter2", source: { kind: "emptyDir", medium: "disk" } }],
    },
    { params: [{ name: "p", value: "***" }], workspaces: [{ name: "hunter2", subPath: "***" }] },
  ],
  [
    "what happened in a child",
    { type: "child.told", ...key, event: written("hunter2") },
    { type: "child.told", taskRun: "hunter2-run", event: { value: "***", masked: true } },
  ],
  [
    "a step's results, and the message that tells them as JSON",
    {
      type: "step.finished",
      ...key,
      container: "step-a",
      exitCode: 0,
      reason: "Completed",
      terminationReason: "Completed",
      message: JSON.stringify([{ key: "r", value: JSON.stringify(["hunter2"]), type: 4 }]),
      results: [{ name: "r", type: "array", value: ["hunter2"] }],
      outputs: [{ name: "o", values: [{ uri: "https://hunter2@there" }] }],
    },
    {
      message: JSON.stringify([{ key: "r", value: '["***"]', type: 4 }]),
      results: [{ name: "r", type: "array", value: ["***"] }],
      outputs: [{ name: "o", values: [{ uri: "https://***@there" }] }],
    },
  ],
  [
    "a message of the engine",
    { type: "pod.failed", ...key, reason: "PodCreationFailed", message: "no such user hunter2" },
    { message: "no such user ***", taskRun: "hunter2-run" },
  ],
  [
    "the spec that ran, its names aside",
    {
      type: "pod.created",
      ...key,
      pod: "hunter2-pod",
      taskSpec: { steps: [{ name: "hunter2", args: ["-p", "hunter2"] }] } as never,
      containers: [],
    },
    { pod: "hunter2-pod", taskSpec: { steps: [{ name: "hunter2", args: ["-p", "***"] }] } },
  ],
  [
    "a warning and its hint",
    { type: "warning.noticed", code: "engine.refused", severity: "warning", message: "hunter2", hint: "not hunter2" },
    { message: "***", hint: "not ***" },
  ],
])("%s is masked", ([, event, expected]) => {
  const mask = runMask();
  mask.know(["hunter2"]);
  expect(mask.masked(event)).toMatchObject(expected);
});

test("what has no secret in it is the very same event, and so is everything while no secret is known", () => {
  const mask = runMask();
  const event = written("plain");
  expect(mask.masked(written("hunter2"))).toMatchObject({ value: "hunter2" });
  mask.know(["hunter2"]);
  expect(mask.masked(event)).toBe(event);
});

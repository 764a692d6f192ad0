import { expect, test } from "vitest";
import { failed, logOf, started, succeeded } from "./recorded-for-test.ts";
import { summaryLines, valueText } from "./summary.ts";
import { timelineOf } from "./timeline.ts";

const plain = { colour: false };

test("a success: tasks with the times of their steps, results, the verdict", () => {
  expect(summaryLines(plain, timelineOf(succeeded))).toEqual([
    "",
    "  ✔  build  6.0s  compile 1.0s",
    "",
    "  IMAGE_DIGEST  sha256:abc",
    "  digest        sha256:abc  build",
    "",
    "✔ PipelineRun run Succeeded in 8.0s  Tasks Completed: 1",
  ]);
});

test("a failure: what failed and why, what was skipped and why", () => {
  expect(summaryLines(plain, timelineOf(failed))).toEqual([
    "",
    '  ✘  build        5.0s  StepFailed: "step-compile" exited with code 3: Error',
    "  ○  deploy <it>        skipped: PipelineRun was stopping",
    "",
    "✘ PipelineRun run Failed in 8.0s: Tasks Completed: 1",
  ]);
});

test("a run without an end has no verdict", () => {
  expect(summaryLines(plain, timelineOf(logOf(started))).at(-1)).toBe("PipelineRun run has not ended");
});

test("values are shown as text, arrays and objects as JSON", () => {
  expect([valueText("a\n"), valueText(["a", "b"]), valueText({ k: "v" })]).toEqual(["a", '["a","b"]', '{"k":"v"}']);
});

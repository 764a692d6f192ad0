import { expect, test } from "vitest";
import { describeLines } from "./describe.ts";
import { failed, logOf, started, succeeded, taskStarted } from "./recorded-for-test.ts";
import { timelineOf } from "./timeline.ts";

const plain = { colour: false };

test("a run that succeeded, with its steps and results", () => {
  expect(describeLines(plain, timelineOf(succeeded), "finished")).toEqual([
    "Name       run",
    "Kind       PipelineRun",
    "Namespace  default",
    "Status     Succeeded  Tasks Completed: 1",
    "Duration   8.0s",
    "",
    "✔ build  TaskRun run-build  Succeeded: All Steps have completed executing",
    "    compile  1.0s  exit 0  Completed  docker.io/library/alpine",
    "    push     -     -       -          docker.io/library/alpine",
    "    digest  =  sha256:abc",
    "",
    "Results",
    "  IMAGE_DIGEST  sha256:abc",
  ]);
});

test("what was skipped stands under its own heading", () => {
  const lines = describeLines(plain, timelineOf(failed), "finished");
  expect(lines.slice(-2)).toEqual(["Skipped", "  deploy <it>  PipelineRun was stopping"]);
});

test("a run without an end has the state of its record", () => {
  const lines = describeLines(plain, timelineOf(logOf(started, taskStarted)), "interrupted");
  expect(lines[3]).toBe("Status     Interrupted: lapcat resume run");
  expect(lines[6]).toBe("· build  TaskRun run-build");
});

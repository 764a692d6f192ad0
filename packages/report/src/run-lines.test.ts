import { type RunEvent } from "@lapcat/run";
import { expect, test } from "vitest";
import {
  failed,
  logOf,
  podCreated,
  started,
  stepFinished,
  stepStarted,
  succeeded,
  taskFinished,
  taskStarted,
} from "./recorded-for-test.ts";
import { failedStep, linesOfEvent, logPrefix } from "./run-lines.ts";
import { emptyTimeline, extendTimeline, timelineOf } from "./timeline.ts";

const plain = { colour: false };

function told(events: readonly RunEvent[], run?: string): readonly string[] {
  let line = emptyTimeline();
  return logOf(...events).flatMap((recorded) => {
    line = extendTimeline(line, recorded);
    return linesOfEvent(plain, line, recorded, run);
  });
}

test("a run that succeeds is told by its tasks", () => {
  expect(told(succeeded.map(({ event }) => event))).toEqual(["PipelineRun run started", "▶ build", "✔ build 6.0s"]);
});

test("a failure says why, and how its output is read again, by the name the record has", () => {
  const lines = told([started, taskStarted, podCreated, stepStarted, stepFinished(3), taskFinished("False")], "run-2");
  expect(lines.slice(2)).toEqual([
    '✘ build 4.0s StepFailed: "step-compile" exited with code 3: Error',
    "  its output: lapcat logs run-2 build compile",
  ]);
});

test("a failure that is retried says so", () => {
  const again = { ...taskStarted, attempt: 1 } as RunEvent;
  const lines = told([started, taskStarted, taskFinished("False", true), again]);
  expect(lines[2]).toMatch(/\(will be retried\)$/u);
  expect(lines[3]).toBe("▶ build (retry 1)");
});

test.for<[RunEvent, readonly string[]]>([
  [{ type: "image.pulled", image: "alpine", imageId: "x", fromRegistry: true }, ["pulled alpine"]],
  [{ type: "image.pulled", image: "alpine", imageId: "x", fromRegistry: false }, []],
  [{ type: "timeout.reached", of: "tasks" }, ["! the tasks timeout has passed"]],
  [{ type: "cancel.requested", mode: "Cancelled" }, ["! cancelling (Cancelled)"]],
  [{ type: "finally.started" }, ["finally"]],
  [
    { type: "warning.noticed", code: "engine.privileged", severity: "warning", message: "m", hint: "h" },
    ["warning[engine.privileged] m", " hint: h"],
  ],
])("%o", ([event, lines]) => {
  expect(told([event])).toEqual(lines);
});

test("the prefix is tkn's: task and step, of a lone TaskRun the step alone", () => {
  expect(logPrefix(plain, "PipelineRun", "build", "compile")).toBe("[build : compile] ");
  expect(logPrefix(plain, "TaskRun", "build", "compile")).toBe("[compile] ");
});

test("the step that failed is the one that ended badly of its own", () => {
  const [attempt] = timelineOf(failed).attempts;
  expect(attempt && failedStep(attempt)?.name).toBe("compile");
  const continued = { ...stepFinished(3), terminationReason: "Continued" } as RunEvent;
  const [other] = timelineOf(logOf(started, taskStarted, podCreated, stepStarted, continued)).attempts;
  expect(other && failedStep(other)).toBeUndefined();
});

import { expect, test } from "vitest";
import {
  failed,
  logOf,
  podCreated,
  resultWritten,
  started,
  succeeded,
  taskFinished,
  taskStarted,
} from "./recorded-for-test.ts";
import { emptyTimeline, extendTimeline, timelineOf } from "./timeline.ts";

test("a log folded in pieces is the log folded whole", () => {
  for (const log of [succeeded, failed]) expect(log.reduce(extendTimeline, emptyTimeline())).toEqual(timelineOf(log));
});

test("a run that goes on has no end", () => {
  const line = timelineOf(logOf(started, taskStarted));
  expect(line).toMatchObject({ kind: "PipelineRun", name: "run", startedAt: 0 });
  expect([line.finishedAt, line.outcome]).toEqual([undefined, undefined]);
  expect(line.attempts[0]).not.toHaveProperty("finishedAt");
});

test("steps have their times, exit codes and reasons; those that never started have none", () => {
  const [attempt] = timelineOf(failed).attempts;
  expect(attempt?.steps).toEqual([
    {
      name: "compile",
      container: "step-compile",
      role: "step",
      image: "docker.io/library/alpine",
      startedAt: 3000,
      finishedAt: 4000,
      exitCode: 3,
      reason: "Error",
    },
    { name: "push", container: "step-push", role: "step", image: "docker.io/library/alpine" },
  ]);
});

test("a result that is written again has its last value, once", () => {
  const again = { ...resultWritten, value: "second" } as typeof resultWritten;
  const [attempt] = timelineOf(logOf(started, taskStarted, podCreated, resultWritten, again)).attempts;
  expect(attempt?.results).toEqual([{ name: "digest", value: "second" }]);
});

test("a warning is kept once, and a note not at all", () => {
  const warning = { type: "warning.noticed", code: "engine.privileged", severity: "warning", message: "m" } as const;
  const line = timelineOf(logOf(started, warning, warning, { ...warning, severity: "note", message: "n" }));
  expect(line.warnings).toEqual([{ code: "engine.privileged", message: "m" }]);
});

test("what is told of one attempt does not touch another", () => {
  const other = { ...taskStarted, attempt: 1 } as typeof taskStarted;
  const [first, second] = timelineOf(logOf(started, taskStarted, taskFinished("False", true), other)).attempts;
  expect(first?.outcome).toMatchObject({ willRetry: true });
  expect(second).not.toHaveProperty("outcome");
});

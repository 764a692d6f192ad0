import { expect, test } from "vitest";
import { runTable, type RunRow } from "./run-table.ts";

const row = (id: string, more: Partial<RunRow>): RunRow => ({
  id,
  kind: "TaskRun",
  state: "finished",
  succeeded: true,
  reason: "Succeeded",
  startedAt: 0,
  finishedAt: 1500,
  ...more,
});

test("the newest is first; what goes on or was interrupted has no duration", () => {
  const rows = [
    row("old", {}),
    row("cut", { state: "interrupted", succeeded: undefined, startedAt: 30_000, finishedAt: undefined }),
    row("now", {
      kind: "PipelineRun",
      state: "running",
      succeeded: undefined,
      startedAt: 60_000,
      finishedAt: undefined,
    }),
    row("new", { startedAt: 110_500, finishedAt: 111_000 }),
    row("torn", { kind: "-", state: "damaged", startedAt: undefined, finishedAt: undefined }),
    row("never", { state: "interrupted", startedAt: undefined, finishedAt: undefined }),
  ];
  expect(runTable({ colour: false }, rows, 120_000)).toEqual([
    "NAME   KIND         STARTED    DURATION  STATUS",
    "new    TaskRun      9s ago     0.5s      Succeeded",
    "now    PipelineRun  1m00s ago  -         Running",
    "cut    TaskRun      1m30s ago  -         Interrupted: lapcat resume cut",
    "old    TaskRun      2m00s ago  1.5s      Succeeded",
    "torn   -            -          -         damaged",
    "never  TaskRun      -          -         Interrupted: lapcat resume never",
  ]);
});

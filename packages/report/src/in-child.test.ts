import { asPipelineTaskName, asTaskRunName } from "@lapcat/plan";
import { type RunEvent, within } from "@lapcat/run";
import { expect, test } from "vitest";
import { githubRunAnnotations } from "./annotations.ts";
import { isNamed } from "./in-child.ts";
import { junitReport } from "./junit.ts";
import { logOf, started } from "./recorded-for-test.ts";
import { linesOfEvent } from "./run-lines.ts";
import { emptyTimeline, extendTimeline, timelineOf } from "./timeline.ts";

const plain = { colour: false };
const [child, inner] = [asTaskRunName("run-child"), asTaskRunName("run-child-inner")];
const begun = (task: string, taskRun: typeof child): RunEvent => ({
  type: "child.started",
  task: asPipelineTaskName(task),
  taskRun,
  attempt: 0,
  uid: "",
  params: [],
  workspaces: [],
});
const task = { task: asPipelineTaskName("build"), taskRun: asTaskRunName("run-child-inner-build"), attempt: 0 };
const failed = { status: "False", willRetry: false, message: "m" } as const;

const log = logOf(
  started,
  begun("child", child),
  within([child], begun("inner", inner)),
  within([child, inner], { type: "task.started", uid: "", params: [], ...task }),
  within([child, inner], { type: "task.finished", reason: "StepFailed", ...failed, taskRun: task.taskRun, attempt: 0 }),
  within([child, inner], { type: "finally.started" }),
  within([child], { type: "task.finished", reason: "Failed", ...failed, taskRun: inner, attempt: 0 }),
  { type: "task.finished", reason: "Failed", ...failed, taskRun: child, attempt: 0 },
);

test("what is done in a child is named by the way to it", () => {
  expect(timelineOf(log).attempts.map(({ kind, task: name }) => `${kind} ${name}`)).toEqual([
    "PipelineRun child",
    "PipelineRun child/inner",
    "TaskRun child/inner/build",
  ]);
});

test("a child's name stands for all that is in it", () => {
  const named = (name: string): readonly string[] =>
    timelineOf(log)
      .attempts.filter((each) => isNamed(each, name))
      .map((each) => each.task);
  expect(named("child/inner")).toEqual(["child/inner", "child/inner/build"]);
  expect(named("run-child-inner-build")).toEqual(["child/inner/build"]);
  expect(named("inner")).toEqual([]);
});

test("a child's start and end are no lines of the run's", () => {
  let line = emptyTimeline();
  const lines = log.flatMap((recorded) => {
    line = extendTimeline(line, recorded);
    return linesOfEvent(plain, line, recorded);
  });
  expect(lines.map((each) => each.replace(/ [\d.]+s/u, ""))).toEqual([
    "PipelineRun run started",
    "▶ child",
    "▶ child/inner",
    "▶ child/inner/build",
    "✘ child/inner/build StepFailed: m",
    "finally of child/inner",
    "✘ child/inner Failed: m",
    "✘ child Failed: m",
  ]);
});

test("a failure is reported once, where it happened; that of a child in which nothing began as its own", () => {
  expect(githubRunAnnotations(timelineOf(log))).toEqual(["::error title=child/inner/build::StepFailed: m"]);
  expect(junitReport(timelineOf(log))).toContain('tests="1" failures="1"');
  const empty = logOf(started, begun("child", child), {
    type: "task.finished",
    reason: "ParameterMissing",
    ...failed,
    taskRun: child,
    attempt: 0,
  });
  expect(githubRunAnnotations(timelineOf(empty))).toEqual(["::error title=child::ParameterMissing: m"]);
});

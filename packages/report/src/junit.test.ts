import { expect, test } from "vitest";
import { junitReport } from "./junit.ts";
import { failed, logOf, started, succeeded, taskFinished, taskStarted } from "./recorded-for-test.ts";
import { timelineOf } from "./timeline.ts";

test("a task is a test case, one that failed has its reason, one that was skipped is skipped", () => {
  expect(junitReport(timelineOf(failed))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" skipped="1" time="8.000">
  <testsuite name="run" tests="2" failures="1" skipped="1" time="8.000">
    <testcase classname="run" name="build" time="5.000"><failure type="StepFailed" message="&quot;step-compile&quot; exited with code 3: Error"/></testcase>
    <testcase classname="run" name="deploy &lt;it&gt;" time="0.000"><skipped message="PipelineRun was stopping"/></testcase>
  </testsuite>
</testsuites>
`);
  expect(junitReport(timelineOf(succeeded))).toContain('tests="1" failures="0"');
});

test("of a task that is retried only the last attempt counts", () => {
  const again = { ...taskStarted, attempt: 1 } as typeof taskStarted;
  const log = logOf(started, taskStarted, taskFinished("False", true), again, {
    ...taskFinished("True"),
    attempt: 1,
  } as typeof taskStarted);
  expect(junitReport(timelineOf(log))).toContain('tests="1" failures="0"');
});

test("characters that XML cannot hold are replaced", () => {
  const strange = { ...taskFinished("False"), message: "bell \u0007 & <tag>\nline" } as typeof taskStarted;
  expect(junitReport(timelineOf(logOf(started, taskStarted, strange)))).toContain(
    'message="bell \ufffd &amp; &lt;tag&gt;&#10;line"',
  );
});

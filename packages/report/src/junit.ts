import { tellingAttempts } from "./in-child.ts";
import { type AttemptLine, type Timeline } from "./timeline.ts";

/** A run as a JUnit report: a test suite a run, a test case a task's last attempt; skipped tasks are skipped cases. */
export function junitReport(line: Timeline): string {
  const last = tellingAttempts(line).filter((attempt) => attempt.outcome?.willRetry !== true);
  const failures = last.filter((attempt) => attempt.outcome?.status === "False").length;
  const took = seconds(line.startedAt, line.finishedAt);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${last.length + line.skipped.length}" failures="${failures}" skipped="${line.skipped.length}" time="${took}">`,
    `  <testsuite name="${escape(line.name)}" tests="${last.length + line.skipped.length}" failures="${failures}" skipped="${line.skipped.length}" time="${took}">`,
    ...last.flatMap((attempt) => testCase(line, attempt)),
    ...line.skipped.map(
      ({ task, reason }) =>
        `    <testcase classname="${escape(line.name)}" name="${escape(task)}" time="0.000"><skipped message="${escape(reason)}"/></testcase>`,
    ),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(line: Timeline, attempt: AttemptLine): readonly string[] {
  const head = `    <testcase classname="${escape(line.name)}" name="${escape(attempt.task)}" time="${seconds(attempt.startedAt, attempt.finishedAt)}"`;
  if (attempt.outcome === undefined || attempt.outcome.status === "True") return [`${head}/>`];
  const { reason, message } = attempt.outcome;
  return [`${head}><failure type="${escape(reason)}" message="${escape(message)}"/></testcase>`];
}

function seconds(from: number | undefined, to: number | undefined): string {
  return from === undefined || to === undefined ? "0.000" : ((to - from) / 1000).toFixed(3);
}

/** Characters XML 1.0 cannot hold are replaced. */
function escape(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- these are what is looked for
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu, "\ufffd")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("\n", "&#10;")
  );
}

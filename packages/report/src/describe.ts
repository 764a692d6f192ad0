import { type RunRow } from "./run-table.ts";
import { omittedText } from "./run-lines.ts";
import { columns, durationText, paint, type Style } from "./style.ts";
import { type AttemptLine, type Timeline } from "./timeline.ts";
import { valueText } from "./summary.ts";

/** All a reader may ask of one run: every attempt with its steps, exit codes, images and results. */
export function describeLines(
  style: Style,
  line: Timeline,
  state: RunRow["state"],
  id: string = line.name,
): readonly string[] {
  const status = line.outcome === undefined ? stateText(id, state) : `${line.outcome.reason}  ${line.outcome.message}`;
  const took =
    line.startedAt === undefined || line.finishedAt === undefined
      ? "-"
      : durationText(line.finishedAt - line.startedAt);
  return [
    ...columns([
      [paint(style, "bold", "Name"), line.name],
      [paint(style, "bold", "Kind"), line.kind],
      [paint(style, "bold", "Namespace"), line.namespace],
      [paint(style, "bold", "Status"), status],
      [paint(style, "bold", "Duration"), took],
    ]),
    ...line.attempts.flatMap((attempt) => ["", ...attemptLines(style, attempt)]),
    ...section(
      style,
      "Left out",
      line.omitted.map((each) => [each.task, omittedText(each)]),
    ),
    ...section(
      style,
      "Skipped",
      line.skipped.map(({ task, reason }) => [task, reason]),
    ),
    ...section(
      style,
      "Results",
      line.results.map(({ name, value }) => [name, valueText(value)]),
    ),
    ...section(
      style,
      "Warnings",
      line.warnings.map(({ code, message }) => [code, message]),
    ),
  ];
}

function stateText(id: string, state: RunRow["state"]): string {
  return state === "interrupted" ? `Interrupted: lapcat resume ${id}` : state;
}

function attemptLines(style: Style, attempt: AttemptLine): readonly string[] {
  const outcome = attempt.outcome;
  const mark =
    outcome === undefined ? "·" : outcome.status === "True" ? paint(style, "green", "✔") : paint(style, "red", "✘");
  const retry = attempt.attempt === 0 ? "" : ` retry ${attempt.attempt}`;
  const steps = attempt.steps.map((step) => [
    step.role === "sidecar" ? `sidecar ${step.name}` : step.name,
    step.startedAt === undefined || step.finishedAt === undefined
      ? "-"
      : durationText(step.finishedAt - step.startedAt),
    step.exitCode === undefined ? "-" : `exit ${step.exitCode}`,
    step.reason ?? "-",
    paint(style, "grey", step.image),
  ]);
  return [
    `${mark} ${paint(style, "bold", attempt.task)}  ${attempt.kind} ${attempt.taskRun}${retry}${outcome === undefined ? "" : `  ${outcome.reason}: ${outcome.message}`}`,
    ...columns(steps).map((row) => `    ${row}`),
    ...columns(attempt.results.map(({ name, value }) => [name, "=", valueText(value)])).map((row) => `    ${row}`),
  ];
}

function section(style: Style, heading: string, rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : ["", paint(style, "bold", heading), ...columns(rows).map((row) => `  ${row}`)];
}

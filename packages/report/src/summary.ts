import { type Param, type ParamValue } from "@lapcat/tekton";
import { type AttemptLine, type Timeline } from "./timeline.ts";
import { columns, durationText, paint, type Style } from "./style.ts";
import { omittedText } from "./run-lines.ts";

/** What a finished run came to: a line a task with its times, the results, and the verdict. */
export function summaryLines(style: Style, line: Timeline): readonly string[] {
  const tasks = columns([
    ...line.omitted.map((each) => [paint(style, "grey", "◇"), each.task, "", paint(style, "grey", omittedText(each))]),
    ...line.attempts.map((attempt) => taskRow(style, attempt)),
    ...line.skipped.map(({ task, reason }) => [
      paint(style, "yellow", "○"),
      task,
      "",
      paint(style, "grey", `skipped: ${reason}`),
    ]),
  ]);
  const results = resultsOf(line);
  return [
    "",
    ...tasks.map((row) => `  ${row}`),
    ...(results.length === 0
      ? []
      : [
          "",
          ...columns(
            results.map(({ from, name, value }) => [
              `  ${paint(style, "bold", name)}`,
              valueText(value),
              paint(style, "grey", from),
            ]),
          ),
        ]),
    "",
    verdict(style, line),
  ];
}

function taskRow(style: Style, attempt: AttemptLine): readonly string[] {
  const took = attempt.finishedAt === undefined ? "" : durationText(attempt.finishedAt - attempt.startedAt);
  const steps = attempt.steps
    .filter((step) => step.role === "step" && step.startedAt !== undefined && step.finishedAt !== undefined)
    .map((step) => `${step.name} ${durationText((step.finishedAt ?? 0) - (step.startedAt ?? 0))}`)
    .join(", ");
  const failure = attempt.outcome?.status === "False" ? `${attempt.outcome.reason}: ${attempt.outcome.message}` : "";
  const mark =
    attempt.outcome === undefined
      ? paint(style, "grey", "·")
      : attempt.outcome.status === "True"
        ? paint(style, "green", "✔")
        : paint(style, "red", "✘");
  const name = attempt.attempt === 0 ? attempt.task : `${attempt.task} (retry ${attempt.attempt})`;
  return [mark, name, took, failure === "" ? paint(style, "grey", steps) : paint(style, "red", failure)];
}

interface ShownResult extends Param {
  readonly from: string;
}

/** The pipeline's own results, and those of its tasks that are not among them. */
function resultsOf(line: Timeline): readonly ShownResult[] {
  const own = line.results.map((result) => ({ ...result, from: "" }));
  const told = new Set(line.results.map(({ name, value }) => `${name}=${valueText(value)}`));
  const others = line.attempts.flatMap((attempt) =>
    attempt.results.map((result) => ({ ...result, from: attempt.task })),
  );
  return [...own, ...others.filter(({ name, value }) => !told.has(`${name}=${valueText(value)}`))];
}

export function valueText(value: ParamValue): string {
  return typeof value === "string" ? value.replace(/\n$/u, "") : JSON.stringify(value);
}

function verdict(style: Style, line: Timeline): string {
  const who = paint(style, "bold", `${line.kind} ${line.name}`);
  if (line.outcome === undefined || line.finishedAt === undefined || line.startedAt === undefined)
    return `${who} has not ended`;
  const took = `in ${durationText(line.finishedAt - line.startedAt)}`;
  const { status, reason, message } = line.outcome;
  if (status === "True")
    return `${paint(style, "green", "✔")} ${who} ${paint(style, "green", reason)} ${took}${line.kind === "PipelineRun" ? `  ${paint(style, "grey", message)}` : ""}`;
  return `${paint(style, "red", "✘")} ${who} ${paint(style, "red", reason)} ${took}: ${message}`;
}

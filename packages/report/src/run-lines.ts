import { customOutput, type Recorded } from "@lapcat/run";
import { toldFact } from "./in-child.ts";
import { type AttemptLine, type OmittedLine, type StepLine, type Timeline } from "./timeline.ts";
import { durationText, hueOf, paint, type Style } from "./style.ts";

/** `[task : step] ` as `tkn` writes it; a lone TaskRun has `[step] `. */
export function logPrefix(style: Style, kind: Timeline["kind"], task: string, step: string): string {
  return `${paint(style, hueOf(task), kind === "TaskRun" ? `[${step}]` : `[${task} : ${step}]`)} `;
}

/**
 * The lines to show when a fact is recorded; `line` has it folded in. None for facts that only the summary tells.
 * `run` is how the run is called when its logs are asked for.
 */
export function linesOfEvent(
  style: Style,
  line: Timeline,
  recorded: Recorded,
  run: string = line.name,
): readonly string[] {
  const { child, event } = toldFact(line, recorded.event);
  const ofChild =
    child === undefined ? "" : ` of ${line.attempts.find((each) => each.taskRun === child)?.task ?? child}`;
  switch (event.type) {
    case "run.started":
      return child !== undefined ? [] : [`${paint(style, "bold", `${event.kind} ${event.name}`)} started`];
    case "run.resumed":
      return child !== undefined
        ? []
        : [`${paint(style, "bold", `${line.kind} ${line.name}`)} resumed after ${durationText(event.interruptedFor)}`];
    case "image.pulled":
      return event.fromRegistry ? [paint(style, "grey", `pulled ${event.image}`)] : [];
    case "task.omitted": {
      const omitted = line.omitted.find(({ task }) => task === event.task);
      return omitted === undefined ? [] : [`${paint(style, "grey", "◇")} ${event.task} ${omittedText(omitted)}`];
    }
    case "task.skipped":
      return [`${paint(style, "yellow", "○")} ${event.task} skipped: ${event.reason}`];
    case "task.started":
    case "child.started":
      return [`${paint(style, "blue", "▶")} ${event.task}${event.attempt === 0 ? "" : ` (retry ${event.attempt})`}`];
    case "task.finished": {
      const attempt = line.attempts.find((each) => each.taskRun === event.taskRun && each.attempt === event.attempt);
      return attempt === undefined ? [] : endOfAttempt(style, run, attempt);
    }
    case "timeout.reached":
      return [
        `${paint(style, "yellow", "!")} ${event.of === "task" ? `${event.taskRun} took longer than its timeout` : `the ${event.of} timeout${ofChild} has passed`}`,
      ];
    case "cancel.requested":
      return child !== undefined ? [] : [`${paint(style, "yellow", "!")} cancelling (${event.mode})`];
    case "finally.started":
      return [paint(style, "grey", `finally${ofChild}`)];
    case "warning.noticed":
      return [
        `${paint(style, event.severity === "note" ? "cyan" : "yellow", `${event.severity}[${event.code}]`)} ${event.message}`,
        ...(event.hint === undefined ? [] : [` ${paint(style, "cyan", "hint:")} ${event.hint}`]),
      ];
    case "breakpoint.reached": {
      const attempt = line.attempts.find((each) => each.taskRun === event.taskRun && each.attempt === event.attempt);
      return attempt === undefined ? [] : atBreakpoint(style, run, attempt, event);
    }
    case "pod.created":
    case "pod.failed":
    case "step.started":
    case "step.finished":
    case "sidecar.started":
    case "sidecar.ready":
    case "sidecar.finished":
    case "result.written":
    case "artifacts.written":
    case "pod.finished":
    case "custom-run.started":
    case "pod.interrupted":
    case "custom-run.finished":
    case "run.finished":
      return [];
  }
}

/** What a user who is waited for can do, from another terminal. */
function atBreakpoint(
  style: Style,
  run: string,
  { task, steps }: AttemptLine,
  { container, of }: Extract<Recorded["event"], { type: "breakpoint.reached" }>,
): readonly string[] {
  const step = steps.find((each) => each.container === container)?.name ?? container;
  const shell = `lapcat shell ${run} ${task} ${step}`;
  const script = of === "onFailure" ? "debug" : "debug-beforestep";
  const why = of === "onFailure" ? "failed, and waits" : "waits before it runs";
  return [
    `${paint(style, "yellow", "‖")} ${task} : ${step} ${why} at a breakpoint, until its TaskRun's timeout`,
    `  look into it: ${shell}`,
    `  let it go on: ${shell} -- /tekton/debug/scripts/${script}-continue`,
    `  or fail:      ${shell} -- /tekton/debug/scripts/${script}-fail-continue`,
  ];
}

/** What became of a task that was not run, in a few words. */
export function omittedText({ given, from }: Omit<OmittedLine, "task">): string {
  if (given.length === 0) return "left out";
  return `given: ${given.map(({ name }) => name).join(", ")}${from === undefined ? "" : ` from run ${from}`}`;
}

function endOfAttempt(style: Style, run: string, attempt: AttemptLine): readonly string[] {
  const took = durationText((attempt.finishedAt ?? attempt.startedAt) - attempt.startedAt);
  const outcome = attempt.outcome;
  if (outcome === undefined) return [];
  if (outcome.status === "True") return [`${paint(style, "green", "✔")} ${attempt.task} ${paint(style, "grey", took)}`];
  const step = failedStep(attempt) ?? attempt.steps.find(({ container }) => container === customOutput);
  const more = step === undefined ? [] : [`  its output: lapcat logs ${run} ${attempt.task} ${step.name}`];
  return [
    `${paint(style, "red", "✘")} ${attempt.task} ${paint(style, "grey", took)} ${paint(style, "red", outcome.reason)}: ${outcome.message}${outcome.willRetry ? " (will be retried)" : ""}`,
    ...more,
  ];
}

/** The step that made the attempt fail: the first that ended badly of its own. */
export function failedStep(attempt: AttemptLine): StepLine | undefined {
  return attempt.steps.find(
    (step) =>
      step.startedAt !== undefined && step.exitCode !== undefined && step.exitCode !== 0 && step.reason !== "Continued",
  );
}

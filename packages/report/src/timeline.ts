import { type Param, type SkipReason } from "@lapcat/tekton";
import { customOutput, type Instant, type Recorded } from "@lapcat/run";
import { toldFact } from "./in-child.ts";

/** What a reader wants to know of a run, folded from its log and nothing else. */
export interface Timeline {
  readonly kind: "PipelineRun" | "TaskRun";
  readonly name: string;
  readonly namespace: string;
  readonly startedAt: Instant | undefined;
  readonly finishedAt: Instant | undefined;
  /** The end as Tekton tells it. */
  readonly outcome:
    | { readonly status: "True" | "False"; readonly reason: string; readonly message: string }
    | undefined;
  readonly attempts: readonly AttemptLine[];
  readonly skipped: readonly { readonly task: string; readonly reason: SkipReason }[];
  readonly omitted: readonly OmittedLine[];
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly hint?: string }[];
  readonly results: readonly Param[];
}

/** A task that was left out, with what was given in its place. */
export interface OmittedLine {
  readonly task: string;
  readonly given: readonly Param[];
  /** The run that it was taken from. */
  readonly from?: string;
}

export interface AttemptLine {
  readonly kind: "TaskRun" | "CustomRun" | "PipelineRun";
  /** One of a child PipelineRun with the way to it: `child/task`. */
  readonly task: string;
  readonly taskRun: string;
  readonly attempt: number;
  readonly startedAt: Instant;
  readonly finishedAt?: Instant;
  readonly outcome?: {
    readonly status: "True" | "False";
    readonly reason: string;
    readonly message: string;
    readonly willRetry: boolean;
  };
  readonly steps: readonly StepLine[];
  readonly results: readonly Param[];
}

export interface StepLine {
  readonly name: string;
  readonly container: string;
  readonly role: "step" | "sidecar";
  readonly image: string;
  readonly startedAt?: Instant;
  readonly finishedAt?: Instant;
  readonly exitCode?: number;
  readonly reason?: string;
  /** It came to a breakpoint. */
  readonly waits?: boolean;
}

export function emptyTimeline(): Timeline {
  return {
    kind: "PipelineRun",
    name: "",
    namespace: "default",
    startedAt: undefined,
    finishedAt: undefined,
    outcome: undefined,
    attempts: [],
    skipped: [],
    omitted: [],
    warnings: [],
    results: [],
  };
}

export function timelineOf(log: readonly Recorded[]): Timeline {
  return log.reduce(extendTimeline, emptyTimeline());
}

export function extendTimeline(line: Timeline, recorded: Recorded): Timeline {
  const { at } = recorded;
  const { child, event } = toldFact(line, recorded.event);
  switch (event.type) {
    case "run.started":
      return child !== undefined
        ? line
        : { ...line, kind: event.kind, name: event.name, namespace: event.namespace, startedAt: at };
    case "task.omitted": {
      const { task, given, from } = event;
      const results = (given?.taskRuns ?? []).flatMap((each) => each.results);
      return {
        ...line,
        omitted: [
          ...line.omitted,
          { task, given: results.map(({ name, value }) => ({ name, value })), ...(from !== undefined && { from }) },
        ],
      };
    }
    case "task.skipped":
      // Told again when the reason changes: the last counts.
      return {
        ...line,
        skipped: [
          ...line.skipped.filter(({ task }) => task !== event.task),
          { task: event.task, reason: event.reason },
        ],
      };
    case "task.started":
    case "child.started": {
      const { task, taskRun, attempt } = event;
      const kind = event.type === "task.started" ? "TaskRun" : "PipelineRun";
      return {
        ...line,
        attempts: [...line.attempts, { kind, task, taskRun, attempt, startedAt: at, steps: [], results: [] }],
      };
    }
    case "pod.created":
      return inAttempt(line, event, (attempt) => ({
        ...attempt,
        steps: event.containers.map(({ displayName, name, role, image }) => ({
          name: displayName,
          container: name,
          role,
          image,
        })),
      }));
    case "custom-run.started":
      return inAttempt(line, event, (attempt) => ({
        ...attempt,
        kind: "CustomRun",
        steps: [{ name: event.container, container: event.container, role: "step", image: "", startedAt: at }],
      }));
    case "custom-run.finished":
      return inContainer(line, { ...event, container: customOutput }, (step) => ({
        ...step,
        finishedAt: at,
        reason: event.reason,
      }));
    case "step.started":
    case "sidecar.started":
      // One of Kubernetes' own sidecars may have ended before, and goes on.
      return inContainer(line, event, ({ name, container, role, image }) => ({
        name,
        container,
        role,
        image,
        startedAt: at,
      }));
    case "breakpoint.reached":
      return inContainer(line, event, (step) => ({ ...step, waits: true }));
    case "step.finished":
      return inContainer(line, event, (step) => ({
        ...step,
        finishedAt: at,
        exitCode: event.exitCode,
        reason: event.terminationReason,
      }));
    case "sidecar.finished":
      return inContainer(line, event, (step) => ({
        ...step,
        finishedAt: at,
        exitCode: event.exitCode,
        reason: event.reason,
      }));
    case "result.written":
      return inAttempt(line, event, (attempt) => ({
        ...attempt,
        results: [
          ...attempt.results.filter((each) => each.name !== event.name),
          { name: event.name, value: event.value },
        ],
      }));
    case "pod.interrupted":
      return inAttempt(line, event, (attempt) => ({
        ...attempt,
        steps: attempt.steps.map((step) =>
          step.exitCode === undefined
            ? { ...step, finishedAt: at, exitCode: 137, reason: "ContainerStatusUnknown" }
            : step,
        ),
      }));
    case "task.finished": {
      const { status, reason, message, willRetry } = event;
      return inAttempt(line, event, (attempt) => ({
        ...attempt,
        finishedAt: at,
        outcome: { status, reason, message, willRetry },
      }));
    }
    case "warning.noticed": {
      if (event.severity === "note" || line.warnings.some((each) => each.message === event.message)) return line;
      const { code, message, hint } = event;
      return { ...line, warnings: [...line.warnings, { code, message, ...(hint === undefined ? {} : { hint }) }] };
    }
    case "run.finished":
      if (child !== undefined)
        return inAttempt(line, { taskRun: child, attempt: 0 }, (attempt) => ({ ...attempt, results: event.results }));
      return {
        ...line,
        finishedAt: at,
        outcome: { status: event.status, reason: event.reason, message: event.message },
        results: event.results,
      };
    case "run.resumed":
    case "image.pulled":
    case "artifacts.written":
    case "sidecar.ready":
    case "pod.failed":
    case "pod.finished":
    case "timeout.reached":
    case "cancel.requested":
    case "finally.started":
      return line;
  }
}

interface AttemptReference {
  readonly taskRun: string;
  readonly attempt: number;
}

function inAttempt(line: Timeline, key: AttemptReference, change: (attempt: AttemptLine) => AttemptLine): Timeline {
  return {
    ...line,
    attempts: line.attempts.map((each) =>
      each.taskRun === key.taskRun && each.attempt === key.attempt ? change(each) : each,
    ),
  };
}

function inContainer(
  line: Timeline,
  key: AttemptReference & { readonly container: string },
  change: (step: StepLine) => StepLine,
): Timeline {
  return inAttempt(line, key, (attempt) => ({
    ...attempt,
    steps: attempt.steps.map((step) => (step.container === key.container ? change(step) : step)),
  }));
}

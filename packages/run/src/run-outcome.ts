import { type PlannedTask } from "@lapcat/plan";
import { formatDuration, isAfter } from "@lapcat/tekton";
import { type RunEvent } from "./event.ts";
import { isCancelled } from "./outcome.ts";
import { runResults } from "./results.ts";
import { currentAttempt, endOf } from "./run-state.ts";
import { type DagSkips } from "./skip.ts";
import { type View } from "./view.ts";

type RunFinished = Extract<RunEvent, { type: "run.finished" }>;

/** How many tasks came to what; a matrix counts as one. */
export interface Counts {
  readonly succeeded: number;
  readonly failed: number;
  readonly ignored: number;
  readonly cancelled: number;
  readonly skipped: number;
  readonly overdue: number;
  readonly invalid: number;
  readonly incomplete: number;
}

type Kind = keyof Counts;

export function countsOf(view: View, dag: DagSkips): Counts {
  const counts = {
    succeeded: 0,
    failed: 0,
    ignored: 0,
    cancelled: 0,
    skipped: 0,
    overdue: 0,
    invalid: 0,
    incomplete: 0,
  };
  for (const planned of [...view.state.plan.tasks, ...view.state.plan.finally]) counts[kindOf(view, dag, planned)] += 1;
  return counts;
}

function kindOf(view: View, dag: DagSkips, { kind, name, onError }: PlannedTask): Kind {
  const phase = view.phaseOf(name);
  if (phase === "succeeded") return "succeeded";
  if (phase === "failed") {
    const stops = view.taskRunsOf(name).map((each) => {
      const end = endOf(each);
      if (kind === "pipeline") return end?.reason === "Cancelled" ? currentAttempt(each)?.stop : undefined;
      return end !== undefined && isCancelled(end) ? stopOf(view, each.name) : undefined;
    });
    if (stops.includes("run-timed-out")) return "failed";
    if (stops.includes("run-cancelled")) return "cancelled";
    return onError === "continue" ? "ignored" : "failed";
  }
  if (dag.invalid.has(name)) return "invalid";
  const skip = dag.reasonOf(name) ?? view.state.skipped.get(name)?.reason;
  if (skip === undefined || phase === "running") return "incomplete";
  return skip.endsWith("timeout has been reached") ? "overdue" : "skipped";
}

function stopOf(
  { state }: View,
  name: Parameters<View["state"]["taskRuns"]["get"]>[0],
): "run-timed-out" | "run-cancelled" {
  const last = state.taskRuns.get(name)?.attempts.at(-1);
  return last?.finished?.message.includes("has timed out.") === true ? "run-timed-out" : "run-cancelled";
}

/** The end of a run of which nothing runs any more (PL-3). */
export function completed(view: View, dag: DagSkips): RunFinished {
  return withResults(view, () => condition(view, dag));
}

/** The end of a run whose time is over: what its tasks gave until then are results. */
export function outOfTime(view: View): RunFinished {
  const { identity, timeouts } = view.state.plan;
  const message = `PipelineRun "${identity.name}" failed to finish within "${formatDuration(timeouts.pipeline ?? 0)}"`;
  return withResults(view, () => ({ status: "False", reason: "PipelineRunTimeout", message }));
}

function withResults(view: View, condition: () => Condition): RunFinished {
  const { identity, tekton } = view.state.plan;
  const { results, invalid } = runResults(view);
  if (invalid.length > 0 && isAfter("missing-pipeline-result-fails", tekton)) {
    const why = `invalid pipelineresults [${invalid.join(" ")}], the referenced results don't exist`;
    const failed = { type: "run.finished", status: "False", results } as const;
    if (!isAfter("missing-pipeline-result-reason", tekton))
      return { ...failed, reason: "PipelineValidationFailed", message: why };
    const message = `Failed to get PipelineResult from TaskRun Results for PipelineRun ${identity.name}: ${why}`;
    return { ...failed, reason: "CouldntGetPipelineResult", message };
  }
  const end = condition();
  const shown = end.status === "True" || isAfter("results-of-failed-run", tekton);
  return { type: "run.finished", ...end, results: shown ? results : [] };
}

type Condition = Pick<RunFinished, "status" | "reason" | "message">;

function condition(view: View, dag: DagSkips): Condition {
  const { plan, reached, cancel } = view.state;
  const run = `PipelineRun "${plan.identity.name}"`;
  const failed = (reason: string, message: string): Condition => ({ status: "False", reason, message });
  if (reached.has("tasks") && finallyRan(view) && isAfter("timed-out-tasks-told", plan.tekton)) {
    return failed(
      "PipelineRunTimeout",
      `${run} failed due to tasks failed to finish within "${formatDuration(plan.timeouts.tasks ?? 0)}"`,
    );
  }
  const counts = countsOf(view, dag);
  const named = isAfter("missing-result-named", plan.tekton) ? [...dag.invalid] : [];
  const message = completedText(
    counts,
    named.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text),
  );
  if (counts.invalid > 0) return failed("PipelineValidationFailed", message);
  if (counts.failed > 0 || counts.overdue > 0) return failed("Failed", message);
  if (cancel !== undefined) return failed("Cancelled", `${run} was cancelled`);
  if (counts.cancelled > 0) return failed("Cancelled", message);
  return { status: "True", reason: counts.skipped > 0 ? "Completed" : "Succeeded", message };
}

function completedText(
  { succeeded, failed, ignored, cancelled, skipped, overdue, invalid }: Counts,
  why: readonly string[],
): string {
  const all = succeeded + failed + ignored + cancelled;
  const failures = ignored > 0 ? `${failed + ignored} (Ignored: ${ignored})` : `${failed}`;
  const unresolved = why.join("; ");
  const shown = unresolved.length > 1024 ? `${unresolved.slice(0, 1024)}...` : unresolved;
  const validation = invalid === 0 ? "" : `, Failed Validation: ${invalid}${shown === "" ? "" : ` (${shown})`}`;
  return `Tasks Completed: ${all} (Failed: ${failures}, Cancelled ${cancelled}), Skipped: ${skipped + overdue}${validation}`;
}

/** The condition while the run goes on. */
export function ongoing(view: View, dag: DagSkips): { readonly reason: string; readonly message: string } {
  const { reached, cancel, plan } = view.state;
  const { succeeded, failed, ignored, cancelled, skipped, overdue, incomplete } = countsOf(view, dag);
  const message = `Tasks Completed: ${succeeded + failed + ignored + cancelled} (Failed: ${failed}, Cancelled ${cancelled}), Incomplete: ${incomplete}, Skipped: ${skipped + overdue}`;
  const finallyDone = finallyRan(view);
  if (reached.has("tasks") && plan.finally.length > 0 && !finallyDone)
    return { reason: "PipelineRunTimeoutRunningFinally", message };
  if (cancel === "CancelledRunFinally") return { reason: "CancelledRunningFinally", message };
  if (cancel === "StoppedRunFinally") return { reason: "StoppedRunningFinally", message };
  if (cancelled > 0 || (failed > 0 && finallyDone)) return { reason: "PipelineRunStopping", message };
  return { reason: "Running", message };
}

/** Upstream asks here for tasks of `finally` that ended, and does not count one that was skipped (checkFinalTasksDone). */
function finallyRan(view: View): boolean {
  return view.state.plan.finally.every(({ name }) => ["succeeded", "failed"].includes(view.phaseOf(name)));
}

/** Whether every task is done, skipped or beyond help. */
export function isComplete(view: View, dag: DagSkips): boolean {
  const isOver = ({ name }: PlannedTask): boolean => view.progress.ends.has(name) || view.state.skipped.has(name);
  return dag.done && view.state.plan.finally.every(isOver);
}

import { type BindOutcome, hasCel, type PipelineTaskName, type PlannedTask } from "@lapcat/plan";
import { isAfter, type SkipReason } from "@lapcat/tekton";
import { pausedSince } from "./pause.ts";
import { type View } from "./view.ts";

export type Reasons = (task: PipelineTaskName) => SkipReason | undefined;

/** Why no task is begun any more, if none is. */
export function stopReason({ state: { cancel } }: View, stopping: boolean): SkipReason | undefined {
  if (stopping) return "PipelineRun was stopping";
  if (cancel === "CancelledRunFinally") return "PipelineRun was gracefully cancelled";
  return cancel === "StoppedRunFinally" ? "PipelineRun was gracefully stopped" : undefined;
}

/** Why one task is not run; the order of the questions is Tekton's (PL-6). */
export function skipReason(
  view: View,
  planned: PlannedTask,
  reasonOf: Reasons,
  ready: boolean,
): SkipReason | undefined {
  const binding = ready && isConditional(planned) ? view.bind(planned) : undefined;
  if (binding?.kind === "skipped" && binding.reason === "When Expressions evaluated to false") return binding.reason;
  const parents = planned.predecessors.map(reasonOf);
  const alone = isAfter("when-guards-task-only", view.state.plan.tekton);
  if (parents.some((reason) => reason !== undefined && !(alone && reason === "When Expressions evaluated to false")))
    return "Parent Tasks were skipped";
  if (!ready) return undefined;
  if (binding?.kind === "missing-results" && mayMiss(planned, reasonOf, binding)) return "Results were missing";
  if (overdue(view, "pipeline")) return "PipelineRun timeout has been reached";
  if (overdue(view, "tasks")) return "PipelineRun Tasks timeout has been reached";
  return binding?.kind === "skipped" ? binding.reason : undefined;
}

/** Whether anything of its own can keep a task from being run. */
export function isConditional({ pipelineTask: { when, matrix }, resultsFrom }: PlannedTask): boolean {
  return (when ?? []).length > 0 || matrix !== undefined || resultsFrom.length > 0;
}

/** A result may be missing where its task was skipped by `when`, or where the consumer says so itself (PL-14). */
function mayMiss(
  planned: PlannedTask,
  reasonOf: Reasons,
  { missing, skippable }: Extract<BindOutcome, { kind: "missing-results" }>,
): boolean {
  if (!skippable) return false;
  return planned.onError === "continue" || reasonOf(missing.task) === "When Expressions evaluated to false";
}

/**
 * Whether a task that has not begun can fail the run: by the results it takes, once it has them all; by a condition in CEL at any
 * time, since one is evaluated on its text as it stands.
 */
export function mayFail(view: View, planned: PlannedTask): boolean {
  const { unmet, unproduced, sound } = view.progress;
  if (sound.has(planned) || view.phaseOf(planned.name) !== "unscheduled") return false;
  if (hasCel(planned)) return planned.memberOf === "tasks" || (unproduced.get(planned.name) ?? 0) === 0;
  if (planned.kind === "pipeline" && planned.child.kind === "cycle") return (unmet.get(planned.name) ?? 0) === 0;
  if (planned.resultsFrom.length === 0 && planned.pipelineTask.matrix === undefined) return false;
  return (unproduced.get(planned.name) ?? 0) === 0;
}

/** Whether a budget is used up at this instant, told yet or not. */
export function overdue({ state, now }: View, of: "pipeline" | "tasks" | "finally"): boolean {
  const from = of === "finally" ? state.finallyStartedAt : state.startedAt;
  const budget = state.plan.timeouts[of];
  return from !== undefined && budget !== undefined && now - from - pausedSince(state, from) > budget;
}

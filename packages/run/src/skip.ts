import { type BindOutcome, type PipelineTaskName, type PlannedTask } from "@lapcat/plan";
import { type SkipReason } from "@lapcat/tekton";
import { type Skip } from "./run-state.ts";
import { type View } from "./view.ts";

/** Which tasks of the DAG are not run, and which cannot be for want of a result; both are worked out anew each time. */
export interface DagSkips {
  readonly skipped: ReadonlyMap<PipelineTaskName, Skip>;
  /** By task, why its references could not be resolved: the run fails `PipelineValidationFailed`. */
  readonly invalid: ReadonlyMap<PipelineTaskName, string>;
  /** Nothing of the DAG runs any more, nor will. */
  readonly done: boolean;
}

export function dagSkips(view: View): DagSkips {
  const { tasks } = view.state.plan;
  const failed = tasks.some(({ name, onError }) => onError !== "continue" && view.phaseOf(name) === "failed");
  const first = skipsWith(view, failed, new Map());
  const invalid =
    failed || view.state.cancel !== undefined ? new Map<PipelineTaskName, string>() : invalidTasks(view, first);
  const skipped = invalid.size === 0 ? first : skipsWith(view, true, invalid);
  return { skipped, invalid, done: tasks.every(({ name }) => isDone(view, skipped, invalid, name)) };
}

/** The order of the questions is Tekton's (PL-6). */
function skipsWith(
  view: View,
  stopping: boolean,
  invalid: ReadonlyMap<PipelineTaskName, string>,
): ReadonlyMap<PipelineTaskName, Skip> {
  const skipped = new Map<PipelineTaskName, Skip>();
  for (const planned of view.state.plan.tasks) {
    if (view.phaseOf(planned.name) !== "unscheduled" || invalid.has(planned.name)) continue;
    const ready = planned.predecessors.every((each) => isDone(view, skipped, invalid, each));
    const reason = stopReason(view, stopping) ?? skipReason(view, planned, skipped, ready);
    if (reason !== undefined) skipped.set(planned.name, { reason, whenExpressions: whenOf(view, planned, ready) });
  }
  return skipped;
}

function stopReason({ state: { cancel } }: View, stopping: boolean): SkipReason | undefined {
  if (stopping) return "PipelineRun was stopping";
  if (cancel === "CancelledRunFinally") return "PipelineRun was gracefully cancelled";
  return cancel === "StoppedRunFinally" ? "PipelineRun was gracefully stopped" : undefined;
}

function skipReason(
  view: View,
  planned: PlannedTask,
  skipped: ReadonlyMap<PipelineTaskName, Skip>,
  ready: boolean,
): SkipReason | undefined {
  const binding = ready ? view.bind(planned) : undefined;
  if (binding?.kind === "skipped" && binding.reason === "When Expressions evaluated to false") return binding.reason;
  const parents = planned.predecessors.flatMap((each) => skipped.get(each) ?? []);
  if (parents.some(({ reason }) => reason !== "When Expressions evaluated to false"))
    return "Parent Tasks were skipped";
  if (binding === undefined) return undefined;
  if (binding.kind === "missing-results" && mayMiss(planned, skipped, binding)) return "Results were missing";
  if (overdue(view, "pipeline")) return "PipelineRun timeout has been reached";
  if (overdue(view, "tasks")) return "PipelineRun Tasks timeout has been reached";
  return binding.kind === "skipped" ? binding.reason : undefined;
}

/** A result may be missing where its task was skipped by `when`, or where the consumer says so itself (PL-14). */
function mayMiss(
  planned: PlannedTask,
  skipped: ReadonlyMap<PipelineTaskName, Skip>,
  { missing }: Extract<BindOutcome, { kind: "missing-results" }>,
): boolean {
  return planned.onError === "continue" || skipped.get(missing.task)?.reason === "When Expressions evaluated to false";
}

function invalidTasks(view: View, skipped: ReadonlyMap<PipelineTaskName, Skip>): ReadonlyMap<PipelineTaskName, string> {
  const none = new Map<PipelineTaskName, string>();
  return new Map(
    view.state.plan.tasks.flatMap((planned): readonly (readonly [PipelineTaskName, string])[] => {
      if (view.phaseOf(planned.name) !== "unscheduled" || skipped.has(planned.name) || planned.resultsFrom.length === 0)
        return [];
      if (!planned.predecessors.every((each) => isDone(view, skipped, none, each))) return [];
      const binding = view.bind(planned);
      return binding.kind === "missing-results" ? [[planned.name, missingText(planned, binding.missing)]] : [];
    }),
  );
}

function missingText(
  { name }: PlannedTask,
  { task, result, producer }: Extract<BindOutcome, { kind: "missing-results" }>["missing"],
): string {
  if (producer === "Succeeded")
    return `task "${task}" completed successfully but did not emit the result "${result}", which is referenced by task "${name}"`;
  return `Invalid task result reference: Could not find result with name ${result} for pipeline task ${task}`;
}

/** Those of `finally` that are not run, once the DAG is done: missing results come before `when` here. */
export function finallySkips(view: View, dag: DagSkips): ReadonlyMap<PipelineTaskName, Skip> {
  if (!dag.done) return new Map();
  const aggregate = aggregateOf(view, dag);
  return new Map(
    view.state.plan.finally.flatMap((planned): readonly (readonly [PipelineTaskName, Skip])[] => {
      if (view.phaseOf(planned.name) !== "unscheduled") return [];
      const binding = view.bind(planned, aggregate);
      const reason = finallyReason(view, binding);
      if (reason === undefined) return [];
      const whenExpressions =
        reason === "When Expressions evaluated to false" && "whenExpressions" in binding ? binding.whenExpressions : [];
      return [[planned.name, { reason, whenExpressions }]];
    }),
  );
}

function finallyReason(view: View, binding: BindOutcome): SkipReason | undefined {
  if (binding.kind === "missing-results") return "Results were missing";
  if (binding.kind === "skipped" && binding.reason === "When Expressions evaluated to false") return binding.reason;
  if (overdue(view, "pipeline")) return "PipelineRun timeout has been reached";
  if (overdue(view, "finally")) return "PipelineRun Finally timeout has been reached";
  return binding.kind === "skipped" ? binding.reason : undefined;
}

/** `$(tasks.status)`: failures count even where they are ignored. */
export function aggregateOf(view: View, dag: DagSkips): "Succeeded" | "Failed" | "Completed" | "None" {
  if (!dag.done) return "None";
  if (view.state.plan.tasks.some(({ name }) => view.phaseOf(name) === "failed")) return "Failed";
  return dag.skipped.size > 0 ? "Completed" : "Succeeded";
}

/** Whether a budget is used up at this instant, told yet or not. */
export function overdue(
  { state: { plan, startedAt, finallyStartedAt }, now }: View,
  of: "pipeline" | "tasks" | "finally",
): boolean {
  const from = of === "finally" ? finallyStartedAt : startedAt;
  const budget = plan.timeouts[of];
  return from !== undefined && budget !== undefined && now - from > budget;
}

function isDone(
  view: View,
  skipped: ReadonlyMap<PipelineTaskName, Skip>,
  invalid: ReadonlyMap<PipelineTaskName, string>,
  task: PipelineTaskName,
): boolean {
  const phase = view.phaseOf(task);
  return phase === "succeeded" || phase === "failed" || skipped.has(task) || invalid.has(task);
}

/** With values where all results are there, as written otherwise. */
function whenOf(view: View, planned: PlannedTask, ready: boolean): Skip["whenExpressions"] {
  const written = planned.pipelineTask.when ?? [];
  if (written.length === 0 || !(ready || planned.resultsFrom.every((each) => view.phaseOf(each) === "succeeded")))
    return written;
  const binding = view.bind(planned);
  switch (binding.kind) {
    case "bound":
      return binding.pipelineTask.when ?? [];
    case "skipped":
    case "missing-results":
      return binding.whenExpressions;
    case "failed":
      return written;
  }
}

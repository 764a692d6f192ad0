import { type PipelineTaskName, type PlannedTask, type BindOutcome } from "@lapcat/plan";
import { isAfter, type SkipReason } from "@lapcat/tekton";
import { ascending } from "./ascending.ts";
import { type PlanIndex } from "./plan-index.ts";
import { type Skip } from "./run-state.ts";
import { isConditional, mayFail, overdue, type Reasons, skipReason, stopReason } from "./skip-reason.ts";
import { type View } from "./view.ts";

/** Which tasks of the DAG are not run, and which cannot be for want of a result; both are worked out anew each time. */
export interface DagSkips {
  reasonOf(task: PipelineTaskName): SkipReason | undefined;
  readonly any: boolean;
  /** Those that are not told yet, or that were told with another reason. */
  readonly untold: readonly (readonly [PipelineTaskName, Skip])[];
  /** By task, why its references could not be resolved: the run fails `PipelineValidationFailed`. */
  readonly invalid: ReadonlyMap<PipelineTaskName, string>;
  /** Nothing of the DAG runs any more, nor will. */
  readonly done: boolean;
}

export function dagSkips(view: View): DagSkips {
  const changed = changedSkips(view);
  return changed === undefined ? workedOut(view) : asChanged(view, changed);
}

/**
 * Skips that are not told yet, or that were told with another reason, where working all skips out would come to these besides those that
 * are told, and to no task that lacks a result: as long as the reasons that concern all tasks stay what they are, only tasks about which
 * something changed have to be asked, and those that run after one that is skipped for it. Undefined where that cannot be known so.
 */
function changedSkips(view: View): Skips | undefined {
  const { state, progress } = view;
  const { counts, unasked, unmet, settled, index } = progress;
  if (counts.revived > 0 || overdue(view, "pipeline") || overdue(view, "tasks")) return undefined;
  const changed = new Map<PipelineTaskName, { readonly reason: SkipReason; readonly ready: boolean }>();
  const stop = stopReason(view, counts.fatal > 0);
  if (stop !== undefined) return (counts.skips.get(stop) ?? 0) === counts.unscheduled ? changed : undefined;
  // Told once a result was missing, for which all is stopped; what else is to be told is worked out without that.
  if (counts.skips.has("PipelineRun was stopping")) return undefined;
  const reasonOf: Reasons = (task) => changed.get(task)?.reason ?? state.skipped.get(task)?.reason;
  const ahead = ascending([...unasked].flatMap((each) => (each.memberOf === "tasks" ? [rankOf(index, each)] : [])));
  for (let rank = ahead.next(); rank !== undefined; rank = ahead.next()) {
    const planned = state.plan.tasks[rank];
    if (planned === undefined || view.phaseOf(planned.name) !== "unscheduled") continue;
    const ready =
      (unmet.get(planned.name) ?? 0) === 0 ||
      (changed.size > 0 && planned.predecessors.every((each) => settled.has(each) || changed.has(each)));
    const told = state.skipped.get(planned.name)?.reason;
    const reason = skipReason(view, planned, reasonOf, ready);
    if (reason !== told) {
      if (reason === undefined) return undefined;
      changed.set(planned.name, { reason, ready });
      for (const each of index.successors.get(planned.name) ?? []) ahead.add(rankOf(index, each));
      continue;
    }
    if (told === undefined && ready && isConditional(planned) && view.bind(planned).kind === "missing-results")
      return undefined;
    if (!mayFail(view, planned)) unasked.delete(planned);
  }
  return changed;
}

function rankOf({ ranks }: PlanIndex, { name }: PlannedTask): number {
  return ranks.get(name) ?? 0;
}

function asChanged(view: View, changed: Skips): DagSkips {
  const { state, progress } = view;
  const { counts } = progress;
  const first = [...changed.keys()].filter((task) => !state.skipped.has(task)).length;
  return {
    reasonOf: (task) => changed.get(task)?.reason ?? state.skipped.get(task)?.reason,
    any: counts.skipped + first > 0,
    untold: untoldOf(view, changed),
    invalid: new Map(),
    done: counts.ended + counts.skipped + first === state.plan.tasks.length,
  };
}

function untoldOf(view: View, skips: Skips): DagSkips["untold"] {
  const { planned } = view.progress.index;
  return Array.from(skips).flatMap(([name, { reason, ready }]): readonly (readonly [PipelineTaskName, Skip])[] => {
    const task = planned.get(name);
    if (task === undefined || view.state.skipped.get(name)?.reason === reason) return [];
    return [[name, { reason, whenExpressions: whenOf(view, task, ready) }]];
  });
}

function workedOut(view: View): DagSkips {
  const { state, progress } = view;
  const { tasks } = state.plan;
  const failed = progress.counts.fatal > 0;
  const first = skipsWith(view, failed, new Map());
  const invalid =
    failed || state.cancel !== undefined ? new Map<PipelineTaskName, string>() : invalidTasks(view, first);
  const skipped = invalid.size === 0 ? first : skipsWith(view, true, invalid);
  return {
    reasonOf: (task) => skipped.get(task)?.reason,
    any: skipped.size > 0,
    untold: untoldOf(view, skipped),
    invalid,
    done: tasks.every(({ name }) => isDone(view, skipped, invalid, name)),
  };
}

type Skips = ReadonlyMap<PipelineTaskName, { readonly reason: SkipReason; readonly ready: boolean }>;

function skipsWith(view: View, stopping: boolean, invalid: ReadonlyMap<PipelineTaskName, string>): Skips {
  const skipped = new Map<PipelineTaskName, { readonly reason: SkipReason; readonly ready: boolean }>();
  const reasonOf: Reasons = (task) => skipped.get(task)?.reason;
  for (const planned of view.state.plan.tasks) {
    if (view.phaseOf(planned.name) !== "unscheduled" || invalid.has(planned.name)) continue;
    const ready = planned.predecessors.every((each) => isDone(view, skipped, invalid, each));
    const reason = stopReason(view, stopping) ?? skipReason(view, planned, reasonOf, ready);
    if (reason !== undefined) skipped.set(planned.name, { reason, ready });
  }
  return skipped;
}

function invalidTasks(view: View, skipped: Skips): ReadonlyMap<PipelineTaskName, string> {
  const none = new Map<PipelineTaskName, string>();
  return new Map(
    view.state.plan.tasks.flatMap((planned): readonly (readonly [PipelineTaskName, string])[] => {
      if (view.phaseOf(planned.name) !== "unscheduled" || skipped.has(planned.name) || planned.resultsFrom.length === 0)
        return [];
      if (!planned.predecessors.every((each) => isDone(view, skipped, none, each))) return [];
      const binding = view.bind(planned);
      return binding.kind === "missing-results" ? [[planned.name, missingText(view, planned, binding.missing)]] : [];
    }),
  );
}

function missingText(
  view: View,
  { name }: PlannedTask,
  { task, result, producer }: Extract<BindOutcome, { kind: "missing-results" }>["missing"],
): string {
  const { plan } = view.state;
  if (!isAfter("missing-result-of-one-task", plan.tekton))
    return `Could not find result with name ${result} for task ${task}`;
  if (view.taskRunsOf(task).length === 0) {
    const planned = view.progress.index.planned.get(task);
    const kind = planned?.kind === "task" && planned.task.custom !== undefined ? "CustomRuns" : "TaskRuns";
    return `Result reference error: Internal result ref "${task}" has zero-length ${kind}`;
  }
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
  if (view.progress.counts.failed > 0) return "Failed";
  return dag.any ? "Completed" : "Succeeded";
}

function isDone(
  view: View,
  skipped: Skips,
  invalid: ReadonlyMap<PipelineTaskName, string>,
  task: PipelineTaskName,
): boolean {
  const phase = view.phaseOf(task);
  return phase === "succeeded" || phase === "failed" || skipped.has(task) || invalid.has(task);
}

function isGiven(view: View, { resultsFrom }: PlannedTask): boolean {
  const { omitted } = view.state.plan;
  return resultsFrom.every((each) => view.phaseOf(each) === "succeeded" || omitted?.has(each) === true);
}

/** With values where all results are there, as written otherwise. */
export function whenOf(view: View, planned: PlannedTask, ready: boolean): Skip["whenExpressions"] {
  const written = planned.pipelineTask.when ?? [];
  if (written.length === 0 || !(ready || isGiven(view, planned))) return written;
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

import { type BindOutcome, hasCel, type PipelineTaskName, type PlannedTask } from "@lapcat/plan";
import { isAfter, type SkipReason, type TektonVersion } from "@lapcat/tekton";
import { pausedSince } from "./pause.ts";
import { type Skip } from "./run-state.ts";
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
  return isAsTold(view) ? asTold(view) : workedOut(view);
}

/**
 * Whether working all skips out would come to those that are told and to no task that lacks a result. As long as the
 * reasons that concern all tasks stay what they are, only tasks about which something changed have to be asked.
 */
function isAsTold(view: View): boolean {
  const { counts, unasked, unmet } = view.progress;
  if (counts.revived > 0 || overdue(view, "pipeline") || overdue(view, "tasks")) return false;
  const stop = stopReason(view, counts.fatal > 0);
  if (stop !== undefined) return (counts.skips.get(stop) ?? 0) === counts.unscheduled;
  const told = reasonTold(view.state.skipped);
  for (const planned of unasked) {
    if (planned.memberOf === "finally") continue;
    const ready = (unmet.get(planned.name) ?? 0) === 0;
    if (skipReason(view, planned, told, ready) !== told(planned.name)) return false;
    if (
      told(planned.name) === undefined &&
      ready &&
      isConditional(planned) &&
      view.bind(planned).kind === "missing-results"
    )
      return false;
    if (!mayFail(view, planned)) unasked.delete(planned);
  }
  return true;
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

type Reasons = (task: PipelineTaskName) => SkipReason | undefined;

function reasonTold(skipped: View["state"]["skipped"]): Reasons {
  return (task) => skipped.get(task)?.reason;
}

function asTold({ state, progress: { counts } }: View): DagSkips {
  return {
    reasonOf: reasonTold(state.skipped),
    any: counts.skipped > 0,
    untold: [],
    invalid: new Map(),
    done: counts.ended + counts.skipped === state.plan.tasks.length,
  };
}

function workedOut(view: View): DagSkips {
  const { state, progress } = view;
  const { tasks } = state.plan;
  const failed = progress.counts.fatal > 0;
  const first = skipsWith(view, failed, new Map());
  const invalid =
    failed || state.cancel !== undefined ? new Map<PipelineTaskName, string>() : invalidTasks(view, first);
  const skipped = invalid.size === 0 ? first : skipsWith(view, true, invalid);
  const untold = tasks.flatMap((planned): readonly (readonly [PipelineTaskName, Skip])[] => {
    const skip = skipped.get(planned.name);
    if (skip === undefined || state.skipped.get(planned.name)?.reason === skip.reason) return [];
    return [[planned.name, { reason: skip.reason, whenExpressions: whenOf(view, planned, skip.ready) }]];
  });
  return {
    reasonOf: (task) => skipped.get(task)?.reason,
    any: skipped.size > 0,
    untold,
    invalid,
    done: tasks.every(({ name }) => isDone(view, skipped, invalid, name)),
  };
}

type Skips = ReadonlyMap<PipelineTaskName, { readonly reason: SkipReason; readonly ready: boolean }>;

/** The order of the questions is Tekton's (PL-6). */
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

export function stopReason({ state: { cancel } }: View, stopping: boolean): SkipReason | undefined {
  if (stopping) return "PipelineRun was stopping";
  if (cancel === "CancelledRunFinally") return "PipelineRun was gracefully cancelled";
  return cancel === "StoppedRunFinally" ? "PipelineRun was gracefully stopped" : undefined;
}

function skipReason(view: View, planned: PlannedTask, reasonOf: Reasons, ready: boolean): SkipReason | undefined {
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
function isConditional({ pipelineTask: { when, matrix }, resultsFrom }: PlannedTask): boolean {
  return (when ?? []).length > 0 || matrix !== undefined || resultsFrom.length > 0;
}

/** A result may be missing where its task was skipped by `when`, or where the consumer says so itself (PL-14). */
function mayMiss(
  planned: PlannedTask,
  reasonOf: Reasons,
  { missing }: Extract<BindOutcome, { kind: "missing-results" }>,
): boolean {
  return planned.onError === "continue" || reasonOf(missing.task) === "When Expressions evaluated to false";
}

function invalidTasks(view: View, skipped: Skips): ReadonlyMap<PipelineTaskName, string> {
  const none = new Map<PipelineTaskName, string>();
  return new Map(
    view.state.plan.tasks.flatMap((planned): readonly (readonly [PipelineTaskName, string])[] => {
      if (view.phaseOf(planned.name) !== "unscheduled" || skipped.has(planned.name) || planned.resultsFrom.length === 0)
        return [];
      if (!planned.predecessors.every((each) => isDone(view, skipped, none, each))) return [];
      const binding = view.bind(planned);
      return binding.kind === "missing-results"
        ? [[planned.name, missingText(planned, binding.missing, view.state.plan.tekton)]]
        : [];
    }),
  );
}

function missingText(
  { name }: PlannedTask,
  { task, result, producer }: Extract<BindOutcome, { kind: "missing-results" }>["missing"],
  tekton: TektonVersion | undefined,
): string {
  if (!isAfter("missing-result-of-one-task", tekton))
    return `Could not find result with name ${result} for task ${task}`;
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

/** Whether a budget is used up at this instant, told yet or not. */
export function overdue({ state, now }: View, of: "pipeline" | "tasks" | "finally"): boolean {
  const from = of === "finally" ? state.finallyStartedAt : state.startedAt;
  const budget = state.plan.timeouts[of];
  return from !== undefined && budget !== undefined && now - from - pausedSince(state, from) > budget;
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

/** With values where all results are there, as written otherwise. */
export function whenOf(view: View, planned: PlannedTask, ready: boolean): Skip["whenExpressions"] {
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

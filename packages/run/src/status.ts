import { type PlannedTask, type PlannedTaskRun } from "@lapcat/plan";
import { replace, stringReplacements } from "@lapcat/substitution";
import {
  type ChildReference,
  formatDuration,
  type PipelineRun,
  type PipelineRunStatus,
  type SkippedTask,
} from "@lapcat/tekton";
import { customRunObject, type CustomRunObject } from "./custom-run-status.ts";
import { formatInstant } from "./instant.ts";
import { ongoing } from "./run-outcome.ts";
import { currentAttempt, type RunState, type Skip, type TaskRunState } from "./run-state.ts";
import { dagSkips, whenOf } from "./skip.ts";
import { stopReason } from "./skip-reason.ts";
import { condition, taskRunObject, type TaskRunObject } from "./task-run-status.ts";
import { planIndex } from "./plan-index.ts";
import { shownResults, type ShownResults } from "./shown-results.ts";
import { type View, viewOf } from "./view.ts";

export type PipelineRunObject = PipelineRun & { readonly status: PipelineRunStatus };

export type ChildObject = TaskRunObject | CustomRunObject | PipelineRunObject;

/** A run and all that was made for it as Kubernetes objects. */
export interface RunStatus {
  readonly run: PipelineRunObject | TaskRunObject;
  /** In the order of creation; none for a lone TaskRun, which is the run. */
  readonly taskRuns: readonly ChildObject[];
}

/** What `-o json` prints. */
export interface RunList {
  readonly apiVersion: "v1";
  readonly kind: "List";
  readonly items: readonly (PipelineRunObject | ChildObject)[];
}

export function listOf(state: RunState): RunList {
  const { run, taskRuns } = statusOf(state);
  return { apiVersion: "v1", kind: "List", items: [run, ...taskRuns] };
}

/** Read from the plan and the facts alone, in upstream's v1 shape (ST-1, ST-4). */
export function statusOf(state: RunState): RunStatus {
  if (state.plan.kind === "PipelineRun") {
    const children = childObjects(state).toSorted((a, b) => a.seq - b.seq);
    return { run: pipelineRunObject(state), taskRuns: children.map(({ object }) => object) };
  }
  const [planOfOne] = state.plan.tasks;
  if (planOfOne?.kind !== "task") throw new Error("a TaskRun's plan has one task");
  const [only] = state.taskRuns.values();
  return {
    run: only === undefined ? unstarted(state, planOfOne) : taskRunObject(state, planOfOne, only),
    taskRuns: [],
  };
}

/** Of a whole tree of runs. */
function childObjects(state: RunState): readonly { readonly seq: number; readonly object: ChildObject }[] {
  const { planned } = planIndex(state.plan);
  return [...state.taskRuns.values()].flatMap((each) => {
    const task = planned.get(each.task);
    const child = currentAttempt(each)?.child;
    if (child !== undefined) return [{ seq: each.seq, object: pipelineRunObject(child) }, ...childObjects(child)];
    if (task?.kind !== "task") return [];
    const isCustom = task.task.custom !== undefined;
    return [
      { seq: each.seq, object: isCustom ? customRunObject(state, task, each) : taskRunObject(state, task, each) },
    ];
  });
}

/** A TaskRun that was never started: still to come, or cancelled before. */
function unstarted(state: RunState, planned: PlannedTaskRun): TaskRunObject {
  const { identity, requested } = state.plan;
  const { finished } = state;
  const params = planned.pipelineTask.params ?? [];
  const object = taskRunObject(state, planned, {
    name: planned.taskRunName,
    task: planned.name,
    uid: identity.uid,
    seq: 0,
    params,
    attempts: [],
  });
  const conditions =
    finished === undefined ? [] : [condition(finished.status, finished.reason, finished.message, finished.at)];
  return {
    ...object,
    spec: { ...object.spec, ...(requested !== undefined && { status: "TaskRunCancelled" }) },
    status: { conditions },
  };
}

function pipelineRunObject(state: RunState): PipelineRunObject {
  const { plan, startedAt } = state;
  const { name, namespace, uid, labels } = plan.identity;
  return {
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: {
      name,
      namespace,
      uid,
      ...(startedAt !== undefined && { creationTimestamp: formatInstant(startedAt) }),
      labels,
      ...annotationsOf(plan),
    },
    spec: specOf(state),
    status: pipelineRunStatus(state),
  };
}

/** Tekton knows no task that is left out: neither a child nor a skipped one. So it is said beside what it knows. */
function annotationsOf({ identity, omitted = new Map() }: RunState["plan"]): {
  readonly annotations?: Readonly<Record<string, string>>;
} {
  const given = [...omitted].flatMap(([task, { outcome }]): readonly (readonly [string, unknown])[] => {
    const results = outcome?.taskRuns.flatMap((each) => each.results) ?? [];
    return results.length === 0 ? [] : [[task, Object.fromEntries(results.map(({ name, value }) => [name, value]))]];
  });
  const annotations = {
    ...identity.annotations,
    ...(omitted.size > 0 && { "lapcat.dev/omitted": [...omitted.keys()].join(",") }),
    ...(given.length > 0 && { "lapcat.dev/given": JSON.stringify(Object.fromEntries(given)) }),
  };
  return Object.keys(annotations).length === 0 ? {} : { annotations };
}

function specOf({ plan, cancel }: RunState): PipelineRun["spec"] {
  const { pipeline, timeouts } = plan;
  const { params, pipelineRef, taskRunTemplate, workspaces, tasks, finally: ending } = plan.written;
  return {
    ...(pipeline?.embedded === true
      ? { pipelineSpec: pipeline.spec }
      : { pipelineRef: pipelineRef ?? { name: pipeline?.name ?? "" } }),
    ...(params !== undefined && { params }),
    ...(taskRunTemplate !== undefined && { taskRunTemplate }),
    ...(workspaces !== undefined && { workspaces }),
    ...(cancel !== undefined && { status: cancel }),
    timeouts: {
      pipeline: formatDuration(timeouts.pipeline ?? 0),
      ...(tasks !== undefined && { tasks: formatDuration(tasks) }),
      ...(ending !== undefined && { finally: formatDuration(ending) }),
    },
  };
}

function pipelineRunStatus(state: RunState): PipelineRunStatus {
  const { plan, startedAt, finallyStartedAt, finished } = state;
  const view = viewOf(state, startedAt ?? 0);
  const inOrder = inPipelineOrder(state);
  const shown = shownResults(view, inOrder);
  const childReferences = inOrder.flatMap((planned) => references(view, planned, shown));
  const skippedTasks = inOrder.flatMap((planned) => skippedTask(view, planned, shown));
  const results = finished?.results ?? [];
  const going = finished === undefined ? ongoing(view, dagSkips(view)) : undefined;
  return {
    conditions:
      finished === undefined
        ? going === undefined || startedAt === undefined
          ? []
          : [condition("Unknown", going.reason, going.message, startedAt)]
        : [condition(finished.status, finished.reason, finished.message, finished.at)],
    ...(startedAt !== undefined && { startTime: formatInstant(startedAt) }),
    ...(finished !== undefined && { completionTime: formatInstant(finished.at) }),
    ...(finallyStartedAt !== undefined && { finallyStartTime: formatInstant(finallyStartedAt) }),
    ...(childReferences.length > 0 && { childReferences }),
    ...(skippedTasks.length > 0 && { skippedTasks }),
    ...(results.length > 0 && { results }),
    ...(plan.pipeline !== undefined && {
      pipelineSpec: substituted(state, plan.pipeline.spec),
      ...(plan.options.provenance !== false && { provenance: { refSource: plan.pipeline.provenance } }),
    }),
  };
}

/** As the reconciler shows it: params, contexts and bound workspaces replaced in the tasks. */
function substituted(
  { plan }: RunState,
  spec: NonNullable<PipelineRunStatus["pipelineSpec"]>,
): NonNullable<PipelineRunStatus["pipelineSpec"]> {
  const tasks = new Map([...plan.tasks, ...plan.finally].map(({ pipelineTask }) => [pipelineTask.name, pipelineTask]));
  return {
    ...spec,
    ...(spec.tasks !== undefined && { tasks: spec.tasks.map((each) => tasks.get(each.name) ?? each) }),
    ...(spec.finally !== undefined && { finally: spec.finally.map((each) => tasks.get(each.name) ?? each) }),
  };
}

function inPipelineOrder({ plan }: RunState): readonly PlannedTask[] {
  const rank = new Map((plan.pipeline?.spec.tasks ?? []).map(({ name }, index) => [name, index]));
  return [...[...plan.tasks].sort((a, b) => (rank.get(a.name) ?? 0) - (rank.get(b.name) ?? 0)), ...plan.finally];
}

function references(view: View, planned: PlannedTask, shown: ShownResults): readonly ChildReference[] {
  const taskRuns = view.taskRunsOf(planned.name);
  if (taskRuns.length === 0) return [];
  // As upstream shows it: results are filled in, execution status is not.
  const binding = view.bind({ ...planned, memberOf: "tasks" });
  const task = shown.before(
    planned.name,
    binding.kind === "bound"
      ? binding.pipelineTask
      : { ...planned.pipelineTask, ...("whenExpressions" in binding && { when: binding.whenExpressions }) },
  );
  return taskRuns.map((each) => {
    const displayName = displayNameOf(task, each);
    return {
      ...kindOf(planned),
      name: each.name,
      pipelineTaskName: planned.name,
      ...(displayName !== undefined && { displayName }),
      ...((task.when ?? []).length > 0 && { whenExpressions: task.when ?? [] }),
    };
  });
}

function kindOf(planned: PlannedTask): Pick<ChildReference, "apiVersion" | "kind"> {
  if (planned.kind === "pipeline") return { apiVersion: "tekton.dev/v1", kind: "PipelineRun" };
  if (planned.task.custom !== undefined) return { apiVersion: "tekton.dev/v1beta1", kind: "CustomRun" };
  return { apiVersion: "tekton.dev/v1", kind: "TaskRun" };
}

/** With the TaskRun's params; in a matrix, the names of the include entries that it matches (API-16). */
function displayNameOf(
  { displayName, matrix }: PlannedTask["pipelineTask"],
  { params }: TaskRunState,
): string | undefined {
  const texts = new Map(params.flatMap(({ name, value }) => (typeof value === "string" ? [[name, value]] : [])));
  const known = stringReplacements(Object.fromEntries(Array.from(texts, ([name, value]) => [`params.${name}`, value])));
  const names = (matrix?.include ?? [])
    .filter(
      (each) => each.name !== undefined && (each.params ?? []).every(({ name, value }) => texts.get(name) === value),
    )
    .map((each) => replace(each.name ?? "", known));
  const own = displayName === undefined || displayName === "" ? undefined : replace(displayName, known);
  return names.length > 0 ? names.join(" ") : own;
}

function skippedTask(view: View, planned: PlannedTask, shown: ShownResults): readonly SkippedTask[] {
  const { name } = planned;
  const isScheduled = view.phaseOf(name) !== "unscheduled";
  const skip = isScheduled ? skipThoughRun(view, planned) : view.state.skipped.get(name);
  if (skip === undefined) return [];
  // Told before the results were there, perhaps.
  const isOpen = JSON.stringify(skip.whenExpressions).includes("$(tasks.") && planned.memberOf === "tasks";
  const when = isOpen ? whenOf(view, planned, false) : skip.whenExpressions;
  const { when: whenExpressions = [] } = shown.all({ name, when });
  return [{ name, reason: skip.reason, ...(whenExpressions.length > 0 && { whenExpressions }) }];
}

/** Upstream takes no child PipelineRun for a sign that its task was started, and lists it once the run stops (isScheduled). */
function skipThoughRun(view: View, planned: PlannedTask): Skip | undefined {
  if (planned.kind !== "pipeline" || planned.memberOf === "finally") return undefined;
  // What the run itself ended would be there for ever upstream.
  if (view.taskRunsOf(planned.name).some((each) => currentAttempt(each)?.stop !== undefined)) return undefined;
  const reason = stopReason(view, view.progress.counts.fatal > 0);
  return reason && { reason, whenExpressions: planned.pipelineTask.when ?? [] };
}

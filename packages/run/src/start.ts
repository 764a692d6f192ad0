import { hasCel, type BoundRun, type BoundTaskRun, type Outcomes, type PlannedTask } from "@lapcat/plan";
import { type Intent } from "./intent.ts";
import { failedAttempts, nextAttempt } from "./retry.ts";
import { aggregateOf, type DagSkips } from "./skip.ts";
import { mayFail } from "./skip-reason.ts";
import { stopCauseOf, type View } from "./view.ts";

/** Why the run cannot go on, whatever its tasks do: Tekton fails it when it looks at the task. */
export function fatal(view: View): { readonly reason: string; readonly message: string } | undefined {
  for (const planned of inPlanOrder(
    view,
    [...view.progress.unasked].filter((each) => mayFail(view, each)),
  )) {
    const binding = view.bind(planned);
    if (binding.kind === "failed" && binding.when === "created") continue;
    if (binding.kind === "failed") return { reason: binding.reason, message: binding.message };
    // In `finally` it is asked again when the execution status is known, a condition in CEL with every result.
    if (planned.memberOf === "tasks" && !hasCel(planned)) view.progress.sound.add(planned);
  }
  return undefined;
}

/** TaskRuns and child PipelineRuns to start: those to be tried again, then those whose predecessors are done, in the order of the plan; at most `room`. */
export function starts(view: View, dag: DagSkips, room: number): readonly Intent[] {
  const aggregate = aggregateOf(view, dag);
  const intents: Intent[] = [];
  let left = room;
  const start = (runs: readonly BoundRun[]): void => {
    for (const each of runs) {
      if (left <= 0) return;
      intents.push(startOf(each));
      // A child PipelineRun takes no room itself.
      if (each.kind === "TaskRun") left -= 1;
    }
  };
  start(retried(view, aggregate));
  for (const [planned, of] of inOrderOfCreation(view, dag)) {
    if (left <= 0 || impossible(view, planned, of) !== undefined) break;
    start(fresh(view, planned, of));
  }
  return intents;
}

/** Why the run ends instead of a task that is to be started now: all that comes before it was begun (createTaskRuns). */
export function uncreatable(
  view: View,
  dag: DagSkips,
): { readonly reason: string; readonly message: string } | undefined {
  for (const [planned, of] of inOrderOfCreation(view, dag)) {
    const failed = impossible(view, planned, of);
    if (failed !== undefined) return failed;
    if (fresh(view, planned, of).length > 0) return undefined;
  }
  return undefined;
}

function* inOrderOfCreation(view: View, dag: DagSkips): Generator<readonly [PlannedTask, Outcomes["aggregate"]]> {
  for (const planned of ready(view, dag)) yield [planned, "None"];
  const { plan, skipped } = view.state;
  const aggregate = aggregateOf(view, dag);
  for (const planned of dag.done ? plan.finally : []) if (!skipped.has(planned.name)) yield [planned, aggregate];
}

function impossible(
  view: View,
  planned: PlannedTask,
  aggregate: Outcomes["aggregate"],
): { readonly reason: string; readonly message: string } | undefined {
  if (view.phaseOf(planned.name) !== "unscheduled" || stopCauseOf(view.state, planned) !== undefined) return undefined;
  const binding = view.bind(planned, aggregate);
  return binding.kind === "failed" && binding.when === "created" ? binding : undefined;
}

function startOf(bound: BoundRun): Intent {
  if (bound.kind === "TaskRun") return { do: "start-task", in: [], bound };
  const { planned, name: taskRun, uid, params, workspaces } = bound;
  const event = { type: "child.started", task: planned.name, taskRun, attempt: 0, uid, params, workspaces } as const;
  return { do: "record", event };
}

/** Of TaskRuns that failed and have retries left. */
export function retries(view: View): readonly Intent[] {
  return retried(view, "None").map(startOf);
}

function* ready(view: View, dag: DagSkips): Generator<PlannedTask> {
  const { tasks } = view.state.plan;
  const ranks = view.progress.counts.revived > 0 ? tasks.keys() : view.progress.ready.inOrder();
  for (const rank of ranks) {
    const planned = tasks[rank];
    if (planned !== undefined && mayStart(view, dag, planned)) yield planned;
  }
}

function mayStart(view: View, dag: DagSkips, { name, predecessors }: PlannedTask): boolean {
  if (dag.reasonOf(name) !== undefined || dag.invalid.has(name)) return false;
  return predecessors.every(
    (each) => ["succeeded", "failed"].includes(view.phaseOf(each)) || dag.reasonOf(each) !== undefined,
  );
}

function inPlanOrder(view: View, tasks: Iterable<PlannedTask>): readonly PlannedTask[] {
  const { ranks } = view.progress.index;
  return [...tasks].sort((a, b) => (ranks.get(a.name) ?? 0) - (ranks.get(b.name) ?? 0));
}

/** The TaskRuns of a task that have not been started yet: all of them, or what is left of a matrix. */
function fresh(view: View, planned: PlannedTask, aggregate: Outcomes["aggregate"]): readonly BoundRun[] {
  const { state, progress } = view;
  const phase = view.phaseOf(planned.name);
  if (phase !== "unscheduled" && !(phase === "running" && planned.pipelineTask.matrix !== undefined)) return [];
  if (stopCauseOf(state, planned) !== undefined) return [];
  const binding = view.bind(planned, aggregate);
  if (binding.kind !== "bound") return [];
  const left = binding.runs.filter(({ name }) => !state.taskRuns.has(name));
  if (left.length === 0) progress.ready.delete(progress.index.ranks.get(planned.name) ?? 0);
  return left;
}

function retried(view: View, aggregate: Outcomes["aggregate"]): readonly BoundTaskRun[] {
  const { state, progress } = view;
  const taskRuns = [...progress.retrying].flatMap((name) => state.taskRuns.get(name) ?? []);
  const tasks = new Set(taskRuns.flatMap(({ task }) => progress.index.planned.get(task) ?? []));
  return inPlanOrder(view, tasks).flatMap((planned) => {
    if (stopCauseOf(state, planned) !== undefined) return [];
    const binding = view.bind(planned, aggregate);
    if (binding.kind !== "bound") return [];
    const known = new Map(view.taskRunsOf(planned.name).map((each) => [each.name, each]));
    return binding.runs.flatMap((bound) => {
      const taskRun = known.get(bound.name);
      const attempt = taskRun && nextAttempt(taskRun);
      if (taskRun === undefined || attempt === undefined || bound.kind === "PipelineRun") return [];
      return [{ ...bound, attempt, retryCount: failedAttempts(taskRun) }];
    });
  });
}

import { type BoundTaskRun, type Outcomes, type PlannedTask } from "@lapcat/plan";
import { type Intent } from "./intent.ts";
import { nextAttempt } from "./retry.ts";
import { aggregateOf, type DagSkips } from "./skip.ts";
import { stopCauseOf, type View } from "./view.ts";

/** Why the run cannot go on, whatever its tasks do: Tekton fails it when it looks at the task. */
export function fatal(view: View): { readonly reason: string; readonly message: string } | undefined {
  const { plan } = view.state;
  for (const planned of [...plan.tasks, ...plan.finally]) {
    if (
      (planned.resultsFrom.length === 0 && planned.pipelineTask.matrix === undefined) ||
      view.phaseOf(planned.name) !== "unscheduled"
    )
      continue;
    if (!planned.resultsFrom.every((each) => ["succeeded", "failed"].includes(view.phaseOf(each)))) continue;
    const binding = view.bind(planned);
    if (binding.kind === "failed") return { reason: binding.reason, message: binding.message };
  }
  return undefined;
}

/** TaskRuns to start: those to be tried again, then those whose predecessors are done, in the order of the plan. */
export function starts(view: View, dag: DagSkips): readonly Intent[] {
  const { plan } = view.state;
  const ready = plan.tasks.filter((planned) => mayStart(view, dag, planned));
  const ending = dag.done ? plan.finally.filter(({ name }) => !view.state.skipped.has(name)) : [];
  const aggregate = aggregateOf(view, dag);
  const bound = [
    ...ready.flatMap((each) => fresh(view, each, "None")),
    ...ending.flatMap((each) => fresh(view, each, aggregate)),
  ];
  return [...retries(view, aggregate), ...bound.map((each): Intent => ({ do: "start-task", bound: each }))];
}

/** Of TaskRuns that failed and have retries left. */
export function retries(view: View, aggregate: Outcomes["aggregate"] = "None"): readonly Intent[] {
  const { plan } = view.state;
  return [...plan.tasks, ...plan.finally]
    .flatMap((planned) => retried(view, planned, aggregate))
    .map((bound) => ({ do: "start-task", bound }));
}

function mayStart(view: View, dag: DagSkips, { name, predecessors }: PlannedTask): boolean {
  if (dag.skipped.has(name) || dag.invalid.has(name)) return false;
  return predecessors.every((each) => ["succeeded", "failed"].includes(view.phaseOf(each)) || dag.skipped.has(each));
}

/** The TaskRuns of a task that have not been started yet: all of them, or what is left of a matrix. */
function fresh(view: View, planned: PlannedTask, aggregate: Outcomes["aggregate"]): readonly BoundTaskRun[] {
  const { state } = view;
  const phase = view.phaseOf(planned.name);
  if (phase !== "unscheduled" && !(phase === "running" && planned.pipelineTask.matrix !== undefined)) return [];
  if (stopCauseOf(state, planned) !== undefined) return [];
  const binding = view.bind(planned, aggregate);
  return binding.kind === "bound" ? binding.taskRuns.filter(({ name }) => !state.taskRuns.has(name)) : [];
}

function retried(view: View, planned: PlannedTask, aggregate: Outcomes["aggregate"]): readonly BoundTaskRun[] {
  if (stopCauseOf(view.state, planned) !== undefined) return [];
  return view.taskRunsOf(planned.name).flatMap((taskRun) => {
    const attempt = nextAttempt(taskRun);
    const binding = attempt === undefined ? undefined : view.bind(planned, aggregate);
    if (attempt === undefined || binding?.kind !== "bound") return [];
    return binding.taskRuns.filter(({ name }) => name === taskRun.name).map((bound) => ({ ...bound, attempt }));
  });
}

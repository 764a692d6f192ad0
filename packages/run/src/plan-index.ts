import { type PipelineTaskName, type PlannedPipelineRun, type PlannedTask, type RunPlan } from "@lapcat/plan";

/** What a plan says of its tasks by name; worked out once a plan. */
export interface PlanIndex {
  readonly planned: ReadonlyMap<PipelineTaskName, PlannedTask>;
  /** The place of a task: the DAG's in order, then those of `finally`. */
  readonly ranks: ReadonlyMap<PipelineTaskName, number>;
  readonly successors: ReadonlyMap<PipelineTaskName, readonly PlannedTask[]>;
  /** Tasks that are Pipelines of their own. */
  readonly pipelines: readonly PlannedPipelineRun[];
  /** Tasks that take a task's results, those of `finally` among them. */
  readonly consumers: ReadonlyMap<PipelineTaskName, readonly PlannedTask[]>;
}

const known = new WeakMap<RunPlan, PlanIndex>();

export function planIndex(plan: RunPlan): PlanIndex {
  const index = known.get(plan) ?? indexOf(plan);
  known.set(plan, index);
  return index;
}

function indexOf(plan: RunPlan): PlanIndex {
  const all = [...plan.tasks, ...plan.finally];
  const successors = new Map<PipelineTaskName, PlannedTask[]>();
  const consumers = new Map<PipelineTaskName, PlannedTask[]>();
  for (const each of all) {
    for (const name of each.predecessors) listed(successors, name, each);
    for (const name of each.resultsFrom) listed(consumers, name, each);
  }
  return {
    planned: new Map(all.map((each) => [each.name, each])),
    ranks: new Map(all.map(({ name }, rank) => [name, rank])),
    successors,
    pipelines: all.filter((each) => each.kind === "pipeline"),
    consumers,
  };
}

function listed(lists: Map<PipelineTaskName, PlannedTask[]>, name: PipelineTaskName, task: PlannedTask): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [task]);
  else list.push(task);
}

import { type PipelineTask } from "@lapcat/tekton";
import { type PipelineTaskName, type PlannedTask, type RunPlan, type TaskRunName } from "./run-plan.ts";

/** What is asked of a plan for each of its tasks: worked out once a plan. */
export interface NamesIn {
  readonly matrices: ReadonlyMap<PipelineTaskName, NonNullable<PipelineTask["matrix"]>>;
  /** The task that a run's name belongs to, where the task has one TaskRun. */
  readonly owners: ReadonlyMap<TaskRunName, PipelineTaskName>;
  readonly inDag: ReadonlySet<PipelineTaskName>;
}

const known = new WeakMap<RunPlan, NamesIn>();

export function namesIn(plan: RunPlan): NamesIn {
  const names = known.get(plan) ?? namesOf(plan);
  known.set(plan, names);
  return names;
}

function namesOf({ tasks, finally: ending, omitted = new Map() }: RunPlan): NamesIn {
  const own = [...tasks, ...ending];
  // What stands for those left out is taken as theirs.
  const out = [...omitted.values()].map(({ planned }) => planned);
  const all = [...own, ...out];
  return {
    matrices: new Map(
      all.flatMap(({ name, pipelineTask: { matrix } }) => (matrix === undefined ? [] : [[name, matrix] as const])),
    ),
    owners: new Map(own.map(({ name, taskRunName }) => [taskRunName, name])),
    inDag: new Set([...tasks, ...out.filter(({ memberOf }) => memberOf === "tasks")].map(({ name }) => name)),
  };
}

const mentions = new WeakMap<object, readonly PipelineTaskName[]>();

/** Tasks of the DAG whose results or status may be spoken of in any text of these. */
export function mentionedIn(plan: RunPlan, of: PlannedTask | PipelineTask): readonly PipelineTaskName[] {
  const found = mentions.get(of) ?? searched(plan, of);
  mentions.set(of, found);
  return found;
}

function searched(plan: RunPlan, of: PlannedTask | PipelineTask): readonly PipelineTaskName[] {
  const texts = "pipelineTask" in of ? [of.pipelineTask, of.kind === "task" ? of.task.spec : {}, of.workspaces] : of;
  const { inDag } = namesIn(plan);
  const names = JSON.stringify(texts).matchAll(/tasks\.(?<name>[^.)\s]+)\./gu);
  return [...new Set(Array.from(names, ({ groups }) => groups?.["name"] as PipelineTaskName))].filter((each) =>
    inDag.has(each),
  );
}

import { didYouMean, type Diagnostic, fail, type Result, succeed } from "@lapcat/diagnostic";
import { awaitedResults } from "@lapcat/tekton";
import { resultOf, type TaskOutcome } from "./outcomes.ts";
import { asPipelineTaskName, type PipelineTaskName, type PlannedTask, type RunPlan } from "./run-plan.ts";

/** A part of a Pipeline: exactly these tasks; or all that follow from some, all that others need, and `finally`. */
export interface Selection {
  readonly only: readonly string[];
  readonly from: readonly string[];
  readonly until: readonly string[];
}

/** What stands for tasks that are left out. */
export interface Given {
  readonly outcomes: ReadonlyMap<PipelineTaskName, TaskOutcome>;
  /** Claims of this run that hold what an earlier run wrote. */
  readonly claims: ReadonlySet<string>;
}

/** The tasks of a plan that are left out, in its order; or what the selection lacks. */
export function omittedTasks(plan: RunPlan, selection: Selection): Result<readonly PlannedTask[]> {
  const { only, from, until } = selection;
  const all = [...plan.tasks, ...plan.finally];
  if (only.length + from.length + until.length === 0) return succeed([]);
  if (plan.kind === "TaskRun")
    return fail([usage("a TaskRun has no parts: --only, --from and --until choose tasks of a Pipeline")]);
  if (only.length > 0 && from.length + until.length > 0)
    return fail([usage("--only names all that is run, so it goes with neither --from nor --until")]);
  const names = all.map(({ name }) => name);
  const inDag = new Set(plan.tasks.map(({ name }) => name));
  const unknown = [...only, ...from, ...until].flatMap((each) => unknownTask(each, names));
  const inFinally = [...from, ...until].flatMap((each) =>
    !inDag.has(asPipelineTaskName(each)) && names.includes(asPipelineTaskName(each))
      ? [usage(`${each} is in finally, which has no order: name it with --only`)]
      : [],
  );
  if (unknown.length + inFinally.length > 0) return fail([...unknown, ...inFinally]);
  const after = from.length === 0 ? inDag : closure(from, ({ name }) => successorsOf(plan, name), plan);
  const before = until.length === 0 ? inDag : closure(until, ({ predecessors }) => predecessors, plan);
  const chosen = new Set<string>(
    only.length > 0
      ? only
      : [...plan.tasks.filter(({ name }) => after.has(name) && before.has(name)), ...plan.finally].map(
          ({ name }) => name,
        ),
  );
  if (!all.some(({ name, memberOf }) => chosen.has(name) && (memberOf === "tasks" || only.length > 0)))
    return fail([usage(`no task follows from ${from.join(", ")} and is needed by ${until.join(", ")}`)]);
  return succeed(all.filter(({ name }) => !chosen.has(name)));
}

/**
 * What the tasks that run would take from those that are left out, and that nothing was given for. A task of `finally` that lacks a result is
 * skipped, as Tekton does where a task was not run.
 */
export function missingInputs(plan: RunPlan, omitted: readonly PlannedTask[], given: Given): readonly Diagnostic[] {
  const out = new Map(omitted.map((each) => [each.name, each]));
  const runs = plan.tasks.filter(({ name }) => !out.has(name));
  return [...runs.flatMap((each) => missingResults(each, out, given)), ...missingVolumes(plan, runs, out, given)];
}

function missingResults(
  consumer: PlannedTask,
  out: ReadonlyMap<PipelineTaskName, PlannedTask>,
  { outcomes }: Given,
): readonly Diagnostic[] {
  const needed = new Map(
    awaitedResults(consumer.pipelineTask).map(({ reference: { task, result } }) => [
      `${task}.${result}`,
      { task, result },
    ]),
  );
  return [...needed.values()].flatMap(({ task, result }): readonly Diagnostic[] => {
    const producer = out.get(asPipelineTaskName(task));
    const outcome = outcomes.get(asPipelineTaskName(task));
    if (producer === undefined) return [];
    const value = outcome && resultOf(outcome, result, producer.pipelineTask.matrix !== undefined);
    if (value !== undefined) return [];
    return [
      {
        code: "result.missing",
        severity: "error",
        message: `task ${consumer.name} takes the result "${result}" of task ${task}, which is left out`,
        hint: `give it with --result ${task}.${result}=VALUE, or take it from an earlier run with --results-from RUN`,
      },
    ];
  });
}

/** A volume that is made for this run is empty for whoever comes first. */
function missingVolumes(
  plan: RunPlan,
  runs: readonly PlannedTask[],
  out: ReadonlyMap<PipelineTaskName, PlannedTask>,
  { claims }: Given,
): readonly Diagnostic[] {
  const told = new Set<string>();
  return runs.flatMap((each) =>
    each.workspaces.flatMap(({ name, source }): readonly Diagnostic[] => {
      if (
        source.kind !== "claim" ||
        source.scope === "kept" ||
        claims.has(source.claimName) ||
        told.has(source.claimName)
      )
        return [];
      const before = closure([each.name], ({ predecessors }) => predecessors, plan);
      const filler = [...out.values()].find(
        (other) => before.has(other.name) && other.workspaces.some((its) => isSameClaim(its.source, source.claimName)),
      );
      if (filler === undefined) return [];
      told.add(source.claimName);
      const written = each.pipelineTask.workspaces?.find((binding) => binding.name === name)?.workspace ?? name;
      return [
        {
          code: "workspace.missing",
          severity: "error",
          message: `task ${each.name} shares workspace "${written}" with task ${filler.name}, which is left out: its volume would be empty`,
          hint: `take it from an earlier run that was made with --keep-workspaces by --results-from RUN, or bind a volume with -w name=${written},claimName=…`,
        },
      ];
    }),
  );
}

function isSameClaim(source: PlannedTask["workspaces"][number]["source"], claimName: string): boolean {
  return source.kind === "claim" && source.claimName === claimName;
}

/** These and all that is reached from them. */
function closure(
  names: readonly string[],
  next: (task: PlannedTask) => readonly PipelineTaskName[],
  { tasks }: RunPlan,
): ReadonlySet<PipelineTaskName> {
  const byName = new Map(tasks.map((each) => [each.name, each]));
  const found = new Set<PipelineTaskName>();
  const waiting = names.map(asPipelineTaskName);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const task = byName.get(name);
    if (task === undefined || found.has(name)) continue;
    found.add(name);
    waiting.push(...next(task));
  }
  return found;
}

function successorsOf({ tasks }: RunPlan, name: PipelineTaskName): readonly PipelineTaskName[] {
  return tasks.flatMap((each) => (each.predecessors.includes(name) ? [each.name] : []));
}

function unknownTask(name: string, names: readonly string[]): readonly Diagnostic[] {
  if (names.includes(name)) return [];
  const near = didYouMean(name, names);
  return [
    {
      code: "pipeline.task-unknown",
      severity: "error",
      message: `the Pipeline has no task ${JSON.stringify(name)}`,
      hint: near === undefined ? `it has ${names.join(", ")}` : `did you mean ${near}?`,
    },
  ];
}

function usage(message: string): Diagnostic {
  return { code: "usage", severity: "error", message };
}

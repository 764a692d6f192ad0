import { LapcatError } from "@lapcat/diagnostic";
import { type PipelineTaskName, type PlannedTask, type RunPlan, type TaskOutcome } from "@lapcat/plan";
import { begin, evolve, outcomesOf } from "@lapcat/run";
import { planOf, recordedRun } from "./recorded-run.ts";
import { storedRun, storeOf } from "./stored-run.ts";
import { type World } from "./world.ts";

/** What a kept run has for one that leaves some of its tasks out. */
export interface EarlierRun {
  readonly id: string;
  /** Of tasks that ended, with the results that the log holds. */
  readonly outcomes: ReadonlyMap<PipelineTaskName, TaskOutcome>;
  /** Claims that it kept, by the name of the new run's own in the same places. */
  readonly claims: Readonly<Record<string, string>>;
}

/** Rejects with `run.unknown`, or when the record is damaged. */
export async function earlierRun(world: World, id: string, plan: RunPlan): Promise<EarlierRun> {
  const reader = await storedRun(storeOf(world), id);
  if ((await reader.state()) === "running") {
    throw new LapcatError({
      code: "usage",
      message: `the run ${reader.id} is going on: its results are not whole yet`,
      hint: "wait for its end",
    });
  }
  const recorded = recordedRun(reader);
  const log = await reader.events();
  const before = await planOf(recorded);
  const state = log.reduce(evolve, begin(before));
  const outcomes = [...outcomesOf(state)].flatMap(([task, outcome]) =>
    outcome.finished ? [[task, withoutMasked(outcome)] as const] : [],
  );
  const isKept = recorded.invocation?.keepWorkspaces === true;
  return { id: reader.id, outcomes: new Map(outcomes), claims: isKept ? claimsBetween(plan, before) : {} };
}

/** A result that holds a secret is masked in the log: its value is not there. */
function withoutMasked(outcome: TaskOutcome): TaskOutcome {
  const taskRuns = outcome.taskRuns.map((each) => ({
    ...each,
    results: each.results.filter(({ value }) => !JSON.stringify(value).includes("***")),
  }));
  return { ...outcome, taskRuns };
}

function claimsBetween(plan: RunPlan, before: RunPlan): Readonly<Record<string, string>> {
  const tasksBefore = new Map([...before.tasks, ...before.finally].map((each) => [each.name, each]));
  const pairs = [...plan.tasks, ...plan.finally].flatMap((task) =>
    task.workspaces.flatMap(({ name, source }): readonly (readonly [string, string])[] => {
      const claimed = claimAt(tasksBefore.get(task.name), name);
      return source.kind === "claim" && source.scope === "run" && claimed !== undefined
        ? [[source.claimName, claimed]]
        : [];
    }),
  );
  return Object.fromEntries(pairs);
}

function claimAt(task: PlannedTask | undefined, workspace: string): string | undefined {
  const source = task?.workspaces.find(({ name }) => name === workspace)?.source;
  return source?.kind === "claim" ? source.claimName : undefined;
}

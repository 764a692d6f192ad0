import { LapcatError } from "@lapcat/diagnostic";
import { type Engine, type RunId } from "@lapcat/engine";
import { type PlannedTask } from "@lapcat/plan";
import { isOpen, type Recorded, type RunState, whereabouts } from "@lapcat/run";

/** A run and the child PipelineRuns in it, each before those in it. */
export function runsIn(state: RunState): readonly RunState[] {
  const children = [...state.taskRuns.values()].flatMap(({ attempts }) => attempts.flatMap(({ child }) => child ?? []));
  return [state, ...children.flatMap(runsIn)];
}

/** Those of a run's tasks that were started. */
export function begunTasks({ plan, taskRuns }: RunState): readonly PlannedTask[] {
  const begun = new Set([...taskRuns.values()].map(({ task }) => task));
  return [...plan.tasks, ...plan.finally].filter(({ name }) => begun.has(name));
}

/** Those of which an attempt got a Pod, and with it its volumes: what was started and has none yet has written nothing. */
function tasksWithPods({ plan, taskRuns }: RunState): readonly PlannedTask[] {
  const had = new Set(
    [...taskRuns.values()].flatMap(({ task, attempts }) =>
      attempts.some(({ pod }) => pod !== undefined) ? [task] : [],
    ),
  );
  return [...plan.tasks, ...plan.finally].filter(({ name }) => had.has(name));
}

/** Those that may still get a Pod. */
export function openTasks(state: RunState): readonly PlannedTask[] {
  return [...state.plan.tasks, ...state.plan.finally].filter(({ name }) => isOpen(state, name));
}

/** Rejects where what finished tasks came to is lost, and a task that still runs would do without it. */
export async function checkResumable(
  engine: Engine,
  state: RunState,
  log: readonly Recorded[],
  run: RunId,
): Promise<void> {
  const runs = runsIn(state);
  const lost = lostValue(runs, log);
  if (lost !== undefined) {
    const message = `${lost} holds a secret, and so its value is not kept`;
    throw new LapcatError({ code: "secret.missing", message, hint: "start a new run: this one cannot go on" });
  }
  const needed = claimsOf(openTasks(state));
  for (const claim of claimsOf(runs.flatMap(tasksWithPods))) {
    if (!needed.has(claim) || (await engine.hasClaim(claim, run))) continue;
    throw new LapcatError({
      code: "volume.missing",
      message: `the volume of claim ${claim} of the run ${run} is not in the engine any more, and with it what its tasks wrote`,
      hint: "start a new run: this one cannot go on",
    });
  }
}

function claimsOf(tasks: readonly PlannedTask[]): ReadonlySet<string> {
  const sources = tasks.flatMap(({ workspaces }) => workspaces.map(({ source }) => source));
  return new Set(
    sources.flatMap((source) => (source.kind === "claim" && source.scope === "run" ? [source.claimName] : [])),
  );
}

/** A value that holds a secret was known to the lapcat that died, and to nobody else. */
function lostValue(runs: readonly RunState[], log: readonly Recorded[]): string | undefined {
  for (const recorded of log) {
    const { event } = whereabouts(recorded.event);
    if (event.type === "child.started" && isMasked([event.params, event.workspaces])) {
      const child = runs.find(({ plan }) => plan.identity.uid === event.uid);
      if (child !== undefined && child.finished === undefined)
        return `what is given to the PipelineRun ${event.taskRun}`;
    }
    if (event.type === "result.written" && event.masked === true) {
      const state = runs.find(({ taskRuns }) => taskRuns.has(event.taskRun));
      const lost = state && takenResult(state, event.taskRun, event.name);
      if (lost !== undefined) return lost;
    }
  }
  for (const state of runs)
    for (const { name, attempts } of state.taskRuns.values())
      for (const result of attempts.flatMap(({ child }) => child?.finished?.results ?? [])) {
        const lost = isMasked(result.value) ? takenResult(state, name, result.name) : undefined;
        if (lost !== undefined) return lost;
      }
  return undefined;
}

function isMasked(value: unknown): boolean {
  return JSON.stringify(value).includes("***");
}

/** The result in words, where a task of the same run still takes it. */
function takenResult(
  state: RunState,
  taskRun: Parameters<RunState["taskRuns"]["get"]>[0],
  result: string,
): string | undefined {
  const task = state.taskRuns.get(taskRun)?.task;
  if (task === undefined || isOpen(state, task)) return undefined;
  const written = new RegExp(`tasks\\.${task}\\.results(?:\\.${result}\\b|\\[["']${result}["']\\])`, "u");
  const consumer = openTasks(state).find(({ pipelineTask }) =>
    written.test(JSON.stringify(pipelineTask).replaceAll('\\"', '"')),
  );
  return consumer && `the result "${result}" of task ${task}, which task ${consumer.name} takes,`;
}

import { type PipelineTaskName, type TaskOutcome } from "@lapcat/plan";
import { progressOf } from "./progress.ts";
import { type RunState } from "./run-state.ts";
import { outcomeOfTask } from "./task-outcome.ts";

/** What came of every task so far that was started, or was given in its place. */
export function outcomesOf(state: RunState): ReadonlyMap<PipelineTaskName, TaskOutcome> {
  const progress = progressOf(state);
  const { tasks, finally: ending, omitted = new Map() } = state.plan;
  const names = [...[...tasks, ...ending].map(({ name }) => name), ...omitted.keys()];
  return new Map(
    names.flatMap((name) => {
      const outcome = outcomeOfTask(state, progress, name);
      return outcome === undefined ? [] : [[name, outcome] as const];
    }),
  );
}

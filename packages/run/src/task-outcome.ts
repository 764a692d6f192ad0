import { type PipelineTaskName, type TaskOutcome } from "@lapcat/plan";
import { type Progress } from "./progress.ts";
import { endOf, type RunState, type TaskRunState } from "./run-state.ts";

/** What came of a task that was started, or was given in its place. */
export function outcomeOfTask(
  state: RunState,
  { taskRunsOf, ends }: Progress,
  task: PipelineTaskName,
): TaskOutcome | undefined {
  const taskRuns = (taskRunsOf.get(task) ?? []).flatMap((name) => state.taskRuns.get(name) ?? []);
  if (taskRuns.length === 0) return state.plan.omitted?.get(task)?.outcome;
  const end = ends.get(task);
  const attempts = taskRuns.map(endOf);
  const failed = attempts.some((each) => each?.status === "False");
  const first = attempts.find((each) => each?.status !== "True") ?? attempts[0];
  return {
    status: end === "succeeded" ? "Succeeded" : failed ? "Failed" : "None",
    reason: first?.reason ?? "Running",
    finished: end !== undefined,
    taskRuns: taskRuns.map((each) => {
      const { artifacts } = each.attempts.at(-1) ?? {};
      return { name: each.name, results: acceptedResults(each), ...(artifacts !== undefined && { artifacts }) };
    }),
  };
}

/** Results of the last attempt; those of another type than declared were refused when it ended. */
export function acceptedResults({ attempts }: TaskRunState): TaskOutcome["taskRuns"][number]["results"] {
  const last = attempts.at(-1);
  const declared = new Map(
    (last?.pod?.taskSpec.results ?? []).map((each) => [
      each.name,
      each.type ?? (each.properties === undefined ? "string" : "object"),
    ]),
  );
  return (last?.results ?? []).filter(({ name, type }) => (declared.get(name) ?? type) === type);
}

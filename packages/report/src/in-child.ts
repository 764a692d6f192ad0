import { asPipelineTaskName } from "@lapcat/plan";
import { type OwnEvent, type RunEvent, whereabouts } from "@lapcat/run";
import { type AttemptLine, type Timeline } from "./timeline.ts";

/** A fact as readers tell it. */
export interface ToldFact {
  /** The child PipelineRun in which it happened; none for the run itself. */
  readonly child: string | undefined;
  /** What is done in a child is named by the way to it: `child/task`. */
  readonly event: OwnEvent;
}

export function toldFact({ attempts }: Timeline, told: RunEvent): ToldFact {
  const { path, event } = whereabouts(told);
  const child = path.at(-1);
  if (child === undefined || !("task" in event)) return { child, event };
  const parent = attempts.find(({ taskRun }) => taskRun === child)?.task ?? child;
  return { child, event: { ...event, task: asPipelineTaskName(`${parent}/${event.task}`) } };
}

/** Whether a name is an attempt's task's, its run's, or that of a Pipeline around it. */
export function isNamed({ task, taskRun }: AttemptLine, name: string): boolean {
  return task === name || taskRun === name || task.startsWith(`${name}/`);
}

/** Attempts that say something of their own: a child PipelineRun only where nothing in it tells why it failed. */
export function tellingAttempts({ attempts }: Timeline): readonly AttemptLine[] {
  const hasFailed = ({ outcome }: AttemptLine): boolean => outcome?.status === "False";
  return attempts.filter(
    (each) =>
      each.kind === "TaskRun" ||
      (hasFailed(each) && !attempts.some((other) => hasFailed(other) && other.task.startsWith(`${each.task}/`))),
  );
}

import { type TaskRunName } from "@lapcat/plan";
import { type Recorded, type RunEvent } from "./event.ts";

/** From the root of a tree of runs to one of them: the names of the child PipelineRuns on the way. */
export type RunPath = readonly TaskRunName[];

/** A fact of a run in the tree as a fact of its root. */
export function within(path: RunPath, event: RunEvent): RunEvent {
  return path.reduceRight<RunEvent>(
    (told, taskRun) => ({ type: "child.told", taskRun, attempt: 0, event: told }),
    event,
  );
}

/** A fact of the root, and in which run of the tree it happened. */
export function whereabouts(event: RunEvent): { readonly path: RunPath; readonly event: OwnEvent } {
  if (event.type !== "child.told") return { path: [], event };
  const inner = whereabouts(event.event);
  return { path: [event.taskRun, ...inner.path], event: inner.event };
}

/** A fact of the run that it is told of. */
export type OwnEvent = Exclude<RunEvent, { readonly type: "child.told" }>;

/** A log without child PipelineRuns is one that older versions can read. */
export function versionOf(event: RunEvent): Recorded["v"] {
  return event.type === "child.told" ? 2 : 1;
}

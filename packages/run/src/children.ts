import { type TaskRunName } from "@lapcat/plan";
import { within } from "./child-event.ts";
import { type RunEvent } from "./event.ts";
import { type Intent } from "./intent.ts";
import { planIndex } from "./plan-index.ts";
import { progressOf } from "./progress.ts";
import { currentAttempt, type RunState } from "./run-state.ts";

interface Child {
  readonly name: TaskRunName;
  readonly child: RunState;
}

/** The child PipelineRuns of a run that have no end yet, in the order of the plan. */
export function liveChildren(state: RunState): readonly Child[] {
  return planIndex(state.plan).pipelines.flatMap((planned) =>
    (progressOf(state).taskRunsOf.get(planned.name) ?? []).flatMap((name) => {
      const taskRun = state.taskRuns.get(name);
      const child = taskRun && currentAttempt(taskRun)?.child;
      return child === undefined || child.finished !== undefined ? [] : [{ name, child }];
    }),
  );
}

/** The first fact of a child's own log. */
export function startOfChild({ plan: { kind, identity } }: RunState): RunEvent {
  const { name, namespace, uid } = identity;
  return { type: "run.started", kind, name, namespace, uid };
}

/** What follows in a child, as what follows in its parent. */
export function inside(name: TaskRunName, intents: readonly Intent[]): readonly Intent[] {
  return intents.map((each): Intent => {
    switch (each.do) {
      case "record":
        return { ...each, event: within([name], each.event) };
      case "start-task":
        return { ...each, in: [name, ...each.in] };
      case "stop-task":
      case "wake":
        return each;
    }
  });
}

/** Of several runs' intents, with at most `room` starts: each run in turn has one. */
export function sharedRoom(lists: readonly (readonly Intent[])[], room: number): readonly Intent[] {
  const starts = lists.map((list) => list.filter((each) => each.do === "start-task"));
  const granted = new Set<Intent>();
  for (let turn = 0; granted.size < room && starts.some((list) => turn < list.length); turn++)
    for (const list of starts) {
      const next = list[turn];
      if (next !== undefined && granted.size < room) granted.add(next);
    }
  return lists.flatMap((list) => list.filter((each) => each.do !== "start-task" || granted.has(each)));
}

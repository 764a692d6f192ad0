import { type PipelineTask } from "@lapcat/tekton";
import { expect, test } from "vitest";
import { begin, decide, evolve, listOf, type RunEvent, type RunState, simulate } from "./index.ts";
import { samplePlan } from "./sample-plan.ts";

const task = (name: string): PipelineTask => ({ name, taskSpec: { steps: [{ name: "s", image: "i" }] } });
const child = (name: string, tasks: readonly string[]): PipelineTask => ({
  name,
  pipelineSpec: { tasks: tasks.map(task) },
});

let seq = 0;
const told = (state: RunState, event: RunEvent): RunState => evolve(state, { v: 1, seq: seq++, at: 0, event });

/** All facts that follow told; what is asked to be started then. */
function startsOf(begun: RunState, room: number): readonly string[] {
  let state = begun;
  for (;;) {
    const intents = decide(state, 0, room);
    const facts = intents.flatMap((each) => (each.do === "record" ? [each.event] : []));
    if (facts.length === 0)
      return intents.flatMap((each) => (each.do === "start-task" ? [[...each.in, each.bound.name].join(" ")] : []));
    state = facts.reduce(told, state);
  }
}

test("the room for TaskRuns goes round: to the run, to each child, and again", () => {
  const plan = samplePlan({ tasks: [task("a"), task("b"), child("p", ["c", "d"]), child("q", ["e", "f"])] });
  const begun = told(begin(plan), {
    type: "run.started",
    kind: "PipelineRun",
    name: "run",
    namespace: "default",
    uid: "u",
  });
  expect(startsOf(begun, 1)).toEqual(["run-a"]);
  expect(startsOf(begun, 3)).toEqual(["run-a", "run-p run-p-c", "run-q run-q-e"]);
  expect(startsOf(begun, 4)).toEqual(["run-a", "run-b", "run-p run-p-c", "run-q run-q-e"]);
  expect(startsOf(begun, 100)).toHaveLength(6);
});

test("the list has a whole tree, by the time of creation, and a child its own conditions", () => {
  const plan = samplePlan({ tasks: [child("p", ["c"]), { ...task("a"), runAfter: ["p"] }] });
  const { state, waves } = simulate(plan, { c: { exitCode: 1 } }, 0, "test");
  expect(listOf(state).items.map(({ kind, metadata }) => `${kind} ${metadata.name ?? ""}`)).toEqual([
    "PipelineRun run",
    "PipelineRun run-p",
    "TaskRun run-p-c",
  ]);
  expect([waves.get("run-p"), waves.get("run-p-c")]).toEqual([0, 1]);
  const [run, inner] = listOf(state).items;
  expect(inner?.status.conditions[0]).toMatchObject({
    reason: "Failed",
    message: expect.stringContaining("Failed: 1") as string,
  });
  expect(run?.status).toMatchObject({
    childReferences: [{ kind: "PipelineRun", name: "run-p", pipelineTaskName: "p" }],
    skippedTasks: [
      { name: "p", reason: "PipelineRun was stopping" },
      { name: "a", reason: "PipelineRun was stopping" },
    ],
  });
});

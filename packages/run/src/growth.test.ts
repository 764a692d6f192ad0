import { asPipelineTaskName, type RunPlan } from "@lapcat/plan";
import { type PipelineRunSpec, type PipelineTask } from "@lapcat/tekton";
import { expect, test, vi } from "vitest";
import { type AttemptKey, begin, decide, evolve, type Instant, type RunEvent, type RunState } from "./index.ts";
import { PersistentMap } from "./persistent-map.ts";
import { samplePlan } from "./sample-plan.ts";
import { simulate } from "./simulate.ts";

/** A plan that counts how often one of its tasks is looked at in the lists of them. */
function counted(plan: RunPlan): { readonly plan: RunPlan; readonly looks: () => number } {
  let looks = 0;
  const tasks = new Proxy(plan.tasks, {
    get(target, property, receiver) {
      if (typeof property === "string" && /^\d+$/u.test(property)) looks += 1;
      return Reflect.get(target, property, receiver) as unknown;
    },
  });
  return { plan: { ...plan, tasks }, looks: () => looks };
}

const task = (index: number, runAfter: readonly string[]): PipelineTask => ({
  name: `t${index}`,
  runAfter,
  taskSpec: { steps: [{ name: "s", image: "i" }] },
});

const shapes: Readonly<Record<string, (index: number) => readonly string[]>> = {
  chain: (index) => (index === 0 ? [] : [`t${index - 1}`]),
  "fan-out": (index) => (index === 0 ? [] : ["t0"]),
  tree: (index) => (index === 0 ? [] : [`t${(index - 1) >> 1}`]),
};

test.for(Object.entries(shapes))("deciding a %s looks at its tasks no more often than it grows", ([, after]) => {
  const looks = (size: number): number => {
    const spec = { tasks: Array.from({ length: size }, (_, index) => task(index, after(index))) };
    const { plan, looks: seen } = counted(samplePlan(spec));
    const { state } = simulate(plan, {}, 0, "test");
    expect(state.finished?.reason).toBe("Succeeded");
    expect(state.taskRuns.size).toBe(size);
    expect(state.skipped.has(asPipelineTaskName("t0"))).toBe(false);
    return seen();
  };
  expect(looks(200)).toBeLessThan(2.2 * looks(100));
});

/** How much is looked at while a run is played of which everything ends by itself, one TaskRun at a time, when nothing else follows. */
function work(
  tasks: readonly PipelineTask[],
  run: PipelineRunSpec,
  world: (state: RunState) => readonly RunEvent[] | number,
): number {
  const { plan, looks } = counted(samplePlan({ tasks }, run));
  const reads = vi.spyOn(PersistentMap.prototype, "get");
  let state = begin(plan);
  let now: Instant = 0;
  let seq = 0;
  const append = (event: RunEvent): void => void (state = evolve(state, { v: 1, seq: seq++, at: now, event }));
  append({ type: "run.started", kind: "PipelineRun", name: "run", namespace: "default", uid: "u" });
  while (state.finished === undefined) {
    let acted = false;
    for (const intent of decide(state, now)) {
      if (intent.do === "record") append(intent.event);
      else if (intent.do === "start-task") {
        const { planned, name: taskRun, attempt, uid, params } = intent.bound;
        append({ type: "task.started", task: planned.name, taskRun, attempt, uid, params });
      } else continue;
      acted = true;
    }
    if (acted) continue;
    const next = world(state);
    if (typeof next === "number") now = next;
    else next.forEach(append);
  }
  const total = looks() + reads.mock.calls.length;
  reads.mockRestore();
  return total;
}

/** A Pod that ends well. */
function podOf({ taskRun, attempt }: AttemptKey): readonly RunEvent[] {
  const key = { taskRun, attempt };
  return [
    { type: "pod.created", ...key, pod: `${taskRun}-pod`, taskSpec: {}, containers: [] },
    { type: "pod.finished", ...key },
  ];
}

/** Ends the Pods in the order in which they began. */
function endingInTurn(first?: RunEvent | number): (state: RunState) => readonly RunEvent[] | number {
  let names: readonly Extract<RunEvent, { type: "pod.finished" }>["taskRun"][] | undefined;
  let at = 0;
  let isAsked = first === undefined;
  return (state) => {
    if (!isAsked && first !== undefined) {
      isAsked = true;
      return typeof first === "number" ? first : [first];
    }
    if (names === undefined || at >= names.length) names = [...state.taskRuns.keys()];
    const taskRun = names[at++];
    if (taskRun === undefined) throw new Error("nothing runs");
    return podOf({ taskRun, attempt: 0 });
  };
}

const skipped = [{ input: "a", operator: "in", values: ["b"] }];
const all = (size: number, of: (index: number) => Partial<PipelineTask> = () => ({})): readonly PipelineTask[] =>
  Array.from({ length: size }, (_, index) => ({ ...task(index, []), ...of(index) }));

test.for<[string, (size: number) => number]>([
  [
    "thousands of tasks that are cancelled",
    (size) => work(all(size), {}, endingInTurn({ type: "cancel.requested", mode: "Cancelled" })),
  ],
  [
    "thousands of tasks whose run is out of time",
    (size) => work(all(size), { timeouts: { pipeline: "1m" } }, endingInTurn(60_001)),
  ],
  [
    "thousands of tasks that are out of time, each at its own",
    (size) =>
      work(
        all(size, (index) => ({ timeout: `${index + 1}s` })),
        { timeouts: { pipeline: "0" } },
        inTime(),
      ),
  ],
  [
    "thousands of tasks of which every other is skipped once the one before is done",
    (size) =>
      work(
        all(size, (index) => ({
          runAfter: index === 0 ? [] : [`t${index - 1}`],
          ...(index % 2 === 1 && { when: skipped }),
        })),
        {},
        endingInTurn(),
      ),
  ],
])("deciding %s grows no faster than they do", ([, cost]) => {
  expect(cost(200)).toBeLessThan(2.3 * cost(100));
});

/** Time passes to the next timeout; what it stops ends. */
function inTime(): (state: RunState) => readonly RunEvent[] | number {
  let now = 0;
  return (state) => {
    const [stop] = decide(state, now).filter((each) => each.do === "stop-task");
    if (stop !== undefined) return podOf(stop);
    return (now += 1000) + 1;
  };
}

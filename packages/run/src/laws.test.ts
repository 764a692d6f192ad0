import { type PipelineSpec, type PipelineTask } from "@lapcat/tekton";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  begin,
  decide,
  evolve,
  listOf,
  type CancelMode,
  type Recorded,
  type RunEvent,
  type RunPath,
  type RunState,
  versionOf,
  whereabouts,
  within,
} from "./index.ts";
import { samplePlan } from "./sample-plan.ts";

interface TaskIdea {
  readonly after: readonly number[];
  readonly takes: readonly number[];
  readonly when: "none" | "true" | "false" | "result";
  readonly retries: number;
  readonly ignores: boolean;
  readonly instances: number;
}

const ideas = fc.array(
  fc.record<TaskIdea>({
    after: fc.array(fc.nat(20), { maxLength: 2 }),
    takes: fc.array(fc.nat(20), { maxLength: 1 }),
    when: fc.constantFrom("none", "none", "none", "true", "false", "result"),
    retries: fc.constantFrom(0, 0, 0, 1, 2),
    ignores: fc.boolean(),
    instances: fc.constantFrom(1, 1, 1, 3),
  }),
  { minLength: 1, maxLength: 9 },
);

function taskOf(idea: TaskIdea, index: number, matrices: readonly boolean[]): PipelineTask {
  const earlier = (each: number): string => `t${each % Math.max(1, index)}`;
  const takes = index === 0 ? [] : [...new Set(idea.takes.map((each) => each % index))];
  const reference = (each: number): string => `$(tasks.t${each}.results.r${matrices[each] === true ? "[*]" : ""})`;
  const input = idea.when === "result" && takes[0] !== undefined ? reference(takes[0]) : "a";
  return {
    name: `t${index}`,
    runAfter: index === 0 ? [] : [...new Set(idea.after.map(earlier))],
    params: takes.map((each) => ({ name: `p${each}`, value: reference(each) })),
    ...(idea.instances > 1 && {
      matrix: { params: [{ name: "m", value: Array.from({ length: idea.instances }, (_, at) => `${at}`) }] },
    }),
    ...(idea.when !== "none" && { when: [{ input, operator: "in", values: [idea.when === "false" ? "b" : "a"] }] }),
    ...(idea.ignores ? { onError: "continue" } : { retries: idea.retries }),
    taskSpec: {
      params: takes.map((each) => ({ name: `p${each}`, type: matrices[each] === true ? "array" : "string" })),
      results: [{ name: "r" }],
      steps: [{ name: "s", image: "i" }],
    },
  };
}

/** A Pipeline of its own, which gives no results. */
function nestOf(index: number, tasks: number): PipelineTask {
  const task = (name: string, runAfter: readonly string[]): PipelineTask => ({
    name,
    runAfter,
    taskSpec: { steps: [{ name: "s", image: "i" }] },
  });
  const inner: PipelineSpec = { tasks: [task("x", []), task("y", ["x"])], finally: [task("z", [])] };
  return {
    name: `n${index}`,
    runAfter: [`t${index % tasks}`],
    ...(index > 0 && { onError: "continue" }),
    pipelineSpec: index === 0 ? inner : { tasks: [{ name: "in", pipelineSpec: inner }] },
  };
}

function specOf(tasks: readonly TaskIdea[], finals: number, nests: number): PipelineSpec {
  const matrices = tasks.map(({ instances }) => instances > 1);
  return {
    tasks: [
      ...tasks.map((idea, index) => taskOf(idea, index, matrices)),
      ...Array.from({ length: nests }, (_, index) => nestOf(index, tasks.length)),
    ],
    finally: Array.from({ length: finals }, (_, index) => ({
      name: `f${index}`,
      params: [
        {
          name: "s",
          value:
            index === 0
              ? "$(tasks.status) $(tasks.t0.status)"
              : `$(tasks.t0.results.r${matrices[0] === true ? "[*]" : ""})`,
        },
      ],
      taskSpec: {
        params: [{ name: "s", type: index > 0 && matrices[0] === true ? ("array" as const) : ("string" as const) }],
        steps: [{ name: "s", image: "i" }],
      },
    })),
  };
}

/** What the world tells, one after the other. */
interface Script {
  readonly order: readonly number[];
  readonly fails: readonly boolean[];
  readonly silent: readonly boolean[];
  readonly cancel: { readonly at: number; readonly mode: CancelMode } | undefined;
}

const scripts = fc.record<Script>({
  order: fc.array(fc.nat(50), { minLength: 1, maxLength: 20 }),
  fails: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  silent: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
  cancel: fc.option(
    fc.record({
      at: fc.nat(12),
      mode: fc.constantFrom<CancelMode>("Cancelled", "CancelledRunFinally", "StoppedRunFinally"),
    }),
    { nil: undefined },
  ),
});

function* world(
  { order, fails, silent, cancel }: Script,
  running: () => readonly Running[],
): Generator<readonly RunEvent[]> {
  for (let turn = 0; ; turn++) {
    if (cancel?.at === turn) yield [{ type: "cancel.requested", mode: cancel.mode }];
    const all = running();
    const chosen = all[(order[turn % order.length] ?? 0) % Math.max(1, all.length)];
    if (chosen === undefined) return;
    const { path, ...key } = chosen;
    const failed = fails[turn % fails.length] === true;
    const container = {
      name: "step-s",
      role: "step" as const,
      displayName: "s",
      image: "i",
      imageId: "",
      containerId: "",
    };
    const told: readonly RunEvent[] = [
      {
        type: "pod.created",
        ...key,
        pod: `${key.taskRun}-pod`,
        taskSpec: { results: [{ name: "r", type: "string" }] },
        containers: [container],
      },
      ...(silent[turn % silent.length] === true
        ? []
        : [{ type: "result.written" as const, ...key, name: "r", resultType: "string" as const, value: "a" }]),
      {
        type: "step.finished",
        ...key,
        container: "step-s",
        exitCode: failed ? 1 : 0,
        reason: failed ? "Error" : "Completed",
        terminationReason: failed ? "Error" : "Completed",
      },
      { type: "pod.finished", ...key },
    ];
    yield told.map((event) => within(path, event));
  }
}

type Running = Pick<RunningKey, "taskRun" | "attempt"> & { readonly path: RunPath };

type RunningKey = Extract<RunEvent, { type: "pod.finished" }>;

interface Played {
  readonly log: readonly Recorded[];
  readonly state: RunState;
}

/** Appends, evolves and decides as the executor does; `tell` gives what is observed when nothing follows any more. */
function play(
  from: Played,
  tell: (state: RunState) => readonly RunEvent[] | undefined,
  watch: (state: RunState, event: RunEvent) => void,
): Played {
  let { state } = from;
  const log = [...from.log];
  const append = (event: RunEvent): void => {
    watch(state, event);
    const recorded: Recorded = { v: versionOf(event), seq: log.length, at: log.length, event };
    log.push(recorded);
    state = evolve(state, recorded);
  };
  for (let turns = 0; turns < 1000; turns++) {
    let acted = false;
    for (const intent of decide(state, log.length)) {
      if (intent.do === "record") append(intent.event);
      else if (intent.do === "start-task") {
        const { planned, name: taskRun, attempt, uid, params } = intent.bound;
        append(within(intent.in, { type: "task.started", task: planned.name, taskRun, attempt, uid, params }));
      } else continue;
      acted = true;
    }
    if (state.finished !== undefined) return { log, state };
    if (acted) continue;
    const told = tell(state);
    if (told === undefined) throw new Error(`nothing follows: ${JSON.stringify(listOf(state))}`);
    told.forEach(append);
  }
  throw new Error("the run does not end");
}

function running(state: RunState): readonly Running[] {
  return [...state.taskRuns.values()].flatMap(({ name, attempts }): readonly Running[] => {
    const last = attempts.at(-1);
    if (last?.child !== undefined) return running(last.child).map((each) => ({ ...each, path: [name, ...each.path] }));
    return last === undefined || last.podFinishedAt !== undefined || last.finished !== undefined
      ? []
      : [{ path: [], taskRun: name, attempt: last.attempt }];
  });
}

const decided = new Set<RunEvent["type"]>([
  "task.skipped",
  "task.started",
  "child.started",
  "task.finished",
  "timeout.reached",
  "finally.started",
  "run.finished",
]);

/** What is asked of `decide` again, and told by nobody. */
function isDecided(told: RunEvent): boolean {
  const { path, event } = whereabouts(told);
  return decided.has(event.type) || (path.length > 0 && ["run.started", "cancel.requested"].includes(event.type));
}

test("whatever a pipeline and its tasks do, the run ends, in order, and its log tells all of it", () => {
  fc.assert(
    fc.property(ideas, fc.nat(2), fc.nat(2), scripts, fc.nat(1000), (tasks, finals, nests, script, cut) => {
      const plan = samplePlan(specOf(tasks, finals, nests));
      const started: Recorded = {
        v: 1,
        seq: 0,
        at: 0,
        event: {
          type: "run.started",
          kind: "PipelineRun",
          name: "run",
          namespace: "default",
          uid: "u",
          lapcat: "test",
        },
      };
      const first = { log: [started], state: evolve(begin(plan), started) };
      const predecessors = new Map(
        [...plan.tasks, ...plan.finally].map((each) => [
          each.name,
          each.memberOf === "finally" ? plan.tasks.map(({ name }) => name) : each.predecessors,
        ]),
      );
      const isDone = (state: RunState, task: string): boolean => {
        const of = [...state.taskRuns.values()].filter((each) => each.task === task);
        const ended = of.length > 0 && of.every(({ attempts }) => attempts.at(-1)?.finished?.willRetry === false);
        return ended || [...state.skipped.keys()].some((each) => each === task);
      };
      let now = first.state;
      const telling = world(script, () => running(now));
      const watch = (state: RunState, told: RunEvent): void => {
        const { path, event } = whereabouts(told);
        if (event.type !== "task.started" && event.type !== "child.started") return;
        expect(state.cancel).not.toBe("Cancelled");
        if (path.length > 0) return;
        // A task for which a result is missing is done too, though nothing says so before the end.
        const waiting = (predecessors.get(event.task) ?? []).filter((each) => !isDone(state, each));
        const inDag = plan.tasks.some(({ name }) => name === event.task);
        const ofDag = running(state).filter(({ path: [child], taskRun }) =>
          plan.tasks.some(({ name }) => (child ?? taskRun) === `run-${name}`),
        );
        expect(inDag ? waiting : ofDag).toEqual([]);
      };
      const whole = play(
        first,
        (state) => {
          now = state;
          const next = telling.next();
          return next.done === true ? undefined : next.value;
        },
        watch,
      );

      // Folded in two pieces, as read again.
      const at = cut % whole.log.length;
      const read = JSON.parse(JSON.stringify(whole.log)) as readonly Recorded[];
      const prefix = read.slice(0, at + 1).reduce(evolve, begin(plan));
      expect(read.slice(at + 1).reduce(evolve, prefix)).toEqual(whole.state);

      // Taken up again after any fact, with the same things happening, it comes to the same end.
      const rest = whole.log
        .slice(at + 1)
        .map(({ event }) => event)
        .filter((event) => !isDecided(event));
      const again = play(
        { log: whole.log.slice(0, at + 1), state: prefix },
        () => (rest.length === 0 ? undefined : [rest.shift()!]),
        () => undefined,
      );
      expect({ ...again.state.finished, at: 0 }).toEqual({ ...whole.state.finished, at: 0 });
    }),
    { numRuns: 400, seed: 20_261_122 },
  );
});

import { type RunPlan } from "@lapcat/plan";
import { expect, test } from "vitest";
import { decide, evolve, type Intent, type RunEvent } from "./index.ts";
import { judged, type LawName, type Verdict } from "./laws/laws.ts";
import { type Machine } from "./laws/play.ts";
import { random } from "./laws/random.ts";
import { randomPipeline } from "./laws/random-pipeline.ts";
import { randomWorld } from "./laws/world.ts";
import { samplePlan } from "./sample-plan.ts";

/** A run by its number: the first are the smallest. */
function judgedRun(machine: Machine, seed: number): Verdict {
  const from = random(seed);
  const { spec, run } = randomPipeline(from, 1 + (seed % 8));
  const plan = samplePlan(spec, run, { evaluateCel: (text) => ({ value: text === "a" }), runsCustom: () => true });
  return judged(machine, { plan, world: randomWorld(from, seed), random: from });
}

const sound: Machine = { decide, evolve };

// In four parts, so that each has a time of its own; all of them together are the 5,000.
test.for([0, 1, 2, 3])(
  "whatever a pipeline, its tasks and its users do, the laws hold: part %i",
  { timeout: 120_000 },
  (part) => {
    const broken: unknown[] = [];
    for (let seed = part * 1250; seed < (part + 1) * 1250 && broken.length < 3; seed++) {
      const verdict = judgedRun(sound, seed);
      if (Object.keys(verdict).length > 0) broken.push({ seed, verdict });
    }
    expect(broken).toEqual([]);
  },
);

const bare = new WeakMap<RunPlan, RunPlan>();
function withoutEdges(plan: RunPlan): RunPlan {
  const known = bare.get(plan) ?? { ...plan, tasks: plan.tasks.map((each) => ({ ...each, predecessors: [] })) };
  bare.set(plan, known);
  return known;
}

/** A machine that forgets; made anew for each run. */
type Faulty = () => Machine;
const deciding = (fault: (intents: readonly Intent[]) => readonly Intent[]): Machine => ({
  decide: (state, now, room) => fault(decide(state, now, room)),
  evolve,
});
const deaf = (isMissed: (event: RunEvent) => boolean): Machine => ({
  decide,
  evolve: (state, recorded) => (isMissed(recorded.event) ? state : evolve(state, recorded)),
});

const faults: readonly (readonly [LawName, string, Faulty])[] = [
  [
    "it ends",
    "nobody says that finally begins",
    () => deciding((all) => all.filter((each) => each.do !== "record" || each.event.type !== "finally.started")),
  ],
  [
    "no task starts before its predecessors are done",
    "edges are forgotten",
    () => ({ decide: (state, now, room) => decide({ ...state, plan: withoutEdges(state.plan) }, now, room), evolve }),
  ],
  [
    "nothing is begun that a cancel or a timeout forbids",
    "a cancel is not heard",
    () => deaf(({ type }) => type === "cancel.requested"),
  ],
  [
    "no more runs at a time than there is room for",
    "room is not asked for",
    () => ({ decide: (state, now) => decide(state, now), evolve }),
  ],
  [
    "nothing is left when it is over",
    "a cancel is the end",
    () => ({
      decide: (state, now, room) =>
        state.cancel === undefined || state.finished !== undefined
          ? decide(state, now, room)
          : [
              {
                do: "record",
                event: { type: "run.finished", status: "False", reason: "Cancelled", message: "", results: [] },
              },
            ],
      evolve,
    }),
  ],
  [
    "its log folded in pieces is its log folded whole",
    "a fact means something once only",
    () => {
      const seen = new Set<number>();
      return {
        decide,
        evolve: (state, recorded) => {
          if (recorded.event.type === "result.written" && seen.has(recorded.seq)) return state;
          seen.add(recorded.seq);
          return evolve(state, recorded);
        },
      };
    },
  ],
  [
    "a decision follows from the state alone",
    "every other answer is the other way round",
    () => {
      let asked = 0;
      return deciding((all) => (asked++ % 2 === 0 ? all : all.toReversed()));
    },
  ],
  [
    "replayed from any fact on it comes to the same end",
    "what was asked for once is not asked for again",
    () => {
      const asked = new Set<string>();
      return deciding((all) =>
        all.filter((each) => {
          const key = each.do === "start-task" ? `${each.bound.name} ${each.bound.attempt}` : undefined;
          if (key === undefined || asked.has(key)) return key === undefined;
          asked.add(key);
          return true;
        }),
      );
    },
  ],
  [
    "interrupted at any fact and resumed it ends",
    "an interruption is not heard",
    () => deaf(({ type }) => type === "pod.interrupted"),
  ],
];

test.for(faults)("%s: it is seen where %s", ([law, , faulty]) => {
  const seeds = Array.from({ length: 400 }, (_, seed) => seed);
  expect(seeds.some((seed) => law in judgedRun(faulty(), seed))).toBe(true);
});

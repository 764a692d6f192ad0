import fc from "fast-check";
import { expect, test } from "vitest";
import { type FakeContainer, type FakeScript } from "../packages/engine/src/fake.ts";
import { play } from "./conversation.ts";

/** A task: which earlier ones it waits for, what its one step does, and what it is allowed. */
const task = fc.record({
  after: fc.array(fc.nat(5), { maxLength: 2 }),
  exitCode: fc.constantFrom(0, 0, 0, 1, 137),
  duration: fc.constantFrom<number | "forever">(0, 10, 1000, 5000, "forever"),
  stubborn: fc.boolean(),
  retries: fc.nat(2),
  timeout: fc.constantFrom("2s", "8s"),
  onError: fc.constantFrom("continue", "stopAndFail"),
  skipped: fc.boolean(),
  /** In a Pipeline of its own. */
  nested: fc.constantFrom(false, false, false, true),
});

const run = fc.record({
  tasks: fc.array(task, { minLength: 1, maxLength: 5 }),
  ending: fc.array(task, { maxLength: 2 }),
  timeout: fc.constantFrom("5s", "1h"),
  cancelAt: fc.option(fc.nat(9000), { nil: undefined }),
  hurryAt: fc.option(fc.nat(12_000), { nil: undefined }),
  lostAfter: fc.option(fc.nat(9000), { nil: undefined }),
  maxParallel: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
});

type Task = typeof task extends fc.Arbitrary<infer T> ? T : never;

function taskOf(each: Task, name: string, before: number): object {
  const after = [...new Set(each.after.filter((index) => index < before))].map((index) => `t${index}`);
  return {
    name,
    ...(after.length > 0 && { runAfter: after }),
    ...(each.skipped && { when: [{ input: "a", operator: "in", values: ["b"] }] }),
    ...(each.retries > 0 ? { retries: each.retries } : name.startsWith("t") ? { onError: each.onError } : {}),
    timeout: each.timeout,
    ...(each.nested
      ? { pipelineSpec: { tasks: [{ name: "in", taskSpec }], finally: [{ name: "end", taskSpec }] } }
      : { taskSpec }),
  };
}

const taskSpec = { steps: [{ name: "main", image: "alpine", script: "true" }] };

function scriptOf(
  tasks: readonly Task[],
  prefix: string,
): readonly (readonly [string, Readonly<Record<string, FakeContainer>>])[] {
  return tasks.map(({ exitCode, duration, stubborn }, index) => {
    const onTerm = stubborn ? {} : { onTerm: { exitCode: 143, after: 5 } };
    return [`run-${prefix}${index}-*pod*`, { "step-main": { exitCode, duration, ...onTerm } }];
  });
}

/** Attempts between their start and the end of their Pod. */
function mostAtOnce(events: string): number {
  let running = 0;
  let most = 0;
  for (const [, type] of events.matchAll(/^ *[\d.]+ (\S+)/gmu)) {
    running += type === "task.started" ? 1 : type === "pod.finished" ? -1 : 0;
    most = Math.max(most, running);
  }
  return most;
}

test(
  "whatever is written, fails, hangs or is cancelled: the run ends, and what it says is what its log says",
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(run, async ({ tasks, ending, timeout, cancelAt, hurryAt, lostAfter, maxParallel }) => {
        const pipelineSpec = {
          tasks: tasks.map((each, index) => taskOf(each, `t${index}`, index)),
          ...(ending.length > 0 && { finally: ending.map((each, index) => taskOf(each, `f${index}`, 0)) }),
        };
        const timeouts = { pipeline: timeout };
        const written = JSON.stringify({
          apiVersion: "tekton.dev/v1",
          kind: "PipelineRun",
          metadata: { name: "run" },
          spec: { timeouts, pipelineSpec },
        });
        const script: FakeScript = {
          pods: Object.fromEntries([...scriptOf(tasks, "t"), ...scriptOf(ending, "f")]),
          ...(lostAfter !== undefined && { lostAfter }),
        };
        const user = {
          ...(cancelAt !== undefined && { cancelAt }),
          ...(hurryAt !== undefined && { hurryAt }),
          ...(maxParallel !== undefined && { maxParallel }),
        };
        const { state, folded, events } = await play(written, script, user);
        expect(state ?? folded).toEqual(folded);
        expect(mostAtOnce(events)).toBeLessThanOrEqual(maxParallel ?? Number.POSITIVE_INFINITY);
        const lost = events.includes("failed: error[engine.lost]");
        const clean = events.includes("nothing is left in the engine");
        expect({ ended: state?.finished !== undefined, clean: clean || lostAfter !== undefined }).toEqual({
          ended: !lost,
          clean: true,
        });
      }),
      { numRuns: 150 },
    );
  },
);

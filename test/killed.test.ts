// A lapcat that is killed at any of its side effects, on an engine that goes on: the next one brings the run to its end.
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { type Recorded } from "../packages/run/src/index.ts";
import { type Conversation, machineOf, playOn, type Scenario, scenarioIn, withRetries } from "./conversation.ts";
import { lifeUntil } from "./life.ts";

vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, "../fixtures/conversations");
/** Each with side effects of its own; in none does it matter when something happens, or which attempt it is. */
const folders = [
  "artifacts-passed",
  "breakpoints",
  "child-timeout",
  "clone-build",
  "custom-tasks",
  "finally-after-failure",
  "parallel",
  "part-of-a-pipeline",
  "pipeline-in-pipeline",
  "results-passed",
  "sidecar-of-kubernetes",
  "step-results",
  "step-streams",
  "task-timeout",
];

interface Killed {
  readonly first: Conversation;
  readonly second: Conversation;
  /** At what it was killed; undefined when it came to its own end. */
  readonly last: string | undefined;
}

async function killed({ written, script, user }: Scenario, at: number): Promise<Killed> {
  const machine = machineOf(withRetries(script));
  const life = lifeUntil(at);
  const first = await playOn(machine, written, user, undefined, life);
  const isOver = first.log.at(-1)?.event.type === "run.finished";
  const resumed = { log: first.log, since: 0, retry: true };
  return { first, second: isOver ? first : await playOn(machine, written, user, resumed), last: life.last };
}

/** Also of a run whose lapcat was killed after it had written the last fact: nobody goes on with it. */
function endIn(log: readonly Recorded[]): unknown {
  return log.at(-1)?.event;
}

/** Opened by the second though the first saw the end of it. */
function doneTwice({ first, second }: Killed): readonly string[] {
  const over = new Set(
    first.log.flatMap(({ event }) => (event.type === "task.finished" && !event.willRetry ? [event.taskRun] : [])),
  );
  return second.log
    .slice(first.log.length)
    .flatMap(({ event }) => (event.type === "task.started" && over.has(event.taskRun) ? [event.taskRun] : []));
}

describe("killed after any side effect, a run is resumed to its own end and leaves nothing", () => {
  test.for(folders)("%s", async (name) => {
    const scenario = scenarioIn(join(root, name));
    const whole = await playOn(machineOf(scenario.script), scenario.written, scenario.user);
    let count = 0;
    for (;;) {
      const found = await killed(scenario, count + 1);
      if (found.last === undefined) break;
      count += 1;
      const after = `killed after ${count} side effects, the last: ${found.last}`;
      expect({ after, end: endIn(found.second.log) }).toEqual({ after, end: endIn(whole.log) });
      expect([after, doneTwice(found)]).toEqual([after, []]);
      expect(found.second.events).toContain("nothing is left in the engine");
    }
    expect(count).toBeGreaterThan(15);
  });
});

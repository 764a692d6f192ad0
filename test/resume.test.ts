import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { listOf, type Recorded, type RunState } from "../packages/run/src/index.ts";
import { converse, type Conversation, type Interrupted, play } from "./conversation.ts";

vi.setConfig({ testTimeout: 60_000 });

const root = join(import.meta.dirname, "../fixtures/conversations");
/**
 * Those that can be begun again in the middle: the user does nothing meanwhile, the engine does not die of itself, and what a Pod does does not
 * depend on which attempt it is.
 */
const folders = readdirSync(root).filter(
  (name) =>
    name === "part-of-a-pipeline" ||
    (existsSync(join(root, name, "pipeline.yaml")) &&
      !existsSync(join(root, name, "user.yaml")) &&
      !["engine-lost", "retried"].includes(name)),
);

interface Started {
  readonly taskRun: string;
  readonly attempt: number;
}

/** The TaskRuns that had their end when the log broke off, and were started again. */
function repeated({ log }: Conversation, before: readonly Recorded[]): readonly Started[] {
  const over = new Set(
    before.flatMap(({ event }) => (event.type === "task.finished" && !event.willRetry ? [event.taskRun] : [])),
  );
  return log
    .slice(before.length)
    .flatMap(({ event }) => (event.type === "task.started" && over.has(event.taskRun) ? [event] : []));
}

/** Each attempt is started once, however often the run was taken up. */
function startedTwice({ log }: Conversation): readonly string[] {
  const names = log.flatMap(({ event }) =>
    event.type === "task.started" ? [`${event.taskRun} ${event.attempt}`] : [],
  );
  return names.filter((name, index) => names.indexOf(name) !== index);
}

function endOf(state: RunState | undefined): unknown {
  return state?.finished && { ...state.finished, at: 0 };
}

const prefixes = (log: readonly Recorded[]): readonly (readonly Recorded[])[] =>
  Array.from({ length: log.length }, (_, length) => log.slice(0, length));

describe("killed after any fact and resumed, a run comes to its own end, and repeats nothing that was over", () => {
  test.for(folders)("%s", async (name) => {
    const folder = join(root, name);
    const whole = await converse(folder);
    // Its images are not to be had: it never began.
    if (whole.log.length === 0) return;
    for (const log of prefixes(whole.log)) {
      const again = await converse(folder, { log, since: 3_600_000, retry: true });
      const after = `${log.length} of ${whole.log.length} facts`;
      expect({ after, end: endOf(again.state) }).toEqual({ after, end: endOf(whole.state) });
      expect(again.folded).toEqual(again.state);
      expect([after, repeated(again, log), startedTwice(again)]).toEqual([after, [], []]);
      expect(again.log.map(({ seq }) => seq)).toEqual(again.log.map((_, index) => index));
      expect(again.events).toContain("nothing is left in the engine");
    }
  });
});

const pipeline = JSON.stringify({
  apiVersion: "tekton.dev/v1",
  kind: "PipelineRun",
  metadata: { name: "run" },
  spec: {
    timeouts: { pipeline: "20s" },
    pipelineSpec: {
      results: [{ name: "said", value: "$(tasks.list.results.items[*])" }],
      tasks: [
        {
          name: "list",
          taskSpec: { results: [{ name: "items", type: "array" }], steps: [{ name: "main", image: "alpine" }] },
        },
        {
          name: "each",
          matrix: { params: [{ name: "item", value: "$(tasks.list.results.items[*])" }] },
          taskSpec: { params: [{ name: "item" }], steps: [{ name: "main", image: "alpine" }] },
        },
        {
          name: "never",
          runAfter: ["list"],
          when: [{ input: "a", operator: "in", values: ["b"] }],
          taskSpec: { steps: [{ name: "main", image: "alpine" }] },
        },
        { name: "flaky", retries: 1, runAfter: ["list"], taskSpec: { steps: [{ name: "main", image: "alpine" }] } },
      ],
      finally: [{ name: "last", taskSpec: { steps: [{ name: "main", image: "alpine" }] } }],
    },
  },
});
const script = {
  pods: {
    "run-list-pod*": { "step-main": { duration: 100, writes: { "/tekton/results/items": '["x","y","z"]' } } },
    "run-flaky-pod": { "step-main": { duration: 500, exitCode: 3 } },
    "*": { "step-main": { duration: 2000 } },
  },
};

const resume = (log: readonly Recorded[], more: Partial<Interrupted> = {}): Promise<Conversation> =>
  play(pipeline, script, {}, { log, since: 3_600_000, retry: true, ...more });

test("a run with a matrix, a retry, a skipped task and finally reaches Succeeded from every fact of its log, and from there again", async () => {
  const whole = await play(pipeline, script, {});
  expect(whole.state?.finished?.status).toBe("True");
  for (const log of prefixes(whole.log)) {
    const again = await resume(log);
    expect([log.length, endOf(again.state)]).toEqual([log.length, endOf(whole.state)]);
    expect([repeated(again, log), startedTwice(again)]).toEqual([[], []]);
    const middle = again.log.slice(0, log.length + Math.ceil((again.log.length - log.length) / 2));
    const third = await resume(middle);
    expect([log.length, endOf(third.state)]).toEqual([log.length, endOf(whole.state)]);
    expect([repeated(third, middle), startedTwice(third)]).toEqual([[], []]);
  }
});

const until = (log: readonly Recorded[], type: string): readonly Recorded[] =>
  log.slice(0, log.findIndex(({ event }) => event.type === type) + 1);

test("an interrupted attempt stands among the retries as what it is, and uses none of them up", async () => {
  const whole = await play(pipeline, script, {});
  const flaky = whole.log.findIndex(({ event }) => event.type === "task.started" && event.task === "flaky");
  const again = await resume(whole.log.slice(0, flaky + 1));
  const attempts = again.folded.taskRuns.get("run-flaky" as never)?.attempts.map(({ finished }) => finished?.message);
  // The script lets only a first Pod fail.
  expect(attempts).toEqual([
    'TaskRun "run-flaky" was interrupted: lapcat ended while it ran',
    "All Steps have completed executing",
  ]);
  expect(again.status).toContain("reason: Failed");
});

test("with --no-retry an interrupted attempt has failed, and finally runs", async () => {
  const whole = await play(pipeline, script, {});
  const again = await resume(until(whole.log, "step.started"), { retry: false });
  expect(again.state?.finished).toMatchObject({ status: "False", reason: "Failed" });
  expect(again.events).toContain("task.started task=last");
  expect(again.events).not.toContain("taskRun=run-list attempt=1");
});

test("the time in which nobody worked at the run counts for no timeout, all other time does", async () => {
  const whole = await play(pipeline, script, {});
  const log = until(whole.log, "step.started");
  expect((await resume(log, { since: 86_400_000 })).state?.finished?.status).toBe("True");
  const slow = { pods: { "*": { "step-main": { duration: 30_000 } } } };
  const late = await play(pipeline, slow, {}, { log, since: 86_400_000, retry: true });
  expect(late.state?.finished).toMatchObject({ status: "False", reason: "PipelineRunTimeout" });
});

test("what was being cancelled when lapcat died is cancelled, not tried again", async () => {
  const whole = await play(pipeline, script, { cancelAt: 50 });
  const again = await resume(until(whole.log, "cancel.requested"));
  expect(again.state?.finished).toMatchObject({ status: "False", reason: "Cancelled" });
  expect(again.events).not.toContain("task.started");
});

test("a run whose volume is gone is refused before anything is removed or run", async () => {
  const folder = join(root, "clone-build");
  const whole = await converse(folder);
  const log = until(whole.log, "task.finished");
  const again = await converse(folder, { log, since: 0, retry: true }, { claims: [] });
  expect(again.events).toContain(`error[${"volume.missing"}]`);
  expect(again.log).toEqual(log);
  expect(again.calls).toEqual([]);
});

test("a run that was killed before any Pod had its volume lost nothing, and makes it", async () => {
  const folder = join(root, "clone-build");
  const whole = await converse(folder);
  const log = until(whole.log, "task.started");
  const again = await converse(folder, { log, since: 0, retry: true }, { claims: [] });
  expect(endOf(again.state)).toEqual(endOf(whole.state));
});

test("a result that holds a secret is not kept: a run that still needs it is refused, one that does not goes on", async () => {
  const steps = [{ name: "main", image: "alpine" }];
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "api" },
    stringData: { token: "hunter2-and-more" },
  };
  const env = [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "api", key: "token" } } }];
  const tasks = [
    { name: "login", taskSpec: { results: [{ name: "session" }], steps: [{ name: "main", image: "alpine", env }] } },
    {
      name: "use",
      params: [{ name: "session", value: "$(tasks.login.results.session)" }],
      taskSpec: { params: [{ name: "session" }], steps },
    },
    { name: "after", runAfter: ["use"], taskSpec: { steps } },
  ];
  const run = {
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: { name: "run" },
    spec: { pipelineSpec: { tasks } },
  };
  const written = `${JSON.stringify(secret)}\n---\n${JSON.stringify(run)}`;
  const does = {
    pods: { "run-login-pod*": { "step-main": { writes: { "/tekton/results/session": "hunter2-and-more" } } } },
  };
  const whole = await play(written, does, {});
  expect(JSON.stringify(whole.log)).not.toContain("hunter2");
  const at = (task: string): number =>
    whole.log.findIndex(({ event }) => event.type === "task.started" && event.task === task) + 1;
  const needing = await play(written, does, {}, { log: whole.log.slice(0, at("use")), since: 0, retry: true });
  expect(needing.events).toContain('result "session" of task login, which task use takes, holds a secret');
  const past = await play(written, does, {}, { log: whole.log.slice(0, at("after")), since: 0, retry: true });
  expect(past.state?.finished?.status).toBe("True");
  const before = await play(written, does, {}, { log: whole.log.slice(0, at("login")), since: 0, retry: true });
  expect(before.state?.finished?.status).toBe("True");
});

test("a task that is left out is no child and no skipped one: it is told beside what Tekton knows", async () => {
  const { folded } = await converse(join(root, "part-of-a-pipeline"));
  const [run] = listOf(folded).items;
  expect(run?.metadata.annotations).toEqual({
    "lapcat.dev/omitted": "clone,tests",
    "lapcat.dev/given": '{"clone":{"commit":"abc"}}',
  });
});

// The example of docs/custom-tasks.md: its commands are run, its steps are not.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { customCommandRuns } from "../packages/cli/src/custom-process.ts";
import { customCommandsOf } from "../packages/cli/src/custom-tasks.ts";
import { planResolved, readInputs, resolveChosen } from "../packages/cli/src/inputs.ts";
import { type World } from "../packages/cli/src/world.ts";
import { asRunId } from "../packages/engine/src/index.ts";
import { FakeEngine, type VirtualClock } from "../packages/engine/src/fake.ts";
import { execute } from "../packages/executor/src/index.ts";
import { listOf, type Recorded, type RunList } from "../packages/run/src/index.ts";
import { inProcess, unsaid } from "./simulated.ts";

vi.setConfig({ testTimeout: 30_000 });

const folder = join(import.meta.dirname, "../fixtures/custom-tasks");
const text = (name: string): string => readFileSync(join(folder, name), "utf8");

test("the page has the example as it is run here", () => {
  const page = readFileSync(join(import.meta.dirname, "../docs/custom-tasks.md"), "utf8");
  for (const name of ["pipeline.yaml", "approve.sh", "wait.mjs"]) expect(page).toContain(text(name));
});

const options = {
  ...unsaid,
  filename: [join(folder, "pipeline.yaml")],
  customTask: [
    `example.dev/v1/Wait=${process.execPath} ${join(folder, "wait.mjs")}`,
    `example.dev/v1/Approval=${join(folder, "approve.sh")}`,
  ],
};

/** The machine's own, for the fake engine too. */
const clock: VirtualClock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    }),
  advance: () => Promise.reject(new Error("this clock turns by itself")),
  runUntil: (work) => work,
};

interface Ran {
  readonly list: RunList;
  readonly logs: string;
}

/** Runs the example, with somebody who answers the question for approval. */
async function ran(answer: string): Promise<Ran> {
  let result: Ran | undefined;
  await inProcess(async (world) => {
    result = await played(world, answer);
    return 0;
  });
  if (result === undefined) throw new Error("nothing was run");
  return result;
}

async function played(world: World, answer: string): Promise<Ran> {
  const inputs = await readInputs(world, options);
  if (!inputs.ok) throw new Error("the example is sound");
  const resolved = await resolveChosen(world, inputs.value, options, undefined);
  if (!resolved.ok) throw new Error("the example is whole");
  const plan = planResolved(inputs.value, resolved.value, options);
  if (!plan.ok) throw new Error("the example can be planned");
  const approvals = mkdtempSync(join(tmpdir(), "lapcat-approvals-"));
  const env = { PATH: process.env["PATH"], APPROVALS: approvals };
  const commands = customCommandsOf(options);
  if (!commands.ok) throw new Error("the example names its commands");
  let logs = "";
  let log: readonly Recorded[] = [];
  const state = await execute({
    plan: plan.value,
    runId: asRunId("release"),
    engine: new FakeEngine({}, clock),
    clock,
    version: "0",
    grace: 1000,
    podOptions: { mapImage: (image) => image },
    customRuns: customCommandRuns({ ...world, env }, commands.value, { run: "release", grace: 1 }),
    cancel: new AbortController().signal,
    hurry: new AbortController().signal,
    events: {
      append(event, at) {
        const fact: Recorded = { v: 1, seq: log.length, at, event };
        log = [...log, fact];
        return fact;
      },
    },
    logs: {
      openLog: ({ taskRun, container }) => ({
        write(stream, bytes) {
          logs += `${taskRun} ${container} ${stream}| ${Buffer.from(bytes).toString()}`;
          // It asks only once it is there.
          if (logs.includes("yes or no")) writeFileSync(join(approvals, "release-approve"), answer);
          return Promise.resolve();
        },
        end: () => Promise.resolve(),
      }),
    },
  });
  return { list: listOf(state), logs: logs.replaceAll(approvals, "approvals") };
}

const told = ({ items }: RunList): unknown =>
  items.map(({ kind, metadata, status }) => `${kind} ${metadata.name}: ${status.conditions[0]?.reason}`);

test("what is approved is published", async () => {
  const { list, logs } = await ran("yes\n");
  expect(told(list)).toEqual([
    "PipelineRun release: Succeeded",
    "CustomRun release-wait: Succeeded",
    "CustomRun release-approve: Approved",
    "TaskRun release-publish: Succeeded",
  ]);
  expect(list.items[3]?.spec).toMatchObject({ params: [{ name: "waited", value: "0.5 s" }] });
  expect(logs).toBe(
    "release-wait custom-run stdout| Waiting: 0.5 s\n" +
      "release-approve custom-run stderr| yes or no: write it to approvals/release-approve\n",
  );
});

test("what is denied is not", async () => {
  const { list } = await ran("no\n");
  expect(told(list)).toEqual([
    "PipelineRun release: Failed",
    "CustomRun release-wait: Succeeded",
    "CustomRun release-approve: Denied",
  ]);
});

// How planning, deciding and running grow with a Pipeline: `npm run bench -- scale`. Nothing is started; the engine is the fake.
import { execa } from "execa";
import { leanMemory } from "../packages/cli/src/lean-memory.ts";
import { sourceFile } from "../packages/diagnostic/src/index.ts";
import { asRunId } from "../packages/engine/src/index.ts";
import { FakeEngine, manualSignal, virtualClock } from "../packages/engine/src/fake.ts";
import { execute } from "../packages/executor/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { planRun, type RunPlan } from "../packages/plan/src/index.ts";
import { resolveRun } from "../packages/resolution/src/index.ts";
import { begin, decide, evolve, type Recorded, type RunEvent } from "../packages/run/src/index.ts";
import { type PipelineTask, readResources, type ResolvedRun } from "../packages/tekton/src/index.ts";

type Shape = (size: number) => readonly PipelineTask[];

const task = (index: number, more: Partial<PipelineTask> = {}): PipelineTask => ({
  name: `t${index}`,
  taskSpec: { results: [{ name: "r" }], steps: [{ name: "main", image: "busybox", script: `echo ${index}` }] },
  ...more,
});

/** Always the same ones. */
function randomly(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

const shapes: Readonly<Record<string, Shape>> = {
  chain: (size) =>
    Array.from({ length: size }, (_, index) => task(index, index === 0 ? {} : { runAfter: [`t${index - 1}`] })),
  "fan-out": (size) => Array.from({ length: size }, (_, index) => task(index, index === 0 ? {} : { runAfter: ["t0"] })),
  random: (size) => {
    const random = randomly(size);
    return Array.from({ length: size }, (_, index) => {
      const before = new Set(index === 0 ? [] : [0, 1, 2].map(() => Math.floor(random() * index)));
      const [taken, ...after] = [...before].map((each) => `t${each}`);
      return task(index, {
        runAfter: after,
        ...(taken !== undefined && { when: [{ input: `$(tasks.${taken}.results.r)`, operator: "in", values: ["x"] }] }),
      });
    });
  },
  // Every other one is skipped, once the one before it is done.
  skips: (size) =>
    Array.from({ length: size }, (_, index) =>
      task(index, {
        runAfter: index === 0 ? [] : [`t${index - 1}`],
        ...(index % 2 === 1 && { when: [{ input: "a", operator: "in", values: ["b"] }] }),
      }),
    ),
  // All run when the run is cancelled, or its time is over; then they end one by one.
  cancelled: (size) => Array.from({ length: size }, (_, index) => task(index)),
  "out-of-time": (size) => Array.from({ length: size }, (_, index) => task(index)),
};

const matrix: readonly PipelineTask[] = [
  task(0, { matrix: { params: [{ name: "m", value: Array.from({ length: 256 }, (_, index) => `${index}`) }] } }),
];

async function resolved(tasks: readonly PipelineTask[]): Promise<ResolvedRun> {
  const run = {
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: { name: "run" },
    spec: { pipelineSpec: { tasks } },
  };
  const parsed = parseManifest(sourceFile("scale.json", JSON.stringify(run)));
  const read = parsed.ok ? readResources(parsed.value) : parsed;
  if (!read.ok) throw new Error(read.diagnostics[0]?.message);
  const closed = await resolveRun(read.value.resources, undefined, {
    catalogs: [],
    pins: new Map(),
    random: () => 0.5,
  });
  if (!closed.ok) throw new Error(closed.diagnostics[0]?.message);
  return closed.value;
}

/** Every fact is followed by a decision, as in the executor; the TaskRun that began first ends next. `first` happens once all that can run does. */
function decided(plan: RunPlan, first: readonly RunEvent[]): number {
  let state = begin(plan);
  let seq = 0;
  const happening = [...first];
  const running: RunEvent[][] = [];
  const append = (event: RunEvent): void => {
    const recorded: Recorded = { v: 1, seq: seq++, at: seq, event };
    state = evolve(state, recorded);
  };
  const { name, namespace, uid } = plan.identity;
  append({ type: "run.started", kind: plan.kind, name, namespace, uid, lapcat: "bench" });
  while (state.finished === undefined) {
    let acted = false;
    for (const intent of decide(state, seq)) {
      if (intent.do === "record") append(intent.event);
      else if (intent.do === "start-task") {
        const { planned, name: taskRun, attempt, uid: own, params, task: definition } = intent.bound;
        append({ type: "task.started", task: planned.name, taskRun, attempt, uid: own, params });
        const key = { taskRun, attempt };
        running.push([
          { type: "pod.created", ...key, pod: `${taskRun}-pod`, taskSpec: definition.spec, containers: [] },
          { type: "step.started", ...key, container: "step-main" },
          { type: "result.written", ...key, name: "r", resultType: "string", value: "x" },
          {
            type: "step.finished",
            ...key,
            container: "step-main",
            exitCode: 0,
            reason: "Completed",
            terminationReason: "Completed",
          },
          { type: "pod.finished", ...key },
        ]);
      } else continue;
      acted = true;
    }
    if (acted) continue;
    const now = happening.shift();
    if (now !== undefined) {
      append(now);
      continue;
    }
    const next = running[0]?.shift();
    if (running[0]?.length === 0) running.shift();
    if (next === undefined) throw new Error("nothing follows, and nothing runs");
    append(next);
  }
  return seq;
}

const script = { pods: { "*": { "step-main": { writes: { "/tekton/results/r": "x" } } } } };

const firsts: Readonly<Record<string, readonly RunEvent[]>> = {
  cancelled: [{ type: "cancel.requested", mode: "Cancelled" }],
  "out-of-time": [{ type: "timeout.reached", of: "pipeline" }],
};

async function run(plan: RunPlan): Promise<number> {
  const clock = virtualClock(0, () => new Promise((resolve) => setImmediate(resolve)));
  const recorded: Recorded[] = [];
  const executing = execute({
    plan,
    runId: asRunId("run"),
    engine: new FakeEngine(script, clock),
    clock,
    version: "bench",
    grace: 1000,
    podOptions: { mapImage: (image) => image },
    cancel: manualSignal(),
    hurry: manualSignal(),
    events: {
      append(event, at) {
        const fact: Recorded = { v: 1, seq: recorded.length, at, event };
        recorded.push(fact);
        return fact;
      },
    },
    logs: { openLog: () => ({ write: () => Promise.resolve(), end: () => Promise.resolve() }) },
  });
  await clock.runUntil(executing);
  return recorded.length;
}

/** Milliseconds of processor time: another program on the machine does not count. */
async function timed<T>(work: () => T | Promise<T>): Promise<readonly [number, T]> {
  const from = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(from);
  return [(user + system) / 1000, value];
}

async function measured(name: string, what: string, tasks: readonly PipelineTask[]): Promise<void> {
  const closed = await resolved(tasks);
  const [planning, plan] = await timed(() => planRun(closed));
  if (!plan.ok) throw new Error(plan.diagnostics[0]?.message);
  const [time, facts] = await timed(() =>
    what === "run" ? run(plan.value) : decided(plan.value, firsts[name.split(" ")[0] ?? ""] ?? []),
  );
  const cell = (milliseconds: number): string => `${milliseconds.toFixed(0)} ms`.padStart(8);
  // Of the whole process, which reads and plans the document too.
  const memory = `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`.padStart(8);
  const did = what === "run" ? `run on the fake ${cell(time)}` : `plan ${cell(planning)}  decide ${cell(time)}`;
  console.log(`${name.padEnd(17)} ${did.padEnd(34)} ${facts} facts ${memory}`);
}

const sizes = [125, 250, 500, 1000, 2000];

/** Each in a process of its own, so that memory is its own too. */
export async function scale(): Promise<void> {
  const rows = [...Object.keys(shapes).flatMap((name) => sizes.map((size) => [name, `${size}`])), ["matrix", "256"]];
  for (const row of rows) await execa(process.execPath, [import.meta.filename, "decide", ...row], { stdio: "inherit" });
  for (const row of rows.filter(([name = ""]) => !(name in firsts)))
    await execa(process.execPath, [import.meta.filename, "run", ...row], { stdio: "inherit" });
}

if (import.meta.main) {
  const [what, name = "", size = "0"] = process.argv.slice(2);
  // As the program itself does where a document is that long.
  if (Number(size) >= 1000) leanMemory();
  if (what === undefined) await scale();
  else await measured(`${name} ${size}`, what, shapes[name]?.(Number(size)) ?? matrix);
}

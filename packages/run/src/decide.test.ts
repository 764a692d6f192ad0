import { type PipelineSpec, type PipelineTask } from "@lapcat/tekton";
import { expect, test } from "vitest";
import {
  begin,
  decide,
  evolve,
  listOf,
  statusOf,
  type CancelMode,
  type Recorded,
  type RunEvent,
  type RunState,
} from "./index.ts";
import { samplePlan } from "./sample-plan.ts";

const minute = 60_000;
const task = (name: string, more: Partial<PipelineTask> = {}): PipelineTask => ({
  name,
  taskSpec: { results: [{ name: "r" }], steps: [{ name: "s", image: "i" }] },
  ...more,
});

/** A run played by hand: what follows is performed at once, pods end when they are told to. */
function conversation(spec: PipelineSpec, run: Parameters<typeof samplePlan>[1] = {}) {
  let state: RunState = begin(samplePlan(spec, run));
  let now = 0;
  let seq = 0;
  const told: string[] = [];
  const append = (event: RunEvent): void => {
    const recorded: Recorded = { v: 1, seq: seq++, at: now, event };
    state = evolve(state, recorded);
  };
  const settle = (): void => {
    for (;;) {
      const intents = decide(state, now);
      const acting = intents.filter((each) => each.do === "record" || each.do === "start-task");
      if (acting.length === 0) return;
      for (const intent of acting) {
        if (intent.do === "record") {
          append(intent.event);
          told.push(short(intent.event));
        } else if (intent.do === "start-task") {
          const { planned, name: taskRun, attempt, uid, params } = intent.bound;
          append({ type: "task.started", task: planned.name, taskRun, attempt, uid, params });
          told.push(`start ${taskRun}${attempt === 0 ? "" : ` again (${attempt})`}`);
        }
      }
    }
  };
  const container = {
    name: "step-s",
    role: "step" as const,
    displayName: "s",
    image: "i",
    imageId: "i@sha256:1",
    containerId: "c",
  };
  const end = (name: string, exitCode = 0, result?: string): void => {
    const taskRun = [...state.taskRuns.values()].find((each) => each.name === `run-${name}`)!;
    const key = { taskRun: taskRun.name, attempt: taskRun.attempts.at(-1)!.attempt };
    append({
      type: "pod.created",
      ...key,
      pod: `run-${name}-pod`,
      taskSpec: { results: [{ name: "r" }] },
      containers: [container],
    });
    if (result !== undefined)
      append({ type: "result.written", ...key, name: "r", resultType: "string", value: result });
    const ended = taskRun.attempts.at(-1)!.stop === undefined ? undefined : ("TaskRunCancelled" as const);
    append({
      type: "step.finished",
      ...key,
      container: "step-s",
      exitCode: ended === undefined ? exitCode : 1,
      reason: exitCode === 0 && ended === undefined ? "Completed" : "Error",
      terminationReason: ended ?? (exitCode === 0 ? "Completed" : "Error"),
    });
    append({ type: "pod.finished", ...key });
    settle();
  };
  append({ type: "run.started", kind: "PipelineRun", name: "run", namespace: "default", uid: "u", lapcat: "test" });
  settle();
  return {
    end,
    /** What was told since the last asking. */
    told: (): string[] => told.splice(0),
    cancel: (mode: CancelMode): void => {
      append({ type: "cancel.requested", mode });
      settle();
    },
    wait: (milliseconds: number): void => {
      now += milliseconds;
      settle();
    },
    open: (): unknown[] =>
      decide(state, now).map((each) =>
        each.do === "wake"
          ? `wake at ${each.at}`
          : each.do === "stop-task"
            ? `stop ${each.taskRun}: ${each.because}`
            : each,
      ),
    state: (): RunState => state,
  };
}

function short(event: RunEvent): string {
  if (event.type === "task.skipped") return `skip ${event.task}: ${event.reason}`;
  if (event.type === "task.finished") return `${event.taskRun} ${event.reason}${event.willRetry ? ", again" : ""}`;
  if (event.type === "run.finished") return `run ${event.reason}: ${event.message}`;
  return event.type === "timeout.reached" ? `time of ${event.of}` : event.type;
}

test("a failure lets what runs end, skips the rest, and runs finally", () => {
  const run = conversation({ tasks: [task("a"), task("b"), task("c", { runAfter: ["a"] })], finally: [task("f")] });
  expect(run.told()).toEqual(["start run-a", "start run-b"]);
  run.end("a", 3);
  expect(run.told()).toEqual(["run-a StepFailed", "skip c: PipelineRun was stopping"]);
  run.end("b");
  expect(run.told()).toEqual(["run-b Succeeded", "finally.started", "start run-f"]);
  run.end("f");
  expect(run.told()).toEqual([
    "run-f Succeeded",
    "run Failed: Tasks Completed: 3 (Failed: 1, Cancelled 0), Skipped: 1",
  ]);
});

test("a retry follows at once, and the last attempt counts", () => {
  const run = conversation({ tasks: [task("a", { retries: 1 })] });
  run.end("a", 1);
  run.end("a");
  expect(run.told()).toEqual([
    "start run-a",
    "run-a StepFailed, again",
    "start run-a again (1)",
    "run-a Succeeded",
    "run Succeeded: Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0",
  ]);
  const [taskRun] = statusOf(run.state()).taskRuns;
  expect(taskRun?.status).toMatchObject({
    podName: "run-a-pod",
    conditions: [{ reason: "Succeeded" }],
    retriesStatus: [{ conditions: [{ reason: "StepFailed", message: '"step-s" exited with code 1: Error' }] }],
  });
});

test("a task's time passes when more than it has passed, and every attempt has its own", () => {
  const run = conversation({ tasks: [task("a", { timeout: "1m", retries: 1 })] });
  expect(run.open()).toEqual([`wake at ${minute + 1}`]);
  run.wait(minute);
  expect(run.told()).toEqual(["start run-a"]);
  run.wait(1);
  expect(run.open()).toEqual(["stop run-a: TaskRunTimeout", `wake at ${60 * minute + 1}`]);
  run.end("a");
  expect(run.told()).toEqual(["time of task", "run-a TaskRunTimeout, again", "start run-a again (1)"]);
  expect(run.open()).toEqual([`wake at ${2 * minute + 2}`]);
});

test("the tasks' time ends the tasks and lets finally run", () => {
  const run = conversation(
    { tasks: [task("a"), task("b", { runAfter: ["a"] })], finally: [task("f")] },
    { timeouts: { pipeline: "1h", tasks: "10m" } },
  );
  run.wait(10 * minute + 1);
  expect(run.open()).toContain("stop run-a: TaskRunCancelled");
  run.end("a");
  run.end("f");
  expect(run.told()).toEqual([
    "start run-a",
    "time of tasks",
    "run-a TaskRunCancelled",
    "skip b: PipelineRun was stopping",
    "finally.started",
    "start run-f",
    "run-f Succeeded",
    'run PipelineRunTimeout: PipelineRun "run" failed due to tasks failed to finish within "10m0s"',
  ]);
});

test("the pipeline's time ends everything, finally too", () => {
  const run = conversation(
    { tasks: [task("a"), task("b", { runAfter: ["a"] })], finally: [task("f")] },
    { timeouts: { pipeline: "10m" } },
  );
  run.wait(10 * minute + 1);
  run.end("a");
  expect(run.told()).toEqual([
    "start run-a",
    "time of pipeline",
    "run-a TaskRunCancelled",
    'run PipelineRunTimeout: PipelineRun "run" failed to finish within "10m0s"',
  ]);
});

test.for<{ mode: CancelMode; stops: boolean; follows: string[] }>([
  {
    mode: "Cancelled",
    stops: true,
    follows: ["run-a TaskRunCancelled", 'run Cancelled: PipelineRun "run" was cancelled'],
  },
  {
    mode: "CancelledRunFinally",
    stops: true,
    follows: [
      "skip b: PipelineRun was gracefully cancelled",
      "run-a TaskRunCancelled",
      "skip b: PipelineRun was stopping",
      "finally.started",
      "start run-f",
    ],
  },
  {
    mode: "StoppedRunFinally",
    stops: false,
    follows: ["skip b: PipelineRun was gracefully stopped", "run-a Succeeded", "finally.started", "start run-f"],
  },
])("cancelled as $mode", ({ mode, stops, follows }) => {
  const run = conversation({
    tasks: [task("a", { retries: 2 }), task("b", { runAfter: ["a"] })],
    finally: [task("f")],
  });
  run.told();
  run.cancel(mode);
  expect(run.open().includes("stop run-a: TaskRunCancelled")).toBe(stops);
  run.end("a");
  expect(run.told()).toEqual(follows);
});

test("skips go along results, not along runAfter", () => {
  const run = conversation({
    tasks: [
      task("a", { when: [{ input: "x", operator: "in", values: ["y"] }] }),
      task("b", { runAfter: ["a"] }),
      task("c", { params: [{ name: "p", value: "$(tasks.a.results.r)" }] }),
      task("d", { runAfter: ["c"] }),
    ],
  });
  expect(run.told()).toEqual([
    "skip a: When Expressions evaluated to false",
    "skip c: Results were missing",
    "skip d: Parent Tasks were skipped",
    "start run-b",
  ]);
});

test("a result that was not written fails the run, and finally runs all the same", () => {
  const run = conversation({
    tasks: [task("a"), task("b", { params: [{ name: "p", value: "$(tasks.a.results.r)" }] })],
    finally: [task("f")],
  });
  run.end("a");
  run.end("f");
  expect(run.told().at(-1)).toBe(
    'run PipelineValidationFailed: Tasks Completed: 2 (Failed: 0, Cancelled 0), Skipped: 0, Failed Validation: 1 (task "a" completed successfully but did not emit the result "r", which is referenced by task "b")',
  );
});

test("the list has the PipelineRun, then its TaskRuns, as Kubernetes shows them", () => {
  const run = conversation({ tasks: [task("a")], results: [{ name: "out", value: "<$(tasks.a.results.r)>" }] });
  run.wait(1500);
  run.end("a", 0, "x");
  const { items } = listOf(run.state());
  expect(items.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(["PipelineRun run", "TaskRun run-a"]);
  expect(items[0]?.status).toMatchObject({
    startTime: "1970-01-01T00:00:00Z",
    completionTime: "1970-01-01T00:00:01Z",
    results: [{ name: "out", value: "<x>" }],
    childReferences: [{ apiVersion: "tekton.dev/v1", kind: "TaskRun", name: "run-a", pipelineTaskName: "a" }],
  });
  expect(items[1]?.metadata.labels).toMatchObject({
    "tekton.dev/pipelineRun": "run",
    "tekton.dev/pipelineTask": "a",
    "tekton.dev/memberOf": "tasks",
  });
  expect(items[1]?.status).toMatchObject({
    results: [{ name: "r", type: "string", value: "x" }],
    steps: [
      {
        name: "s",
        container: "step-s",
        imageID: "i@sha256:1",
        terminated: { exitCode: 0, reason: "Completed" },
        terminationReason: "Completed",
      },
    ],
  });
});

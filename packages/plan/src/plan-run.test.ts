import { sourceFile } from "@lapcat/diagnostic";
import {
  type Origin,
  type PipelineRunSpec,
  type PipelineSpec,
  type PipelineTask,
  type ResolvedTask,
  type TaskSpec,
} from "@lapcat/tekton";
import { expect, test } from "vitest";
import { asPipelineTaskName, bindTask, type Outcomes, planRun, previewTask, type RunPlan } from "./index.ts";

const span = { file: sourceFile("run.yaml", ""), start: 0, end: 0 };
const origin: Origin = {
  document: {
    source: span.file,
    index: 0,
    value: {},
    spanOf: () => span,
    keySpanOf: () => span,
    jsonTextAt: () => undefined,
  },
  spanOf: () => span,
  keySpanOf: () => span,
};
const common = { labels: {}, annotations: {}, origin, provenance: { uri: "run.yaml", digest: {} } };
const step = { name: "s", image: "i" };

/** Tasks with a `taskRef` find their definition in `catalog`. */
function planned(
  spec: PipelineSpec,
  run: PipelineRunSpec = {},
  catalog: Readonly<Record<string, TaskSpec>> = {},
): ReturnType<typeof planRun> {
  const definition = (task: PipelineTask): ResolvedTask => {
    const name = task.taskRef?.name;
    return {
      ...common,
      name,
      spec: (name === undefined ? task.taskSpec : catalog[name]) ?? { steps: [step] },
      embedded: name === undefined,
      path: ["spec"],
    };
  };
  return planRun({
    kind: "PipelineRun",
    run: {
      resource: {
        apiVersion: "tekton.dev/v1",
        kind: "PipelineRun",
        metadata: { name: "run", namespace: "default", uid: "0-2" },
        spec: run,
      },
      origin,
    },
    pipeline: { ...common, name: "p", spec, embedded: false, path: ["spec"] },
    children: new Map(),
    tasks: new Map([...(spec.tasks ?? []), ...(spec.finally ?? [])].map((each) => [each.name, definition(each)])),
    objects: { secrets: new Map(), configMaps: new Map(), serviceAccounts: new Map(), claims: new Map() },
  });
}

function soundly(...given: Parameters<typeof planned>): RunPlan {
  const plan = planned(...given);
  if (!plan.ok) throw new Error(plan.diagnostics.map(({ message }) => message).join("\n"));
  return plan.value;
}

test("a lone TaskRun's params are put into its workspaces once", () => {
  const plan = planRun({
    kind: "TaskRun",
    run: {
      resource: {
        apiVersion: "tekton.dev/v1",
        kind: "TaskRun",
        metadata: { name: "run", namespace: "default", uid: "0-2" },
        spec: {
          params: [{ name: "p", value: "x$(params.p)" }],
          workspaces: [{ name: "w", emptyDir: {}, subPath: "$(params.p)" }],
        },
      },
      origin,
    },
    task: {
      ...common,
      name: undefined,
      spec: { params: [{ name: "p" }], workspaces: [{ name: "w" }], steps: [step] },
      embedded: true,
      path: ["spec"],
    },
    objects: { secrets: new Map(), configMaps: new Map(), serviceAccounts: new Map(), claims: new Map() },
  });
  if (!plan.ok) throw new Error(plan.diagnostics.map(({ message }) => message).join("\n"));
  const [task] = plan.value.tasks;
  if (task?.kind !== "task") throw new Error("no task");
  expect(previewTask(plan.value, task).workspaces[0]?.subPath).toBe("x$(params.p)");
});

const embedded = (name: string, more: Partial<PipelineTask> = {}, spec: TaskSpec = {}): PipelineTask => ({
  name,
  taskSpec: { steps: [step], ...spec },
  ...more,
});

test.for<{
  name: string;
  spec: PipelineSpec;
  run?: PipelineRunSpec;
  catalog?: Readonly<Record<string, TaskSpec>>;
  refused: string[];
}>([
  {
    name: "a circle",
    spec: { tasks: [embedded("a", { runAfter: ["b"] }), embedded("b", { runAfter: ["a"] })] },
    refused: ["pipeline.cycle spec.tasks[0].runAfter"],
  },
  {
    name: "a task to run after that is not there",
    spec: { tasks: [embedded("a", { runAfter: ["x"] })] },
    refused: ["pipeline.task-unknown spec.tasks[0].runAfter[0]"],
  },
  {
    name: "params that circle",
    spec: {
      params: [
        { name: "a", default: "$(params.b)" },
        { name: "b", default: "$(params.a)" },
      ],
      tasks: [embedded("t")],
    },
    refused: ["pipeline.cycle spec.params"],
  },
  {
    name: "a param without a value",
    spec: { params: [{ name: "p" }], tasks: [embedded("t")] },
    refused: ["param.missing spec"],
  },
  {
    name: "a param of the wrong type",
    spec: { params: [{ name: "p", type: "array" }], tasks: [embedded("t")] },
    run: { params: [{ name: "p", value: "x" }] },
    refused: ["param.type spec.params[0].value"],
  },
  {
    name: "an object without a key",
    spec: { params: [{ name: "o", properties: { k: {} } }], tasks: [embedded("t")] },
    run: { params: [{ name: "o", value: { m: "1" } }] },
    refused: ["param.type spec.params[0].value"],
  },
  {
    name: "a Task's param that is not passed",
    spec: { tasks: [{ name: "t", taskRef: { name: "T" } }] },
    catalog: { T: { params: [{ name: "p" }], steps: [step] } },
    refused: ["param.missing spec.tasks[0]"],
  },
  {
    name: "an element beyond an array's end",
    spec: {
      params: [{ name: "l", default: ["x"] }],
      tasks: [embedded("t", { params: [{ name: "q", value: "$(params.l[1])" }] })],
    },
    refused: ["reference.unknown spec.tasks[0].params[0].value"],
  },
  {
    name: "a default that names what has no value yet",
    spec: {
      params: [
        { name: "l", type: "array", default: ["x"] },
        { name: "p", default: "$(params.l[0])" },
      ],
      tasks: [embedded("t")],
    },
    refused: ["reference.unknown spec.params[1].default"],
  },
  {
    name: "an onError that a param makes senseless",
    spec: { params: [{ name: "p", default: "maybe" }], tasks: [embedded("t", { onError: "$(params.p)" as never })] },
    refused: ["field.value spec.tasks[0].onError"],
  },
  {
    name: "a result that is not declared",
    spec: { tasks: [embedded("a"), embedded("b", { params: [{ name: "q", value: "$(tasks.a.results.r)" }] })] },
    refused: ["result.unknown spec.tasks[1].params[0].value"],
  },
  {
    name: "a workspace that is not bound",
    spec: {
      workspaces: [{ name: "w" }],
      tasks: [embedded("t", { workspaces: [{ name: "w" }] }, { workspaces: [{ name: "w" }] })],
    },
    refused: ["workspace.missing spec.workspaces"],
  },
  {
    name: "a workspace that the Task needs and nobody maps",
    spec: { tasks: [embedded("t", {}, { workspaces: [{ name: "w" }] })] },
    refused: ["workspace.missing spec.tasks[0]"],
  },
  {
    name: "a workspace with two sources",
    spec: { tasks: [embedded("t")] },
    run: { workspaces: [{ name: "w", emptyDir: {}, secret: { secretName: "s" } }] },
    refused: ["workspace.binding spec.workspaces[0]"],
  },
  {
    name: "a csi volume",
    spec: { tasks: [embedded("t")] },
    run: { workspaces: [{ name: "w", csi: {} }] },
    refused: ["field.unsupported spec.workspaces[0].csi"],
  },
  {
    name: "a sub-path that leads out",
    spec: {
      workspaces: [{ name: "w" }],
      tasks: [embedded("t", { workspaces: [{ name: "w", subPath: "../.." }] }, { workspaces: [{ name: "w" }] })],
    },
    run: { workspaces: [{ name: "w", emptyDir: {} }] },
    refused: ["path.escape spec.tasks[0].workspaces[0].subPath"],
  },
  {
    name: "a taskRunSpec for nobody",
    spec: { tasks: [embedded("build")] },
    run: { taskRunSpecs: [{ pipelineTaskName: "buidl" }] },
    refused: ["pipeline.task-unknown spec.taskRunSpecs[0].pipelineTaskName"],
  },
  {
    name: "resources of a step that is not there",
    spec: { tasks: [embedded("t")] },
    run: { taskRunSpecs: [{ pipelineTaskName: "t", stepSpecs: [{ name: "x", computeResources: {} }] }] },
    refused: ["field.value spec.taskRunSpecs[0].stepSpecs[0].name"],
  },
  {
    name: "a pending run",
    spec: { tasks: [embedded("t")] },
    run: { status: "PipelineRunPending" },
    refused: ["field.unsupported spec.status"],
  },
  {
    name: "CEL and a custom task",
    spec: {
      tasks: [embedded("a", { when: [{ cel: "true" }] }), { name: "c", taskRef: { apiVersion: "x/v1", kind: "Wait" } }],
    },
    refused: ["field.unsupported spec.tasks[0].when[0].cel", "field.unsupported spec.tasks[1].taskRef"],
  },
  {
    name: "all at once",
    spec: { params: [{ name: "p" }], workspaces: [{ name: "w" }], tasks: [embedded("a", { runAfter: ["a"] })] },
    refused: ["param.missing spec", "pipeline.cycle spec.tasks[0].runAfter", "workspace.missing spec.workspaces"],
  },
])("planRun refuses $name", ({ spec, run = {}, catalog = {}, refused }) => {
  const plan = planned(spec, run, catalog);
  expect(plan.ok).toBe(false);
  expect(plan.diagnostics.map(({ code, path }) => `${code} ${path}`)).toEqual(refused);
});

test("values go from the run through the Pipeline into an embedded Task, and leave a referenced one alone", () => {
  const script = "$(params.p) $(context.pipelineRun.name) $(workspaces.w.bound) $(workspaces.x.path)";
  const plan = soundly(
    {
      params: [
        { name: "p", default: "from-$(params.q)" },
        { name: "q", default: "default" },
      ],
      workspaces: [{ name: "w", optional: true }],
      tasks: [
        embedded("a", {}, { steps: [{ ...step, script }] }),
        {
          name: "b",
          taskRef: { name: "T" },
          params: [{ name: "CONTEXT", value: "$(workspaces.source.path)/$(params.p)" }],
        },
      ],
    },
    { params: [{ name: "q", value: "run" }], workspaces: [{ name: "x", emptyDir: {} }] },
    { T: { params: [{ name: "CONTEXT" }], steps: [{ ...step, script }] } },
  );
  const [a, b] = plan.tasks.filter((each) => each.kind === "task");
  expect(a!.task.spec.steps?.[0]?.script).toBe("from-run run false $(workspaces.x.path)");
  expect(a!.workspaces).toEqual([{ name: "x", source: { kind: "emptyDir", medium: "disk" } }]);
  expect(a!.task.spec.workspaces).toEqual([{ name: "x" }]);
  expect(b!.task.spec.steps?.[0]?.script).toBe(script);
  expect(previewTask(plan, b!).params).toEqual([{ name: "CONTEXT", value: "$(workspaces.source.path)/from-run" }]);
});

test("a volumeClaimTemplate is one claim for all tasks, below the run's and the task's sub-path", () => {
  const spec = {
    workspaces: [{ name: "w" }],
    tasks: ["a", "b"].map((name) =>
      embedded(name, { workspaces: [{ name: "in", workspace: "w", subPath: name }] }, { workspaces: [{ name: "in" }] }),
    ),
  };
  const plan = soundly(spec, {
    workspaces: [{ name: "w", subPath: "$(context.pipelineRun.name)", volumeClaimTemplate: {} }],
  });
  const [a, b] = plan.tasks.map(({ workspaces }) => workspaces[0]!);
  expect([a!.subPath, b!.subPath]).toEqual(["run/a", "run/b"]);
  expect(a!.source).toEqual(b!.source);
  expect(a!.source).toMatchObject({ kind: "claim", scope: "run", readOnly: false });
});

test.for<{
  name: string;
  timeouts: PipelineRunSpec["timeouts"];
  task?: string;
  expected: readonly (number | undefined)[];
}>([
  { name: "nothing said", timeouts: undefined, expected: [60, undefined, undefined, 60] },
  { name: "a part tells the other", timeouts: { pipeline: "1h", finally: "10m" }, expected: [60, 50, 10, 60] },
  { name: "a longer part is the task's too", timeouts: { pipeline: "3h", tasks: "2h" }, expected: [180, 120, 60, 120] },
  { name: "no limit", timeouts: { pipeline: "0", tasks: "0" }, expected: [undefined, undefined, undefined, undefined] },
  {
    name: "the task's own comes first",
    timeouts: { pipeline: "3h", tasks: "2h" },
    task: "5m",
    expected: [180, 120, 60, 5],
  },
])("timeouts: $name", ({ timeouts, task, expected }) => {
  const plan = soundly(
    { tasks: [embedded("t", task === undefined ? {} : { timeout: task })] },
    timeouts === undefined ? {} : { timeouts },
  );
  const { pipeline, tasks, finally: ending } = plan.timeouts;
  const minutes = [pipeline, tasks, ending, plan.tasks[0]!.timeout].map((each) =>
    each === undefined ? undefined : each / 60_000,
  );
  expect(minutes).toEqual(expected);
});

const results: TaskSpec = { results: [{ name: "r" }, { name: "l", type: "array" }] };
const outcomes = (
  given: { r?: string; l?: readonly string[] },
  status: "Succeeded" | "Failed" = "Succeeded",
): Outcomes => ({
  tasks: new Map([
    [
      asPipelineTaskName("a"),
      {
        status,
        reason: status,
        finished: true,
        taskRuns: [
          {
            name: soundly({ tasks: [embedded("a")] }).tasks[0]!.taskRunName,
            results: [
              ...(given.r === undefined ? [] : [{ name: "r", type: "string" as const, value: given.r }]),
              ...(given.l === undefined ? [] : [{ name: "l", type: "array" as const, value: given.l }]),
            ],
          },
        ],
      },
    ],
  ]),
  aggregate: status,
});

test.for<{
  name: string;
  task: Partial<PipelineTask>;
  spec?: TaskSpec;
  given: { r?: string; l?: readonly string[] };
  expected: unknown;
}>([
  {
    name: "a result in a param",
    task: { params: [{ name: "q", value: "<$(tasks.a.results.r)>" }] },
    given: { r: "x\n" },
    expected: { kind: "bound", runs: [{ name: "run-b", params: [{ name: "q", value: "<x\n>" }] }] },
  },
  {
    name: "a whole array",
    task: { params: [{ name: "q", value: "$(tasks.a.results.l[*])" }] },
    given: { l: ["1", "2"] },
    expected: { kind: "bound", runs: [{ params: [{ name: "q", value: ["1", "2"] }] }] },
  },
  {
    name: "a missing result",
    task: { params: [{ name: "q", value: "$(tasks.a.results.r)" }] },
    given: {},
    expected: { kind: "missing-results", missing: { task: "a", result: "r", producer: "Succeeded" } },
  },
  {
    name: "a `when` that is false, before a missing result",
    task: { when: [{ input: "$(tasks.a.results.r)", operator: "in", values: ["x"] }] },
    given: {},
    expected: { kind: "skipped", reason: "When Expressions evaluated to false" },
  },
  {
    name: "an element beyond the end",
    task: { params: [{ name: "q", value: "$(tasks.a.results.l[3])" }] },
    given: { l: ["1"] },
    expected: { kind: "failed", reason: "PipelineValidationFailed" },
  },
  {
    name: "a matrix over a result",
    task: { matrix: { params: [{ name: "m", value: "$(tasks.a.results.l[*])" }] } },
    given: { l: ["1", "2"] },
    expected: {
      kind: "bound",
      runs: [
        { name: "run-b-0", params: [{ name: "m", value: "1" }] },
        { name: "run-b-1", params: [{ name: "m", value: "2" }] },
      ],
    },
  },
  {
    name: "a matrix over nothing",
    task: { matrix: { params: [{ name: "m", value: "$(tasks.a.results.l[*])" }] } },
    given: { l: [] },
    expected: { kind: "skipped", reason: "Matrix Parameters have an empty array" },
  },
  {
    name: "a result in an embedded Task",
    task: {},
    spec: { steps: [{ ...step, args: ["$(tasks.a.results.l[*])", "$(tasks.a.results.r)"] }] },
    given: { r: "x", l: ["1", "2"] },
    expected: { kind: "bound", runs: [{ task: { spec: { steps: [{ args: ["1", "2", "x"] }] } } }] },
  },
])("bindTask: $name", ({ task, spec = {}, given, expected }) => {
  const plan = soundly({ tasks: [embedded("a", {}, results), embedded("b", task, spec)] });
  expect(bindTask(plan, plan.tasks[1]!, outcomes(given), 0)).toMatchObject(expected as object);
});

test("finally knows how the tasks ended", () => {
  const plan = soundly({
    tasks: [embedded("a")],
    finally: [
      embedded("f", {
        params: [
          { name: "q", value: "$(tasks.a.status) $(tasks.a.reason) $(tasks.status) $(context.pipelineTask.retries)" },
        ],
        retries: 2,
      }),
    ],
  });
  const bound = bindTask(plan, plan.finally[0]!, outcomes({}, "Failed"), 0);
  expect(bound).toMatchObject({
    runs: [
      {
        params: [{ value: "Failed Failed Failed 2" }],
        labels: { "tekton.dev/memberOf": "finally", "tekton.dev/pipelineTask": "f" },
      },
    ],
  });
});

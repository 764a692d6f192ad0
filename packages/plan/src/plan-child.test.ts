import { sourceFile } from "@lapcat/diagnostic";
import { type Origin, type PipelineRunSpec, type PipelineSpec, type ResolvedPipelineRun } from "@lapcat/tekton";
import { expect, test } from "vitest";
import {
  asPipelineTaskName,
  bindTask,
  type BoundPipelineRun,
  planChild,
  planRun,
  previewChild,
  type RunPlan,
} from "./index.ts";

const span = { file: sourceFile("run.yaml", ""), start: 0, end: 0 };
const spans = { spanOf: () => span, keySpanOf: () => span };
const origin: Origin = {
  document: { source: span.file, index: 0, value: {}, jsonTextAt: () => undefined, ...spans },
  ...spans,
};
const around = { origin, path: [], provenance: { uri: "", digest: {} } };
const embedded = { ...around, embedded: true, labels: {}, annotations: {} };
const steps = [{ image: "i" }];

const inner: PipelineSpec = {
  params: [{ name: "word" }, { name: "list", type: "array", default: ["a"] }],
  workspaces: [{ name: "files" }],
  tasks: [
    {
      name: "x",
      params: [{ name: "says", value: "$(params.word) in $(context.pipeline.name)" }],
      workspaces: [{ name: "in", workspace: "files", subPath: "deep" }],
      taskSpec: { params: [{ name: "says" }], workspaces: [{ name: "in" }], steps },
    },
  ],
};

/** A run of one task, which is the Pipeline `inner`, or the Pipeline that is embedded. */
function parent(child: object, run: PipelineRunSpec = {}, isReferred = false): RunPlan {
  const spec: PipelineSpec = {
    workspaces: [{ name: "shared" }],
    tasks: [
      { name: "make", taskSpec: { results: [{ name: "word" }], steps } },
      {
        name: "child",
        ...(isReferred ? { pipelineRef: { name: "inner" } } : { pipelineSpec: inner }),
        workspaces: [{ name: "files", workspace: "shared", subPath: "below" }],
        ...child,
      },
    ],
  };
  const x = { ...embedded, name: undefined, spec: inner.tasks?.[0]?.taskSpec ?? {} };
  const make = { ...embedded, name: undefined, spec: spec.tasks?.[0]?.taskSpec ?? {} };
  const pipeline = { ...embedded, spec: inner, ...(isReferred && { embedded: false, labels: { of: "inner" } }) };
  const resolved: ResolvedPipelineRun = {
    kind: "PipelineRun",
    run: {
      resource: {
        apiVersion: "tekton.dev/v1",
        kind: "PipelineRun",
        metadata: {
          name: "run",
          uid: "u",
          labels: { team: "t" },
          annotations: { note: "n", "chains.tekton.dev/signed": "x" },
        },
        spec: {
          pipelineSpec: spec,
          workspaces: [{ name: "shared", volumeClaimTemplate: { spec: {} } }],
          ...run,
        },
      },
      origin,
    },
    pipeline: { ...embedded, name: "run", spec },
    tasks: new Map([["make", make]]),
    children: new Map([
      [
        "child",
        { kind: "pipeline", pipeline: { ...pipeline, name: "inner" }, tasks: new Map([["x", x]]), children: new Map() },
      ],
    ]),
    objects: { secrets: new Map(), configMaps: new Map(), serviceAccounts: new Map(), claims: new Map() },
  };
  const plan = planRun(resolved, { simulated: true });
  if (!plan.ok) throw new Error(plan.diagnostics.map(({ message }) => message).join("\n"));
  return plan.value;
}

/** Bound once `make` gave this. */
function bound(plan: RunPlan, word = "hello"): BoundPipelineRun {
  const task = plan.tasks.find(({ name }) => name === asPipelineTaskName("child"));
  const made = {
    status: "Succeeded",
    reason: "Succeeded",
    finished: true,
    taskRuns: [{ name: plan.tasks[0]!.taskRunName, results: [{ name: "word", type: "string", value: word }] }],
  } as const;
  const outcomes = { tasks: new Map([[asPipelineTaskName("make"), made]]), aggregate: "None" } as const;
  const binding = task && bindTask(plan, task, outcomes, 0);
  const run = binding?.kind === "bound" ? binding.runs[0] : undefined;
  if (run?.kind !== "PipelineRun") throw new Error(JSON.stringify(binding));
  return run;
}

const takesWord = { params: [{ name: "word", value: "$(tasks.make.results.word)" }] };

test("a child is a PipelineRun of its own, with its parent's claim below both sub-paths, and the values it is given", () => {
  const plan = parent(takesWord);
  const child = planChild(plan, bound(plan));
  expect(child.identity).toMatchObject({ name: "run-child", namespace: "default" });
  const [x] = child.tasks;
  expect(x).toMatchObject({ taskRunName: "run-child-x", pipelineTask: { params: [{ value: "hello in run-child" }] } });
  const claim = plan.tasks[1]?.workspaces[0]?.source;
  expect(claim).toMatchObject({ kind: "claim", scope: "run" });
  expect(x?.workspaces).toEqual([{ name: "in", subPath: "below/deep", source: claim }]);
  expect(child.written.workspaces).toMatchObject([{ name: "files", subPath: "below", persistentVolumeClaim: {} }]);
  expect(child.timeouts.pipeline).toBe(60 * 60_000);
});

test.for([
  { what: "an embedded Pipeline", isReferred: false, name: "run-child", more: {} },
  { what: "a referenced Pipeline", isReferred: true, name: "inner", more: { of: "inner" } },
])("labels: its parent's, who its parent is, and $what's", ({ isReferred, name, more }) => {
  const plan = parent(takesWord, {}, isReferred);
  expect(planChild(plan, bound(plan)).identity).toMatchObject({
    labels: {
      team: "t",
      ...more,
      "tekton.dev/pipeline": name,
      "tekton.dev/pipelineRun": "run",
      "tekton.dev/pipelineRunUID": "u",
      "tekton.dev/pipelineTask": "child",
      "tekton.dev/memberOf": "tasks",
    },
    annotations: { note: "n" },
  });
});

test("it has its parent's taskRunTemplate, and not its timeouts or taskRunSpecs", () => {
  const plan = parent(takesWord, {
    timeouts: { pipeline: "2m" },
    taskRunTemplate: { serviceAccountName: "bot", podTemplate: { nodeSelector: { a: "b" } } },
    taskRunSpecs: [{ pipelineTaskName: "child", serviceAccountName: "other" }],
  });
  const [x] = planChild(plan, bound(plan)).tasks;
  expect(x).toMatchObject({ serviceAccountName: "bot", podTemplate: { nodeSelector: { a: "b" } }, timeout: 3_600_000 });
});

test.for([
  { what: "a param", child: {}, reason: "ParameterMissing" },
  {
    what: "a param of another type",
    child: { params: [{ name: "word", value: ["a"] }] },
    reason: "ParameterTypeMismatch",
  },
  { what: "a workspace", child: { ...takesWord, workspaces: [] }, reason: "InvalidWorkspaceBindings" },
  {
    what: "what a matrix gives",
    child: { matrix: { params: [{ name: "word", value: ["a", "b"] }] } },
    reason: "ParameterMissing",
  },
])("without $what it ends as in a cluster, and has no tasks", ({ child, reason }) => {
  const plan = parent(child);
  expect(planChild(plan, bound(plan))).toMatchObject({ failure: { reason }, tasks: [], finally: [] });
});

test("before anything ran, what is open of the parent is no reference of the child's own", () => {
  const plan = parent({ params: [{ name: "word", value: "$(tasks.make.results.word)" }] });
  const task = plan.tasks[1];
  const child = task?.kind === "pipeline" ? previewChild(plan, task) : undefined;
  expect(child?.tasks[0]).toMatchObject({ resultsFrom: [], predecessors: [] });
  expect(child?.tasks[0]?.pipelineTask.params?.[0]?.value).toContain("$(parent.tasks.make.results.word)");
});

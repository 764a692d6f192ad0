import { sourceFile } from "@lapcat/diagnostic";
import { type Origin, type PipelineRunSpec, type PipelineSpec, type PipelineTask } from "@lapcat/tekton";
import { expect, test } from "vitest";
import {
  asPipelineTaskName,
  type Given,
  missingInputs,
  omittedTasks,
  type RunPlan,
  type Selection,
  whenNeeds,
  withoutTask,
  planRun,
} from "./index.ts";

const span = { file: sourceFile("run.yaml", ""), start: 0, end: 0 };
const place = { spanOf: () => span, keySpanOf: () => span };
const origin: Origin = {
  ...place,
  document: { ...place, source: span.file, index: 0, value: {}, jsonTextAt: () => undefined },
};
const step = { name: "s", image: "i" };

function planOf(spec: PipelineSpec, run: PipelineRunSpec): RunPlan {
  const common = { labels: {}, annotations: {}, origin, provenance: { uri: "run.yaml", digest: {} }, path: ["spec"] };
  const tasks = [...(spec.tasks ?? []), ...(spec.finally ?? [])].map(
    (each) => [each.name, { ...common, name: undefined, spec: each.taskSpec ?? {}, embedded: true }] as const,
  );
  const metadata = { name: "run", namespace: "default", uid: "u" };
  const planned = planRun({
    kind: "PipelineRun",
    run: { resource: { apiVersion: "tekton.dev/v1", kind: "PipelineRun", metadata, spec: run }, origin },
    pipeline: { ...common, name: "p", spec, embedded: false },
    tasks: new Map(tasks),
    children: new Map(),
    objects: { secrets: new Map(), configMaps: new Map(), serviceAccounts: new Map(), claims: new Map() },
  });
  if (!planned.ok) throw new Error(JSON.stringify(planned.diagnostics.map(({ message }) => message)));
  return planned.value;
}
const task = (name: string, more: Partial<PipelineTask> = {}): PipelineTask => ({
  name,
  taskSpec: { results: [{ name: "r" }, { name: "list", type: "array" }], steps: [step] },
  ...more,
});

const workspace = { workspaces: [{ name: "src" }] };
const spec: PipelineSpec = {
  workspaces: [{ name: "src" }],
  tasks: [
    task("clone", workspace),
    task("lint", { runAfter: ["clone"] }),
    task("build", { runAfter: ["lint"], params: [{ name: "p", value: "$(tasks.clone.results.r)" }], ...workspace }),
    task("scan", { runAfter: ["build"] }),
    task("deploy", {
      runAfter: ["build"],
      when: [{ input: "$(tasks.build.results.r)", operator: "in", values: ["x"] }],
    }),
    task("other"),
  ],
  finally: [task("tidy", { params: [{ name: "p", value: "$(tasks.clone.results.r)" }] })],
};

const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1" } } };
const plan = planOf(spec, { workspaces: [{ name: "src", volumeClaimTemplate: { spec: claim } }] });

const nothing: Selection = { only: [], from: [], until: [] };
const given = (more: Partial<Given> = {}): Given => ({ outcomes: new Map(), claims: new Set(), ...more });
const all = [...plan.tasks, ...plan.finally].map(({ name }) => name as string);

test.for([
  ["nothing chosen is all of it", nothing, all],
  ["one task by itself, without finally", { ...nothing, only: ["build"] }, ["build"]],
  ["a task of finally by itself", { ...nothing, only: ["tidy"] }, ["tidy"]],
  ["a task and all that follow from it", { ...nothing, from: ["build"] }, ["build", "scan", "deploy", "tidy"]],
  [
    "all that a task needs, by runAfter or a result",
    { ...nothing, until: ["build"] },
    ["clone", "lint", "build", "tidy"],
  ],
  ["what is between two", { ...nothing, from: ["lint"], until: ["build"] }, ["lint", "build", "tidy"]],
  ["what follows from any of several", { ...nothing, from: ["scan", "other"] }, ["scan", "other", "tidy"]],
] as const)("%s", ([, selection, expected]) => {
  const omitted = omittedTasks(plan, selection);
  if (!omitted.ok) throw new Error(JSON.stringify(omitted.diagnostics));
  const out = new Set(omitted.value.map(({ name }) => name as string));
  expect(all.filter((name) => !out.has(name)).sort()).toEqual([...expected].sort());
});

test.for([
  [
    "a task that is not there",
    { ...nothing, only: ["biuld"] },
    ['the Pipeline has no task "biuld"', "did you mean build?"],
  ],
  [
    "both ways at once",
    { ...nothing, only: ["build"], from: ["build"] },
    ["--only names all that is run, so it goes with neither --from nor --until", undefined],
  ],
  [
    "a part that holds nothing",
    { ...nothing, from: ["scan"], until: ["lint"] },
    ["no task follows from scan and is needed by lint", undefined],
  ],
  [
    "a place in finally",
    { ...nothing, from: ["tidy"] },
    ["tidy is in finally, which has no order: name it with --only", undefined],
  ],
] as const)("%s is refused", ([, selection, [message, hint]]) => {
  const omitted = omittedTasks(plan, selection);
  expect(omitted.ok).toBe(false);
  expect(omitted.diagnostics.map((each) => [each.message, each.hint])).toEqual([[message, hint]]);
});

function missing(selection: Partial<Selection>, what: Given): readonly string[] {
  const omitted = omittedTasks(plan, { ...nothing, ...selection });
  if (!omitted.ok) throw new Error("the selection is sound");
  return missingInputs(plan, omitted.value, what).map(({ code, message }) => `${code}: ${message}`);
}

const clone = asPipelineTaskName("clone");
const outcome = (results: readonly { readonly name: string; readonly value: string }[]) => ({
  status: "Succeeded" as const,
  reason: "Succeeded",
  finished: true,
  taskRuns: [{ name: "run-clone" as never, results: results.map((each) => ({ ...each, type: "string" as const })) }],
});
const claims = new Set(
  plan.tasks.flatMap(({ workspaces }) =>
    workspaces.flatMap(({ source }) => (source.kind === "claim" ? [source.claimName] : [])),
  ),
);

test("what a part takes from tasks that are left out is told by name, unless it is given", () => {
  const only = { only: ["build"] };
  const result = 'result.missing: task build takes the result "r" of task clone, which is left out';
  const volume =
    'workspace.missing: task build shares workspace "src" with task clone, which is left out: its volume would be empty';
  expect(missing(only, given())).toEqual([result, volume]);
  expect(missing(only, given({ claims }))).toEqual([result]);
  expect(missing(only, given({ outcomes: new Map([[clone, outcome([{ name: "r", value: "x" }])]]) }))).toEqual([
    volume,
  ]);
  expect(missing(only, given({ outcomes: new Map([[clone, outcome([])]]), claims }))).toEqual([result]);
});

test("a task of finally needs nothing: it is skipped where a result is missing; nor does what comes first in a volume", () => {
  expect(missing({ only: ["tidy"] }, given())).toEqual([]);
  expect(missing({ until: ["clone"] }, given())).toEqual([]);
});

test("without a task nobody waits for it, and what was given stands for it", () => {
  const left = withoutTask(
    withoutTask(plan, clone, outcome([{ name: "r", value: "x" }])),
    asPipelineTaskName("lint"),
    undefined,
  );
  expect(left.tasks.map(({ name }) => name)).toEqual(["build", "scan", "deploy", "other"]);
  expect(left.tasks[0]?.predecessors).toEqual([]);
  expect([...(left.omitted?.keys() ?? [])]).toEqual(["clone", "lint"]);
});

test("a condition is known as soon as all that it names is", () => {
  const deploy = plan.tasks.find(({ name }) => name === "deploy");
  if (deploy === undefined) throw new Error("it is there");
  expect(whenNeeds(plan, deploy).map(({ known }) => known)).toEqual([{ waitsFor: ["result r of task build"] }]);
  const build = asPipelineTaskName("build");
  const left = withoutTask(plan, build, outcome([{ name: "r", value: "x" }]));
  expect(whenNeeds(left, deploy).map(({ condition, known }) => [condition.input, known])).toEqual([
    ["x", { holds: true }],
  ]);
  const other = withoutTask(plan, build, outcome([{ name: "r", value: "y" }]));
  expect(whenNeeds(other, deploy).map(({ known }) => known)).toEqual([{ holds: false }]);
});

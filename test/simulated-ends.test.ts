import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Condition } from "../packages/tekton/src/index.ts";
import { type Flags, simulated } from "./simulated.ts";

/** What upstream's reconcilers make of a run, worked out from their source: `name: status reason: message` of the run and its children. */
interface Case {
  readonly name: string;
  readonly spec: object;
  readonly kind?: "TaskRun";
  readonly others?: readonly object[];
  readonly outcomes?: object;
  readonly flags?: Partial<Flags>;
  readonly ends: readonly string[];
}

const step = { name: "s", image: "alpine" };
const shell = (script: string): object => ({ ...step, script });
const tasks = (...all: readonly object[]): object => ({ pipelineSpec: { tasks: all } });
const failedOne = "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0";
const podFailed = (taskRun: string, why: string, whose = "invalid TaskSpec"): string =>
  `${taskRun}: False PodCreationFailed: failed to create task run pod "${taskRun}": ${why}. Maybe ${whose}`;

const cases: readonly Case[] = [
  {
    name: "a param that nobody declares, in a step of `finally`, which admission does not look at, makes no Pod",
    spec: {
      pipelineSpec: {
        tasks: [{ name: "a", taskSpec: { steps: [step] } }],
        finally: [{ name: "f", retries: 1, taskSpec: { steps: [shell("echo $(params.nope)")] } }],
      },
    },
    ends: [
      "run: False Failed: Tasks Completed: 2 (Failed: 1, Cancelled 0), Skipped: 0",
      "run-a: True Succeeded: All Steps have completed executing",
      podFailed("run-f", 'non-existent variable in "echo $(params.nope)": steps[0].script'),
    ],
  },
  {
    name: "a result that reads as a context that is none makes its consumer no Pod",
    spec: tasks(
      { name: "a", taskSpec: { results: [{ name: "r" }], steps: [step] } },
      {
        name: "b",
        params: [{ name: "p", value: "$(tasks.a.results.r)" }],
        taskSpec: { params: [{ name: "p" }], steps: [{ ...step, args: ["$(params.p)"] }] },
      },
    ),
    outcomes: { a: { results: { r: "$(context.taskRun.nope)" } } },
    ends: [
      "run: False Failed: Tasks Completed: 2 (Failed: 1, Cancelled 0), Skipped: 0",
      "run-a: True Succeeded: All Steps have completed executing",
      podFailed("run-b", 'non-existent variable in "$(context.taskRun.nope)": steps[0].args[0]'),
    ],
  },
  {
    name: "a step's onError that a param makes senseless makes no Pod",
    kind: "TaskRun",
    spec: {
      params: [{ name: "p", value: "maybe" }],
      taskSpec: { params: [{ name: "p" }], steps: [{ ...step, onError: "$(params.p)" }] },
    },
    ends: [
      podFailed(
        "run",
        'invalid value: "maybe": steps[0].onError\nTask step onError must be either "continue" or "stopAndFail"',
      ),
    ],
  },
  {
    name: "two workspaces that params put at one place make no Pod",
    kind: "TaskRun",
    others: [
      {
        kind: "Task",
        metadata: { name: "t" },
        spec: {
          params: [{ name: "p" }],
          steps: [step],
          workspaces: [
            { name: "v", mountPath: "/x/y" },
            { name: "w", mountPath: "/x/$(params.p)" },
          ],
        },
      },
    ],
    spec: {
      taskRef: { name: "t" },
      params: [{ name: "p", value: "y" }],
      workspaces: [
        { name: "v", emptyDir: {} },
        { name: "w", emptyDir: {} },
      ],
    },
    ends: [
      podFailed(
        "run",
        'workspace mount path "/x/y" must be unique: workspaces[1].mountpath',
        "missing or invalid Task default/t",
      ),
    ],
  },
  {
    name: "a step that asks for more than its limit",
    spec: tasks({
      name: "a",
      taskSpec: { steps: [{ ...step, computeResources: { requests: { memory: "2Gi" }, limits: { memory: "1Gi" } } }] },
    }),
    ends: [
      `run: False Failed: ${failedOne}`,
      "run-a: False TaskRunValidationFailed: [User error] invalid request resource value: 2Gi must be less or equal to limit 1Gi",
    ],
  },
  {
    name: "a StepAction that is not there",
    spec: tasks(
      { name: "a", taskSpec: { steps: [{ name: "s", ref: { name: "nope" } }] } },
      { name: "b", taskSpec: { steps: [step] } },
    ),
    ends: [
      "run: False Failed: Tasks Completed: 2 (Failed: 1, Cancelled 0), Skipped: 0",
      'run-a: False TaskRunResolutionFailed: failed to resolve step ref for step "s" (index 0): stepactions.tekton.dev "nope" not found',
      "run-b: True Succeeded: All Steps have completed executing",
    ],
  },
  {
    name: "a workspace that nobody binds has the cluster's default",
    spec: tasks({ name: "a", taskSpec: { workspaces: [{ name: "w" }], steps: [step] } }),
    flags: { defaults: { "default-task-run-workspace-binding": "emptyDir: {}" } },
    ends: [
      "run: True Succeeded: Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0",
      "run-a: True Succeeded: All Steps have completed executing",
    ],
  },
  {
    name: "and without one it fails its TaskRun",
    spec: tasks({ name: "a", taskSpec: { workspaces: [{ name: "w" }], steps: [step] } }),
    ends: [
      `run: False Failed: ${failedOne}`,
      'run-a: False TaskRunValidationFailed: [User error] declared workspace "w" is required but has not been bound',
    ],
  },
  {
    name: "a csi volume is there, as far as control flow goes",
    spec: {
      workspaces: [{ name: "w", csi: { driver: "d" } }],
      ...tasks({ name: "a", workspaces: [{ name: "w" }], taskSpec: { workspaces: [{ name: "w" }], steps: [step] } }),
    },
    ends: [
      "run: True Succeeded: Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0",
      "run-a: True Succeeded: All Steps have completed executing",
    ],
  },
  {
    name: "a PipelineTask's onError that a param makes senseless",
    spec: {
      params: [{ name: "p", value: "maybe" }],
      pipelineSpec: {
        params: [{ name: "p" }],
        tasks: [{ name: "a", onError: "$(params.p)", taskSpec: { steps: [step] } }],
      },
    },
    ends: [
      'run: False PipelineValidationFailed: [User error] Pipeline default/run can\'t be Run; it has an invalid spec: invalid value: maybe: OnError\nPipelineTask OnError must be either "continue" or "stopAndFail"',
    ],
  },
  {
    name: "a default that names an element of a list that has its default too",
    spec: {
      pipelineSpec: {
        params: [
          { name: "l", type: "array", default: ["x"] },
          { name: "p", default: "$(params.l[0])" },
        ],
        tasks: [{ name: "a", taskSpec: { steps: [step] } }],
      },
    },
    ends: [
      'run: False PipelineValidationFailed: [User error] Failed to apply parameters to Pipeline default/run: parameter resolution failed: param "params.p" references undefined param "params.l[0]"',
    ],
  },
  {
    name: "the same where the run gives the list",
    spec: {
      params: [{ name: "l", value: ["y"] }],
      pipelineSpec: {
        params: [
          { name: "l", type: "array", default: ["x"] },
          { name: "p", default: "$(params.l[0])" },
        ],
        tasks: [{ name: "a", taskSpec: { steps: [shell("$(params.p)")] } }],
      },
    },
    ends: [
      "run: True Succeeded: Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0",
      "run-a: True Succeeded: All Steps have completed executing",
    ],
  },
];

const scratch = mkdtempSync(join(tmpdir(), "lapcat-ends-"));

test.for(cases)("$name", async ({ spec, kind = "PipelineRun", others = [], outcomes = {}, flags = {}, ends }) => {
  const documents = [{ kind, metadata: { name: "run" }, spec }, ...others];
  const file = join(scratch, "run.yaml");
  writeFileSync(
    file,
    documents.map((each) => JSON.stringify({ apiVersion: "tekton.dev/v1", ...each })).join("\n---\n"),
  );
  const { list, told } = await simulated(file, outcomes, { gate: "alpha-all", flags: {}, defaults: {}, ...flags });
  expect(list === undefined ? told : list.items.map(({ metadata, status }) => endOf(metadata.name, status))).toEqual(
    ends,
  );
});

function endOf(name = "", { conditions: [end] }: { readonly conditions: readonly Condition[] }): string {
  return `${name}: ${end?.status} ${end?.reason}: ${end?.message}`;
}

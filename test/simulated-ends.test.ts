import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type RunList } from "../packages/run/src/index.ts";
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
  /**
   * What was skipped, what the run gives, params, names and parts of workspaces: `run: skipped TASK: reason`, `run: result R=value`, `name: param P=value`, `run: TASKRUN is DISPLAYNAME`,
   * `name: part SUBPATH`.
   */
  readonly tells?: readonly string[];
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

const produces = (name: string, more: object = {}): object => ({
  name,
  taskSpec: { results: [{ name: "r" }], steps: [step] },
  ...more,
});
const fannedOut = {
  name: "m",
  taskSpec: { params: [{ name: "p" }, { name: "q", default: "" }], results: [{ name: "r" }], steps: [step] },
};
const never = [{ input: "a", operator: "in", values: ["b"] }];

const flows: readonly Case[] = [
  {
    name: "what has no Pod is at its end at once, whatever was said of its Pod",
    spec: tasks({ name: "a", taskSpec: { workspaces: [{ name: "w" }], steps: [step] } }, produces("b")),
    outcomes: { a: { hang: true, advance: "2h", cancelRun: true } },
    ends: [
      "run: False Failed: Tasks Completed: 2 (Failed: 1, Cancelled 0), Skipped: 0",
      'run-a: False TaskRunValidationFailed: [User error] declared workspace "w" is required but has not been bound',
      "run-b: True Succeeded: All Steps have completed executing",
    ],
  },
  {
    name: "a run that was written to be cancelled is so, though it could not begin",
    spec: { ...tasks({ name: "a", taskSpec: { params: [{ name: "p" }], steps: [step] } }), status: "Cancelled" },
    ends: ['run: False Cancelled: PipelineRun "run" was cancelled'],
  },
  {
    name: "a task whose params take the result of a skipped one is skipped",
    spec: tasks(produces("a", { when: never }), {
      name: "b",
      params: [{ name: "p", value: "$(tasks.a.results.r)" }],
      taskSpec: { params: [{ name: "p" }], steps: [step] },
    }),
    ends: ["run: True Completed: Tasks Completed: 0 (Failed: 0, Cancelled 0), Skipped: 2"],
    tells: ["run: skipped a: When Expressions evaluated to false", "run: skipped b: Results were missing"],
  },
  {
    name: "one of which only a step takes it is not, and the run is invalid",
    spec: tasks(produces("a", { when: never }), {
      name: "b",
      taskSpec: { steps: [shell("echo $(tasks.a.results.r)")] },
    }),
    ends: [
      'run: False PipelineValidationFailed: Tasks Completed: 0 (Failed: 0, Cancelled 0), Skipped: 1, Failed Validation: 1 (Result reference error: Internal result ref "a" has zero-length TaskRuns)',
    ],
    tells: ["run: skipped a: PipelineRun was stopping"],
  },
  {
    name: "and one of which only a matrix does is skipped where another of its lists is empty",
    spec: tasks(produces("a", { when: never }), {
      ...fannedOut,
      matrix: {
        params: [{ name: "p", value: [] }],
        include: [{ params: [{ name: "q", value: "$(tasks.a.results.r)" }] }],
      },
    }),
    ends: ["run: True Completed: Tasks Completed: 0 (Failed: 0, Cancelled 0), Skipped: 2"],
    tells: [
      "run: skipped a: When Expressions evaluated to false",
      "run: skipped m: Matrix Parameters have an empty array",
    ],
  },
  {
    name: "a matrix is fanned out before its lengths and retries are known, which reach params only",
    spec: tasks({
      ...fannedOut,
      params: [
        { name: "q", value: "$(context.pipelineTask.retries) $(tasks.m.matrix.length) $(tasks.m.matrix.length)" },
      ],
      matrix: { params: [{ name: "p", value: ["$(context.pipelineTask.retries)", "$(tasks.m.matrix.length)"] }] },
    }),
    ends: [
      "run: True Succeeded: Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0",
      "run-m-0: True Succeeded: All Steps have completed executing",
      "run-m-1: True Succeeded: All Steps have completed executing",
    ],
    tells: [
      "run-m-0: param p=$(context.pipelineTask.retries)",
      "run-m-0: param q=0 2 2",
      "run-m-1: param p=$(tasks.m.matrix.length)",
      "run-m-1: param q=0 2 2",
    ],
  },
  {
    name: "a run that is out of time gives the results it has",
    spec: {
      pipelineSpec: {
        tasks: [produces("a"), produces("b", { runAfter: ["a"] })],
        results: [
          { name: "one", value: "$(tasks.a.results.r)" },
          { name: "two", value: "$(tasks.b.results.r)" },
        ],
      },
      timeouts: { pipeline: "1h" },
    },
    outcomes: { b: { advance: "61m" } },
    ends: [
      'run: False PipelineRunTimeout: PipelineRun "run" failed to finish within "1h0m0s"',
      "run-a: True Succeeded: All Steps have completed executing",
      'run-b: False TaskRunTimeout: TaskRun "run-b" failed to finish within "1h0m0s"',
    ],
    tells: ["run: result one=a-r"],
  },
  {
    name: "and none where it is looked at only after twice its time",
    spec: {
      pipelineSpec: {
        tasks: [produces("a"), produces("b", { runAfter: ["a"] })],
        results: [{ name: "one", value: "$(tasks.a.results.r)" }],
      },
      timeouts: { pipeline: "1h" },
    },
    outcomes: { b: { advance: "3h" } },
    ends: [
      'run: False PipelineRunTimeout: PipelineRun "run" failed to finish within "1h0m0s"',
      "run-a: True Succeeded: All Steps have completed executing",
      'run-b: False TaskRunTimeout: TaskRun "run-b" failed to finish within "1h0m0s"',
    ],
    tells: [],
  },
  {
    name: "an object without any key is not asked for the keys it lacks, in a result neither",
    spec: tasks({
      name: "a",
      params: [{ name: "o", value: {} }],
      taskSpec: {
        params: [{ name: "o", type: "object", properties: { k: {} } }],
        results: [{ name: "r", type: "object", properties: { k: {} } }],
        steps: [step],
      },
    }),
    outcomes: { a: { results: { r: {} } } },
    ends: [
      "run: True Succeeded: Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0",
      "run-a: True Succeeded: All Steps have completed executing",
    ],
    tells: ["run-a: param o={}"],
  },
  {
    name: "a workspace that is optional for the Pipeline is told of where a task names it twice",
    spec: {
      pipelineSpec: {
        workspaces: [{ name: "w", optional: true }],
        tasks: ["a", "b"].map((name) => ({
          name,
          workspaces: [{ name: "w", ...(name === "b" && { workspace: "w" }) }],
          taskSpec: { workspaces: [{ name: "w" }], steps: [step] },
        })),
      },
    },
    ends: [
      'run: False RequiredWorkspaceMarkedOptional: [User error] Optional workspace not supported by task: pipeline workspace "w" is marked optional but pipeline task "b" requires it be provided',
    ],
  },
  {
    name: "a workspace that nobody binds ends the run where its task is to be made: what comes before it was begun",
    spec: tasks(produces("a"), { name: "b", taskSpec: { steps: [shell("ls $(workspaces.w.path)")] } }, produces("c")),
    ends: [
      'run: False CreateRunFailed: expected workspace "w" to be provided by pipelinerun for pipeline task "b"',
      "run-a: True Succeeded: All Steps have completed executing",
    ],
  },
  {
    name: "and never where its task is skipped",
    spec: tasks(produces("a"), { name: "b", when: never, taskSpec: { steps: [shell("ls $(workspaces.w.path)")] } }),
    ends: [
      "run: True Completed: Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 1",
      "run-a: True Succeeded: All Steps have completed executing",
    ],
  },
  {
    name: "a value that a Task does not allow ends the run there too",
    spec: tasks(produces("a"), {
      name: "b",
      params: [{ name: "p", value: "z" }],
      taskSpec: { params: [{ name: "p", enum: ["x", "y"] }], steps: [step] },
    }),
    ends: [
      'run: False InvalidParamValue: [User error] Invalid param value from PipelineTask "b": param `p` value: z is not in the enum list',
      "run-a: True Succeeded: All Steps have completed executing",
    ],
  },
  {
    name: "an object that is passed on whole lacks a key that the Task wants",
    spec: {
      params: [{ name: "o", value: { k: "v" } }],
      pipelineSpec: {
        params: [{ name: "o", type: "object", properties: { k: {} } }],
        tasks: [
          {
            name: "a",
            params: [{ name: "q", value: "$(params.o[*])" }],
            taskSpec: { params: [{ name: "q", type: "object", properties: { l: {} } }], steps: [step] },
          },
        ],
      },
    },
    ends: [
      "run: False PipelineValidationFailed: [User error] Validation failed for pipelinerun run with error invalid input params for task : missing keys for these params which are required in ParamSpec's properties map[q:[l]]",
    ],
  },
  {
    name: "what a step takes of a task is shown wherever it is named later on",
    spec: {
      pipelineSpec: {
        tasks: [
          produces("a"),
          { name: "b", displayName: "of $(tasks.a.results.r)", taskSpec: { steps: [shell("$(tasks.a.results.r)")] } },
          produces("c", { runAfter: ["b"], displayName: "after $(tasks.a.results.r)" }),
        ],
      },
    },
    ends: [
      "run: True Succeeded: Tasks Completed: 3 (Failed: 0, Cancelled 0), Skipped: 0",
      "run-a: True Succeeded: All Steps have completed executing",
      "run-b: True Succeeded: All Steps have completed executing",
      "run-c: True Succeeded: All Steps have completed executing",
    ],
    tells: ["run: run-b is of a-r", "run: run-c is after a-r"],
  },
  {
    name: "a part of a workspace is named by a result that the task takes, and stays as written where it takes none",
    spec: {
      workspaces: [{ name: "w", emptyDir: {} }],
      pipelineSpec: {
        workspaces: [{ name: "w" }],
        tasks: [
          produces("a"),
          ...["b", "c"].map((name) => ({
            name,
            runAfter: ["a"],
            ...(name === "b" && { params: [{ name: "p", value: "$(tasks.a.results.r)" }] }),
            workspaces: [{ name: "w", subPath: "x/$(tasks.a.results.r)" }],
            taskSpec: { workspaces: [{ name: "w" }], steps: [step] },
          })),
        ],
      },
    },
    ends: [
      "run: True Succeeded: Tasks Completed: 3 (Failed: 0, Cancelled 0), Skipped: 0",
      "run-a: True Succeeded: All Steps have completed executing",
      "run-b: True Succeeded: All Steps have completed executing",
      "run-c: True Succeeded: All Steps have completed executing",
    ],
    tells: ["run-b: param p=a-r", "run-b: part x/a-r", "run-c: part x/$(tasks.a.results.r)"],
  },
  {
    name: "a list of a custom task is text where a Pipeline's result takes it whole",
    spec: {
      pipelineSpec: {
        tasks: [{ name: "c", taskRef: { apiVersion: "example.dev/v1", kind: "Wait", name: "w" } }],
        results: [{ name: "one", type: "object", value: { a: "$(tasks.c.results.r)" } }],
      },
    },
    outcomes: { c: { results: { r: ["x", "y"] } } },
    ends: ["run: True Succeeded: Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0", "run-c: True Succeeded: "],
    tells: [`run: result one=${JSON.stringify({ a: '["x","y"]' })}`],
  },
  {
    name: "what has no Pod is at its end before the time of its siblings passes",
    spec: tasks(
      { name: "a", timeout: "1m", taskSpec: { workspaces: [{ name: "w" }], steps: [step] } },
      produces("b", { timeout: "1h" }),
    ),
    outcomes: { b: { advance: "2m" } },
    ends: [
      "run: False Failed: Tasks Completed: 2 (Failed: 1, Cancelled 0), Skipped: 0",
      'run-a: False TaskRunValidationFailed: [User error] declared workspace "w" is required but has not been bound',
      "run-b: True Succeeded: All Steps have completed executing",
    ],
  },
  {
    name: "in finally, a condition is asked before a result that only a matrix lacks",
    spec: {
      pipelineSpec: {
        tasks: [produces("a", { when: never })],
        finally: [
          {
            ...fannedOut,
            when: never,
            matrix: { include: [{ params: [{ name: "p", value: "$(tasks.a.results.r)" }] }] },
          },
        ],
      },
    },
    ends: ["run: True Completed: Tasks Completed: 0 (Failed: 0, Cancelled 0), Skipped: 2"],
    tells: [
      "run: skipped a: When Expressions evaluated to false",
      "run: skipped m: When Expressions evaluated to false",
    ],
  },
];

const scratch = mkdtempSync(join(tmpdir(), "lapcat-ends-"));

test.for([...cases, ...flows])("$name", async ({ spec, kind = "PipelineRun", others = [], ...told }) => {
  const { outcomes = {}, flags = {}, ends, tells } = told;
  const documents = [{ kind, metadata: { name: "run" }, spec }, ...others];
  const file = join(scratch, "run.yaml");
  writeFileSync(
    file,
    documents.map((each) => JSON.stringify({ apiVersion: "tekton.dev/v1", ...each })).join("\n---\n"),
  );
  const { list, told: said } = await simulated(file, outcomes, {
    gate: "alpha-all",
    flags: {},
    defaults: {},
    ...flags,
  });
  expect(list === undefined ? said : list.items.map(({ metadata, status }) => endOf(metadata.name, status))).toEqual(
    ends,
  );
  const shown = (list?.items ?? []).flatMap(tellsOf);
  expect(tells === undefined ? [] : shown).toEqual(tells ?? []);
});

function endOf(name = "", { conditions: [end] }: { readonly conditions: readonly Condition[] }): string {
  return `${name}: ${end?.status} ${end?.reason}: ${end?.message}`;
}

function tellsOf({ kind, metadata: { name = "" }, spec, status }: RunList["items"][number]): readonly string[] {
  const skipped = "skippedTasks" in status ? (status.skippedTasks ?? []) : [];
  const results = kind === "PipelineRun" ? (status.results ?? []) : [];
  const references = "childReferences" in status ? (status.childReferences ?? []) : [];
  const parts = "workspaces" in spec ? (spec.workspaces ?? []).map(({ subPath }) => subPath) : [];
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  return [
    ...skipped.map((each) => `${name}: skipped ${each.name}: ${each.reason}`),
    ...references.flatMap((each) =>
      each.displayName === undefined ? [] : [`${name}: ${each.name} is ${each.displayName}`],
    ),
    ...results.map((each) => `${name}: result ${each.name}=${text(each.value)}`),
    ...(spec.params ?? []).map((each) => `${name}: param ${each.name}=${text(each.value)}`),
    ...parts.flatMap((each) => (each === undefined ? [] : [`${name}: part ${each}`])),
  ];
}

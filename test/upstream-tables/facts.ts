import { planRun, asTaskRunName, type RunPlan } from "../../packages/plan/src/index.ts";
import { begin, decide, evolve, statusOf, type RunEvent, type RunState } from "../../packages/run/src/index.ts";
import { aggregateOf, dagSkips } from "../../packages/run/src/skip.ts";
import { outcomeOfTask } from "../../packages/run/src/task-outcome.ts";
import { viewOf } from "../../packages/run/src/view.ts";
import {
  withCel,
  defaultGates,
  type Param,
  type PipelineRunStatus,
  type PipelineTask,
  type ResolvedChild,
  type TaskSpec,
} from "../../packages/tekton/src/index.ts";
import { nowhere } from "./checks.ts";
import { same, type Case, type Judges } from "./case.ts";

interface Child {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly params?: readonly Param[] };
  readonly status: { readonly conditions?: readonly { readonly status: string; readonly reason?: string }[] };
}

interface Facts {
  readonly State: readonly {
    readonly PipelineTask: PipelineTask;
    readonly CustomTask: boolean;
    readonly ResolvedTask?: { readonly TaskSpec?: TaskSpec };
    readonly TaskRuns?: readonly Child[];
    readonly CustomRuns?: readonly Child[];
    readonly ChildPipelineRuns?: readonly Child[];
  }[];
  readonly SpecStatus?: "" | "Cancelled" | "CancelledRunFinally" | "StoppedRunFinally";
  readonly FinalTasksGraph?: { readonly Nodes?: Readonly<Record<string, unknown>> };
}

const { evaluateCel } = await withCel({ ...defaultGates, celInWhen: true });
const around = { origin: nowhere.origin, labels: {}, annotations: {}, provenance: { uri: "table", digest: {} } };
const custom = { apiVersion: "example.dev/v0", kind: "Example" };

/** A plan of the tasks, what they are made of made up. */
function planOf({ State: states, FinalTasksGraph: ending }: Facts, probe: PipelineTask | undefined): RunPlan {
  const isFinal = (name: string): boolean => ending?.Nodes?.[name] !== undefined;
  const isPipeline = ({ pipelineSpec, pipelineRef }: PipelineTask): boolean =>
    pipelineSpec !== undefined || pipelineRef !== undefined;
  const written = states.map(({ PipelineTask: task, CustomTask: isCustom }) =>
    isPipeline(task) ? task : { ...task, taskRef: isCustom ? custom : { name: "task" } },
  );
  const children = new Map(
    written.filter(isPipeline).map(({ name, pipelineSpec = {} }): [string, ResolvedChild] => {
      const pipeline = { ...around, name, spec: pipelineSpec, embedded: true, path: ["spec"] };
      return [name, { kind: "pipeline", pipeline, tasks: new Map(), children: new Map() }];
    }),
  );
  const spec = {
    tasks: written.filter(({ name }) => !isFinal(name)),
    finally: [...written.filter(({ name }) => isFinal(name)), ...(probe === undefined ? [] : [probe])],
  };
  const ofTasks = written.filter((each) => !isPipeline(each));
  const tasks = [...ofTasks, ...(probe === undefined ? [] : [probe])].map((task) => {
    const { params = [], matrix } = task;
    const all = [...params, ...(matrix?.params ?? []), ...(matrix?.include ?? []).flatMap((each) => each.params ?? [])];
    const declared = [...new Set(all.map(({ name }) => name))].map((name) => ({ name, default: "" }));
    const isCustom = task.taskRef === custom;
    const resolved = {
      ...around,
      name: "task",
      spec: isCustom ? {} : { params: declared, steps: [{ image: "i" }] },
      embedded: false,
      path: ["spec"],
    };
    return [task.name, isCustom ? { ...resolved, custom } : resolved] as const;
  });
  const plan = planRun(
    {
      kind: "PipelineRun",
      run: {
        resource: {
          apiVersion: "tekton.dev/v1",
          kind: "PipelineRun",
          metadata: { name: "run", namespace: "namespace", uid: "uid" },
          spec: { timeouts: { pipeline: "0" } },
        },
        origin: nowhere.origin,
      },
      pipeline: { ...around, name: "pipeline", spec, embedded: false, path: ["spec"] },
      tasks: new Map(tasks),
      children,
      objects: { secrets: new Map(), configMaps: new Map(), serviceAccounts: new Map(), claims: new Map() },
    },
    { runsCustom: () => true, simulated: true, ...(evaluateCel !== undefined && { evaluateCel }) },
  );
  if (!plan.ok) throw new Error(plan.diagnostics.map(({ message }) => message).join("\n"));
  return plan.value;
}

/** The state of a run whose children are these: started, and ended where their conditions say so. */
function stateOf(facts: Facts, probe?: PipelineTask): RunState {
  const plan = planOf(facts, probe);
  const planned = new Map([...plan.tasks, ...plan.finally].map((each) => [String(each.name), each.name]));
  const events: RunEvent[] = [
    { type: "run.started", kind: "PipelineRun", name: "run", namespace: "namespace", uid: "uid", lapcat: "" },
  ];
  const names = new Set<string>();
  for (const { PipelineTask: task, TaskRuns = [], CustomRuns = [], ChildPipelineRuns = [] } of facts.State) {
    const name = planned.get(task.name);
    const isPipeline = ChildPipelineRuns.length > 0;
    for (const { metadata, spec, status } of [...TaskRuns, ...CustomRuns, ...ChildPipelineRuns]) {
      if (name === undefined) continue;
      // The tables give several tasks' children one name.
      const taskRun = asTaskRunName(names.has(metadata.name) ? `${task.name}-${metadata.name}` : metadata.name);
      names.add(taskRun);
      const key = { taskRun, attempt: 0 };
      const started = { task: name, uid: "", params: spec.params ?? [], ...key };
      events.push(
        isPipeline ? { type: "child.started", workspaces: [], ...started } : { type: "task.started", ...started },
      );
      const [condition] = status.conditions ?? [];
      if (condition?.status === "True" || condition?.status === "False")
        events.push({
          type: "task.finished",
          status: condition.status,
          reason: condition.reason ?? "",
          message: "",
          willRetry: false,
          ...key,
        });
    }
  }
  if (facts.SpecStatus !== undefined && facts.SpecStatus !== "")
    events.push({ type: "cancel.requested", mode: facts.SpecStatus });
  return events.reduce(told, begin(plan));
}

function isOver({ status }: Child): boolean {
  return ["True", "False"].includes(status.conditions?.[0]?.status ?? "");
}

let seq = 0;
const told = (state: RunState, event: RunEvent): RunState => evolve(state, { v: 1, seq: seq++, at: 0, event });

/** What a run would start, once all that follows from its state is told. */
function queue(state: RunState): readonly string[] {
  const intents = decide(state, 0);
  const facts = intents.flatMap((each) =>
    each.do === "record" && !["child.started", "child.told"].includes(each.event.type) ? [each.event] : [],
  );
  if (facts.length > 0) return queue(facts.reduce(told, state));
  return intents.flatMap((each) => {
    if (each.do === "start-task") return [String(each.bound.planned.name)];
    return each.do === "record" && each.event.type === "child.started" ? [String(each.event.task)] : [];
  });
}

const factsOf = ({ receiver }: Case): Facts => receiver as Facts;
const prefix = "reconciler/pipelinerun/resources.PipelineRunFacts.";

export const factJudges: Judges = {
  [`${prefix}DAGExecutionQueue`]: (row) => [
    queue(stateOf(factsOf(row))).toSorted(),
    (row.expected as Facts["State"]).map(({ PipelineTask: task }) => task.name).toSorted(),
  ],
  [`${prefix}GetPipelineFinalTaskStatus`]: (row) => {
    const state = stateOf(factsOf(row));
    const { progress } = viewOf(state, 0);
    const made = state.plan.finally.map(({ name }) => [
      `tasks.${name}.status`,
      outcomeOfTask(state, progress, name)?.status ?? "None",
    ]);
    return [Object.fromEntries(made), row.expected];
  },
  // Asked as a task of `finally` asks.
  [`${prefix}GetPipelineTaskStatus`]: (row) => {
    // What a child says while it runs is told nowhere here; nobody can ask before it ended.
    const running = new Set(
      factsOf(row).State.flatMap(({ PipelineTask: task, TaskRuns = [], ChildPipelineRuns = [] }) =>
        [...TaskRuns, ...ChildPipelineRuns].every(isOver) ? [] : [`tasks.${task.name}.reason`],
      ),
    );
    const theirs = Object.entries(row.expected as object).filter(([key]) => !running.has(key));
    const keys = theirs.map(([key]) => key);
    const params = keys.map((name) => ({ name, value: `$(${name})` }));
    const state = stateOf(factsOf(row), { name: "probe", taskRef: { name: "task" }, params });
    const view = viewOf(state, 0);
    const probe = state.plan.finally.find(({ name }) => name === "probe");
    const binding = probe && view.bind(probe, aggregateOf(view, dagSkips(view)));
    const made = binding?.kind === "bound" ? (binding.pipelineTask.params ?? []) : [];
    return [Object.fromEntries(made.map(({ name, value }) => [name, value])), Object.fromEntries(theirs)];
  },
  [`${prefix}GetChildReferences`]: (row) =>
    same((statusOf(stateOf(factsOf(row))).run.status as PipelineRunStatus).childReferences, row.expected),
};

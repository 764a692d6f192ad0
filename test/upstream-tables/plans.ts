import { hasErrors } from "../../packages/diagnostic/src/index.ts";
import { planRun } from "../../packages/plan/src/index.ts";
import { withContext } from "../../packages/plan/src/pipeline-task-variables.ts";
import { enumSubsetDiagnostics, matrixTypeDiagnostics } from "../../packages/plan/src/param-check.ts";
import { findPrefixed } from "../../packages/substitution/src/index.ts";
import {
  setDefaults,
  validateResources,
  type ParamSpec,
  type PipelineRun,
  type PipelineSpec,
  type PipelineWorkspaceDeclaration,
  type ResolvedRun,
  type TaskRun,
  type TaskSpec,
} from "../../packages/tekton/src/index.ts";
import { nowhere } from "./checks.ts";
import { outcomesOf, type State } from "./state.ts";
import { same, type Case, type Judges, type Verdict } from "./case.ts";

const { origin } = nowhere;
const around = { origin, labels: {}, annotations: {}, provenance: { uri: "table", digest: {} } };
const objects = { secrets: new Map(), configMaps: new Map(), serviceAccounts: new Map(), claims: new Map() };
const custom = { apiVersion: "example.dev/v0", kind: "Example" };
const oneStep: TaskSpec = { steps: [{ image: "image" }] };

function isPlanned(run: ResolvedRun): boolean {
  const plan = planRun(run, { runsCustom: () => true });
  return plan.ok && !hasErrors(plan.diagnostics);
}

/** Whether a run of a Pipeline can be planned; its Tasks have one step and what `specOf` says. */
function planned(
  spec: PipelineSpec,
  run: PipelineRun["spec"],
  specOf: (task: string) => TaskSpec | undefined = () => undefined,
): boolean {
  const tasks = [...(spec.tasks ?? []), ...(spec.finally ?? [])].map(({ name, taskRef }) => {
    const isCustom = taskRef?.apiVersion !== undefined;
    const task = {
      ...around,
      name,
      spec: isCustom ? {} : { ...oneStep, ...specOf(name) },
      embedded: false,
      path: ["spec"],
    };
    return [name, isCustom ? { ...task, custom } : task] as const;
  });
  const resource = setDefaults({
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: { name: "run", uid: "uid" },
    spec: run,
  });
  const pipeline = { ...around, name: "pipeline", spec, embedded: false, path: ["spec"] };
  return isPlanned({
    kind: "PipelineRun",
    run: { resource, origin },
    pipeline,
    tasks: new Map(tasks),
    children: new Map(),
    objects,
  });
}

const refuses = (isRefused: boolean, { error }: Case): Verdict => [isRefused, error !== undefined];

/** Admission looks at a run before it is planned. */
function taskRunRefused(run: TaskRun, spec: TaskSpec): boolean {
  const resource = setDefaults(run);
  if (hasErrors(validateResources([{ resource, origin }]))) return true;
  const task = { ...around, name: "task", spec: { ...oneStep, ...spec }, embedded: false, path: ["spec"] };
  return !isPlanned({ kind: "TaskRun", run: { resource, origin }, task, objects });
}

export const planJudges: Judges = {
  "reconciler/pipelinerun/resources.ValidateWorkspaceBindings": (row) =>
    refuses(!planned(row.input.p, row.input.pr.spec), row),
  "reconciler/pipelinerun/resources.ValidateTaskRunSpecs": (row) =>
    refuses(!planned(row.input.p, row.input.pr.spec), row),
  "reconciler/pipelinerun/resources.ValidateOptionalWorkspaces": (row) => {
    const { state, pipelineWorkspaces } = row.input as unknown as {
      readonly state: readonly State[];
      readonly pipelineWorkspaces: readonly PipelineWorkspaceDeclaration[] | null;
    };
    const workspaces = pipelineWorkspaces ?? [];
    const spec = {
      workspaces,
      tasks: state.map(({ PipelineTask: task, CustomTask: isCustom }) => ({
        ...task,
        taskRef: isCustom ? custom : { name: "task" },
      })),
    };
    // A run may leave an optional workspace out, and the Task that needs it is what is wrong; a custom task would miss it later.
    const needed = state
      .filter(({ CustomTask: isCustom }) => isCustom)
      .flatMap(({ PipelineTask: task }) => task.workspaces ?? []);
    const isBound = ({ name, optional }: PipelineWorkspaceDeclaration): boolean =>
      optional !== true || needed.some(({ workspace }) => workspace === name);
    const bindings = workspaces.filter(isBound).map(({ name }) => ({ name, emptyDir: {} }));
    const specs = new Map(state.map((each) => [each.PipelineTask.name, each.ResolvedTask?.TaskSpec]));
    return refuses(!planned(spec, { workspaces: bindings }, (name) => specs.get(name)), row);
  },
  "reconciler/pipelinerun/resources.ValidateParameterTypesInMatrix": (row) => {
    const { state } = row.input as unknown as { readonly state: readonly State[] };
    const found = state.flatMap(({ PipelineTask: { matrix = {} } }) => matrixTypeDiagnostics(matrix, nowhere));
    return refuses(found.length > 0, row);
  },
  "reconciler/pipelinerun/resources.ValidateParamEnumSubset": (row) => {
    const { pipelineParamSpecs, pipelineTaskParams, rt } = row.input as unknown as {
      readonly pipelineParamSpecs: readonly ParamSpec[] | null;
      readonly pipelineTaskParams: Parameters<typeof enumSubsetDiagnostics>[1];
      readonly rt: State["ResolvedTask"] | null;
    };
    const specs = rt?.TaskSpec?.params ?? [];
    // Admission refuses a reference with too many names.
    const tooDeep = pipelineTaskParams.some(
      ({ value }) => typeof value === "string" && findPrefixed(value, "params").some((each) => each.tooDeep),
    );
    const found = enumSubsetDiagnostics(pipelineParamSpecs ?? [], pipelineTaskParams, specs, nowhere);
    return refuses(tooDeep || found.length > 0, row);
  },
  "reconciler/pipelinerun/resources.ApplyPipelineTaskContexts": ({ input, expected }) => {
    const { pt, facts, pipelineRunStatus } = input as unknown as {
      readonly pt: State["PipelineTask"];
      readonly facts: { readonly State?: readonly State[] } | null;
      readonly pipelineRunStatus: { readonly pipelineSpec?: PipelineSpec };
    };
    const states = facts?.State ?? [];
    const tasks = (pipelineRunStatus.pipelineSpec?.tasks ?? []).map((task) => ({
      name: task.name,
      kind: "task",
      pipelineTask: task,
      task: { spec: {} },
    }));
    return same(withContext(pt, { tasks, finally: [] } as never, outcomesOf(states)), expected);
  },
  "workspace.ValidateBindings": (row) => {
    const { decls, binds } = row.input;
    const run: TaskRun = {
      apiVersion: "tekton.dev/v1",
      kind: "TaskRun",
      metadata: { name: "run", uid: "uid" },
      spec: { taskRef: { name: "task" }, workspaces: binds ?? [] },
    };
    return refuses(taskRunRefused(run, { workspaces: decls ?? [] }), row);
  },
};

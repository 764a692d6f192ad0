import { type Diagnostic, didYouMean, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import { paramReplacements, type Replacements, stringReplacements } from "@lapcat/substitution";
import {
  isAfter,
  type PipelineTask,
  type ResolvedPipelineRun,
  type ResolvedRun,
  type ResolvedTask,
} from "@lapcat/tekton";
import { indexDiagnostics } from "./index-check.ts";
import { orderOf } from "./graph.ts";
import { pipelineRunMetadata } from "./metadata.ts";
import { enumSubsetDiagnostics, matrixTypeDiagnostics, paramDiagnostics } from "./param-check.ts";
import { pipelineParams } from "./param-values.ts";
import { replaceContexts, replaceInPipelineTask } from "./pipeline-task-replacement.ts";
import { onErrorFault } from "./on-error.ts";
import { below, error, type Place } from "./place.ts";
import { previewRun } from "./bind-task.ts";
import { lostFailure } from "./run-failure.ts";
import { clashingNames } from "./clashing-names.ts";
import { childRun, failingPlan, planPipeline, writtenIn } from "./plan-child.ts";
import { planTask, type RunWorkspace } from "./plan-task.ts";
import { planTaskRun } from "./plan-task-run.ts";
import { resultDiagnostics } from "./result-check.ts";
import { predecessorsOf } from "./result-reference.ts";
import {
  type BoundPipelineRun,
  type PlannedPipelineRun,
  type PlannedTask,
  type PlanOptions,
  type RunIdentity,
  type RunPlan,
} from "./run-plan.ts";
import { budgetsOf, defaultTimeout, limit, milliseconds } from "./timeouts.ts";
import { requestedStatus } from "./requested-status.ts";
import { unsupportedIn } from "./unsupported.ts";
import { bindingFault, replaceInBinding, sourceOf } from "./workspaces.ts";

/** Everything that can be known of a run before its clock starts, or all that stands in its way. */
export function planRun(run: ResolvedRun, options: PlanOptions = {}): Result<RunPlan> {
  const problems: Diagnostic[] = [];
  const report = (problem: Diagnostic): void => void problems.push(problem);
  const fallback = options.defaultTimeout ?? defaultTimeout;
  const plan =
    run.kind === "TaskRun"
      ? planTaskRun(run, options, report)
      : planPipelineRun(run, ofOwn(run), fallback, report, options);
  // A cluster fails the child only.
  if (plan !== undefined && options.simulated !== true) childDiagnostics(plan).forEach(report);
  if (plan !== undefined) clashingNames(plan, previewChild).forEach(report);
  return plan === undefined || hasErrors(problems) ? fail(problems) : succeed(plan, problems);
}

/** The plan of a child PipelineRun: one that ends at once where it cannot be made. */
export function planChild(parent: RunPlan, bound: BoundPipelineRun): RunPlan {
  const problems: Diagnostic[] = [];
  const resolved = childRun(parent, bound);
  const plan = planOfChild(parent, bound, resolved, (problem) => void problems.push(problem));
  const first = problems.find(({ severity }) => severity === "error");
  return plan === undefined || first !== undefined ? failingPlan(parent, resolved, first?.message ?? "") : plan;
}

/** A child PipelineRun's plan as far as it is known before anything ran. */
export function previewChild(parent: RunPlan, planned: PlannedPipelineRun): RunPlan | undefined {
  return planned.child.kind === "cycle" ? undefined : planChild(parent, previewRun(parent, planned));
}

function planOfChild(
  parent: RunPlan,
  bound: BoundPipelineRun,
  resolved: ResolvedPipelineRun,
  report: Report,
): RunPlan | undefined {
  const { place, name } = bound.planned;
  const given = new Map(bound.workspaces.map((each) => [each.name, { source: each.source, subPath: each.subPath }]));
  const { options } = parent;
  return planPipelineRun(
    resolved,
    { place, by: `task "${name}"`, given },
    options.defaultTimeout ?? defaultTimeout,
    report,
    options,
  );
}

/** Who gives a PipelineRun what it takes, and where. */
interface Giver {
  readonly place: Place;
  readonly by: string;
  /** What stands behind the workspaces of a child; without it the run's own bindings tell. */
  readonly given?: ReadonlyMap<string, RunWorkspace>;
}

function ofOwn({ run }: ResolvedPipelineRun): Giver {
  return { place: { origin: run.origin, path: ["spec"] }, by: `PipelineRun "${run.resource.metadata.name ?? ""}"` };
}

type Report = (problem: Diagnostic) => void;
/** A PipelineTask and where it was written. */
interface Written {
  readonly task: PipelineTask;
  readonly place: Place;
  readonly memberOf: "tasks" | "finally";
}

function planPipelineRun(
  resolved: ResolvedPipelineRun,
  { place: ofRun, by, given: ofParent }: Giver,
  fallback: number,
  report: Report,
  options: PlanOptions,
): RunPlan | undefined {
  const { pipeline, objects } = resolved;
  const run = resolved.run.resource;
  const ofPipeline: Place = { origin: pipeline.origin, path: pipeline.path };
  const { name = "", namespace = "default", uid = "" } = run.metadata;
  const identity: RunIdentity = { name, namespace, uid, ...pipelineRunMetadata(run, pipeline) };
  const given = {
    by,
    place: ofRun,
    path: ["params"],
    params: run.spec.params ?? [],
    ...(ofParent === undefined && { ofRun: true as const }),
  };
  paramDiagnostics(`Pipeline "${pipeline.name}"`, pipeline.spec.params ?? [], given).forEach(report);
  const params = pipelineParams(pipeline.spec.params ?? [], run.spec.params ?? [], options.tekton);
  if (params.kind === "circle") {
    report(
      error(
        "pipeline.cycle",
        ofPipeline,
        ["params"],
        `the defaults of params name one another in a circle: ${params.names.join(" → ")}`,
      ),
    );
    return undefined;
  }
  if (params.kind === "unknown") {
    const index = (pipeline.spec.params ?? []).findIndex(({ name }) => name === params.param);
    const named = /^params\.(?<name>[^.[]+)/u.exec(params.expression)?.groups?.["name"];
    const isThere = (pipeline.spec.params ?? []).some(({ name }) => name === named);
    const message = isThere
      ? `the default of param "${params.param}" names $(${params.expression}), which has no value yet when Tekton reads it`
      : `the default of param "${params.param}" names param "${named ?? ""}", which the Pipeline does not have`;
    report(error("reference.unknown", ofPipeline, ["params", index, "default"], message));
    return undefined;
  }
  const written = writtenTasks(resolved, ofPipeline);
  const order = orderOfTasks(written, report);
  const workspaces = ofParent ?? ownWorkspaces(resolved, ofRun, report, options.simulated === true);
  missingWorkspaces(resolved, by, ofRun, report);
  const budgets = budgetsOf(run.spec, fallback);
  checkTaskRunSpecs(resolved, written, ofRun, report);
  const ofParams = paramReplacements(params.values, "pipeline");
  const ofContexts = stringReplacements(contextsOf(resolved, identity));
  const ofWorkspaces = boundReplacements(resolved);
  const passes = [
    (task: PipelineTask) => replaceInPipelineTask(task, ofParams),
    (task: PipelineTask) => replaceContexts(task, ofContexts),
    (task: PipelineTask) => replaceInPipelineTask(task, ofWorkspaces),
  ];
  const planned = new Map<string, PlannedTask>();
  for (const { task, place, memberOf } of written) {
    unsupportedIn(task, place, options).forEach(report);
    if (task.matrix !== undefined) matrixTypeDiagnostics(task.matrix, place).forEach(report);
    const around = {
      run,
      identity,
      memberOf,
      runAfter: task.runAfter ?? [],
      workspaces,
      declared: pipeline.spec.workspaces ?? [],
      budgets,
      fallbackTimeout: fallback,
      place,
      ofRun,
      tekton: options.tekton,
      report,
      reportOfTask: options.simulated === true ? () => undefined : report,
      defaultWorkspace: options.defaultWorkspace,
    };
    const child = resolved.children.get(task.name);
    const definition = resolved.tasks.get(task.name);
    if (child !== undefined) {
      const replaced = passes.reduce((each, pass) => pass(each), task);
      planned.set(task.name, planPipeline(replaced, child, around));
    } else if (definition !== undefined) {
      enumSubsetDiagnostics(pipeline.spec.params ?? [], task.params ?? [], definition.spec.params ?? [], place).forEach(
        report,
      );
      const whole = propagating(task, definition);
      const passed = passes.reduce((each, pass) => pass(each), whole);
      const replaced =
        isAfter("params-propagated", options.tekton) || whole.taskSpec === undefined
          ? passed
          : { ...passed, taskSpec: whole.taskSpec };
      const fault = onErrorFault(replaced);
      if (fault !== undefined)
        report(error("field.value", place, ["onError"], `task "${task.name}": ${fault.message}`));
      planned.set(task.name, planTask(replaced, definition, around));
    } else {
      const { message } = lostFailure(`${namespace}/${pipeline.name}`, task);
      report(error(task.pipelineRef === undefined ? "task.missing" : "pipeline.missing", place, [], message));
    }
  }
  for (const { task, place } of written)
    indexDiagnostics({ ...task, taskSpec: undefined }, params.values, place).forEach(report);
  resultDiagnostics(written, pipeline.spec.results ?? [], resolved, ofPipeline).forEach(report);
  if (order === undefined) return undefined;
  const inOrder = (names: readonly string[]): readonly PlannedTask[] =>
    names.flatMap((each) => planned.get(each) ?? []);
  const requested = requestedStatus(run.spec.status, ofRun, report);
  return {
    kind: "PipelineRun",
    options,
    ...(options.tekton !== undefined && { tekton: options.tekton }),
    ...(requested !== undefined && { requested }),
    identity,
    pipeline,
    tasks: inOrder(order),
    finally: inOrder((pipeline.spec.finally ?? []).map((each) => each.name)),
    results: pipeline.spec.results ?? [],
    timeouts: { pipeline: limit(budgets.pipeline), tasks: limit(budgets.tasks), finally: limit(budgets.finally) },
    written: {
      ...writtenIn(run.spec),
      tasks: milliseconds(run.spec.timeouts?.tasks),
      finally: milliseconds(run.spec.timeouts?.finally),
    },
    objects,
  };
}

/** What stands in the way of the Pipelines in this one, and of those in them, as far as it is known before anything ran. */
function childDiagnostics(plan: RunPlan): readonly Diagnostic[] {
  return [...plan.tasks, ...plan.finally].flatMap((planned): readonly Diagnostic[] => {
    if (planned.kind === "task") return [];
    const { child, place } = planned;
    if (child.kind === "cycle") {
      const circle = [child.pipeline, ...child.within.toReversed(), child.pipeline].join(" → ");
      return [
        error("pipeline.cycle", place, ["pipelineRef", "name"], `Pipelines run in one another in a circle: ${circle}`),
      ];
    }
    const problems: Diagnostic[] = [];
    const preview = previewRun(plan, planned);
    const within = planOfChild(plan, preview, childRun(plan, preview), (problem) => void problems.push(problem));
    return [...problems, ...(within === undefined ? [] : childDiagnostics(within))];
  });
}

/** The definition that resolution found for an embedded Task is what is run. */
function propagating(task: PipelineTask, { embedded, spec, custom }: ResolvedTask): PipelineTask {
  return embedded && custom === undefined && task.taskSpec !== undefined
    ? { ...task, taskSpec: { ...task.taskSpec, ...spec } }
    : task;
}

function writtenTasks({ pipeline }: ResolvedPipelineRun, place: Place): readonly Written[] {
  const of = (memberOf: "tasks" | "finally"): readonly Written[] =>
    (pipeline.spec[memberOf] ?? []).map((task, index) => ({ task, memberOf, place: below(place, memberOf, index) }));
  return [...of("tasks"), ...of("finally")];
}

/** Edges are taken from the Pipeline as written (dag.Build): what a param's value brings in makes none. */
function orderOfTasks(written: readonly Written[], report: Report): readonly string[] | undefined {
  const dag = written.filter(({ memberOf }) => memberOf === "tasks");
  const names = new Set(dag.map(({ task }) => task.name));
  for (const { task, place } of dag) {
    (task.runAfter ?? []).forEach((each, index) => {
      if (names.has(each)) return;
      const near = didYouMean(each, names);
      report(
        error(
          "pipeline.task-unknown",
          place,
          ["runAfter", index],
          `task "${task.name}" runs after "${each}", which is no task of the Pipeline`,
          near && `did you mean "${near}"?`,
        ),
      );
    });
  }
  const order = orderOf(new Map(dag.map(({ task }) => [task.name, predecessorsOf(task)])));
  if (order.kind === "ordered") return order.names;
  const [first = ""] = order.names;
  const at = dag.find(({ task }) => task.name === first);
  if (at !== undefined) {
    const path = at.task.runAfter === undefined ? ["name"] : ["runAfter"];
    report(
      error(
        "pipeline.cycle",
        at.place,
        path,
        `tasks wait for one another in a circle: ${[...order.names, first].join(" → ")}`,
      ),
    );
  }
  return undefined;
}

/** What the run binds, by the Pipeline's names; bindings that the Pipeline does not declare may propagate (WS-8, WS-9). */
function ownWorkspaces(
  { run }: ResolvedPipelineRun,
  place: Place,
  report: Report,
  simulated: boolean,
): ReadonlyMap<string, RunWorkspace> {
  const { metadata, spec } = run.resource;
  const found = new Map<string, RunWorkspace>();
  const replacements = mergedContexts(spec.params ?? [], metadata, spec.pipelineRef?.name ?? "");
  (spec.workspaces ?? []).forEach((binding, index) => {
    const replaced = replaceInBinding(binding, replacements);
    const fault = bindingFault(replaced, place, ["workspaces", index], simulated);
    const source = sourceOf(replaced, metadata.uid ?? "");
    if (fault !== undefined) report(fault);
    else if (source !== undefined) found.set(binding.name, { source, subPath: replaced.subPath });
  });
  return found;
}

function missingWorkspaces({ run, pipeline }: ResolvedPipelineRun, by: string, place: Place, report: Report): void {
  const bound = new Set((run.resource.spec.workspaces ?? []).map((each) => each.name));
  for (const { name, optional } of pipeline.spec.workspaces ?? []) {
    if (optional === true || bound.has(name)) continue;
    const message = `Pipeline "${pipeline.name}" needs workspace "${name}", which ${by} does not bind`;
    const isRun = place.path[0] === "spec" && place.path.length === 1;
    const hint = `add \`- name: ${name}\` to ${isRun ? `spec.workspaces, or give -w name=${name},…` : "its workspaces"}`;
    report(error("workspace.missing", place, ["workspaces"], message, hint));
  }
}

function mergedContexts(
  params: Parameters<typeof paramReplacements>[0],
  metadata: ResolvedPipelineRun["run"]["resource"]["metadata"],
  pipeline: string,
): Replacements {
  const own = paramReplacements(params, "pipeline");
  const { name = "", namespace = "default", uid = "" } = metadata;
  const contexts = contextTexts(name, namespace, uid, pipeline);
  return { strings: new Map([...own.strings, ...Object.entries(contexts)]), arrays: new Map(), objects: new Map() };
}

function contextsOf(
  { pipeline }: ResolvedPipelineRun,
  { name, namespace, uid }: RunIdentity,
): Readonly<Record<string, string>> {
  return contextTexts(name, namespace, uid, pipeline.name);
}

export function contextTexts(
  name: string,
  namespace: string,
  uid: string,
  pipeline: string,
): Readonly<Record<string, string>> {
  return {
    "context.pipelineRun.name": name,
    "context.pipelineRun.namespace": namespace,
    "context.pipelineRun.uid": uid,
    "context.pipeline.name": pipeline,
  };
}

export function boundReplacements({ run, pipeline }: ResolvedPipelineRun): Replacements {
  const declared = (pipeline.spec.workspaces ?? []).map(({ name }) => [`workspaces.${name}.bound`, "false"]);
  const bound = (run.resource.spec.workspaces ?? []).map(({ name }) => [`workspaces.${name}.bound`, "true"]);
  return stringReplacements(Object.fromEntries([...declared, ...bound]));
}

function checkTaskRunSpecs(
  { run, pipeline }: ResolvedPipelineRun,
  written: readonly Written[],
  place: Place,
  report: Report,
): void {
  const names = new Set(written.map(({ task }) => task.name));
  (run.resource.spec.taskRunSpecs ?? []).forEach(({ pipelineTaskName = "" }, index) => {
    if (names.has(pipelineTaskName)) return;
    const near = didYouMean(pipelineTaskName, names);
    const message = `taskRunSpecs names task "${pipelineTaskName}", which Pipeline "${pipeline.name}" does not have`;
    report(
      error(
        "pipeline.task-unknown",
        place,
        ["taskRunSpecs", index, "pipelineTaskName"],
        message,
        near && `did you mean "${near}"?`,
      ),
    );
  });
}

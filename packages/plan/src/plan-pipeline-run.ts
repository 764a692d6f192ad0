import { type Diagnostic, didYouMean } from "@lapcat/diagnostic";
import { paramReplacements, stringReplacements } from "@lapcat/substitution";
import { isAfter, type PipelineTask, type ResolvedPipelineRun, type ResolvedTask } from "@lapcat/tekton";
import { boundReplacements, contextsOf } from "./contexts.ts";
import { indexDiagnostics } from "./index-check.ts";
import { pipelineRunMetadata } from "./metadata.ts";
import { onErrorFault } from "./on-error.ts";
import { enumDiagnostics, enumSubsetDiagnostics, matrixTypeDiagnostics, paramDiagnostics } from "./param-check.ts";
import { pipelineParams } from "./param-values.ts";
import { replaceContexts, replaceInPipelineTask } from "./pipeline-task-replacement.ts";
import { error, type Place } from "./place.ts";
import { planPipeline, writtenIn } from "./plan-child.ts";
import { planTask, type RunWorkspace } from "./plan-task.ts";
import { requestedStatus } from "./requested-status.ts";
import { resultDiagnostics } from "./result-check.ts";
import { lostFailure } from "./run-failure.ts";
import { type PlannedTask, type PlanOptions, type RunIdentity, type RunPlan } from "./run-plan.ts";
import { missingWorkspaces, ownWorkspaces } from "./run-workspaces.ts";
import { budgetsOf, limit, milliseconds } from "./timeouts.ts";
import { unsupportedIn } from "./unsupported.ts";
import { orderOfTasks, type Written, writtenTasks } from "./written-tasks.ts";

type Report = (problem: Diagnostic) => void;

/** Who gives a PipelineRun what it takes, and where. */
export interface Giver {
  readonly place: Place;
  readonly by: string;
  /** What stands behind the workspaces of a child; without it the run's own bindings tell. */
  readonly given?: ReadonlyMap<string, RunWorkspace>;
}

export function ofOwn({ run }: ResolvedPipelineRun): Giver {
  return { place: { origin: run.origin, path: ["spec"] }, by: `PipelineRun "${run.resource.metadata.name ?? ""}"` };
}

/** A PipelineRun's plan, with all that stands in its way reported; none where nothing can be said without an answer to that. */
export function planPipelineRun(
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
  for (const check of [paramDiagnostics, enumDiagnostics])
    check(`Pipeline "${pipeline.name}"`, pipeline.spec.params ?? [], given).forEach(report);
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

/** The definition that resolution found for an embedded Task is what is run. */
function propagating(task: PipelineTask, { embedded, spec, custom }: ResolvedTask): PipelineTask {
  return embedded && custom === undefined && task.taskSpec !== undefined
    ? { ...task, taskSpec: { ...task.taskSpec, ...spec } }
    : task;
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

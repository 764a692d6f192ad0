import { mergeReplacements, noReplacements, type Replacements } from "@lapcat/substitution";
import {
  type AwaitedResult,
  awaitedResults,
  type PipelineTask,
  type SkipReason,
  taskRunName,
  userError,
  type WhenExpression,
} from "@lapcat/tekton";
import { combinationsOf, hasEmptyParam } from "./matrix.ts";
import {
  type MissingResult,
  type Outcomes,
  propagatedArtifacts,
  propagatedResults,
  resolveResults,
} from "./outcomes.ts";
import { faultText, invalidRunText, outsideEnum, paramFaults } from "./param-check.ts";
import { replaceOutside } from "./pipeline-task-replacement.ts";
import { asTaskRunName, type BoundRun, type PipelineTaskName, type PlannedTask, type RunPlan } from "./run-plan.ts";
import { mentionedIn, namesIn } from "./names-in.ts";
import { whenOutcome } from "./when.ts";
import { escapes } from "./workspaces.ts";
import { boundPipelineRun, boundTaskRun, previewTask } from "./bound-run.ts";
import { withContext, withStatus } from "./pipeline-task-variables.ts";

/** What can be made of a task whose predecessors are done. */
export type BindOutcome =
  /** One TaskRun or child PipelineRun, or those of its matrix in the order of their indices. */
  | { readonly kind: "bound"; readonly runs: readonly BoundRun[]; readonly pipelineTask: PipelineTask }
  | { readonly kind: "skipped"; readonly reason: SkipReason; readonly whenExpressions: readonly WhenExpression[] }
  | {
      readonly kind: "missing-results";
      readonly missing: MissingResult;
      /** Whether its params or `when` take results: only then is a task of the DAG skipped for want of one (hasResultReferences). */
      readonly skippable: boolean;
      readonly whenExpressions: readonly WhenExpression[];
    }
  /** The whole run fails with this: before anything more is begun, or once all that comes before the task was. */
  | {
      readonly kind: "failed";
      readonly when: "resolved" | "created";
      readonly reason: string;
      readonly message: string;
    };

/**
 * Puts what the tasks so far gave into a task. `when` is decided before missing results are looked at, on the text of
 * references that have no value; in `finally` it is the other way round (PL-6).
 */
export function bindTask(plan: RunPlan, planned: PlannedTask, outcomes: Outcomes, attempt: number): BindOutcome {
  // A lone TaskRun waits for nothing, and what is wrong with it is its own (`taskRunFailure`).
  if (plan.kind === "TaskRun" && planned.kind === "task")
    return { kind: "bound", runs: [previewTask(plan, planned, attempt)], pipelineTask: planned.pipelineTask };
  const { matrices } = namesIn(plan);
  const isMatrix = (task: PipelineTaskName): boolean => matrices.has(task);
  const stated =
    planned.memberOf === "finally" ? withStatus(planned.pipelineTask, plan, outcomes) : planned.pipelineTask;
  const results = resolveResults(planned, outcomes, isMatrix);
  if (results.kind === "out-of-bounds") {
    const { namespace, name } = plan.identity;
    const message = userError(
      `PipelineRun ${namespace}/${name} can't be Run; couldn't resolve all references: ${results.message}`,
      plan.tekton,
    );
    return { kind: "failed", when: "resolved", reason: "PipelineValidationFailed", message };
  }
  const resolved = results.kind === "resolved" ? replaceOutside(stated, results.replacements) : stated;
  const definition = planned.kind === "task" ? planned.task : undefined;
  const [fault] = paramFaults(definition?.spec.params ?? [], resolved.params ?? []).filter(
    ({ kind }) => kind !== "missing",
  );
  if (fault !== undefined && definition !== undefined) {
    const text = `invalid input params for task ${definition.name ?? ""}: ${faultText(fault)}`;
    const message = userError(invalidRunText(plan.identity.name, text, plan.tekton), plan.tekton);
    return { kind: "failed", when: "resolved", reason: "PipelineValidationFailed", message };
  }
  const whenExpressions = resolved.when ?? [];
  const when = whenOutcome(whenExpressions, plan.options.evaluateCel);
  if ("fault" in when) {
    const message = userError(`Error evaluating CEL ${plan.identity.name}: ${when.fault}`, plan.tekton);
    return { kind: "failed", when: "resolved", reason: "CELEvaluationFailed", message };
  }
  const unmet: BindOutcome | undefined = when.holds
    ? undefined
    : { kind: "skipped", reason: "When Expressions evaluated to false", whenExpressions };
  const skippable = awaitedResults(planned.pipelineTask).some(({ path }) => path[0] === "params" || path[0] === "when");
  const missing: BindOutcome | undefined =
    results.kind === "missing"
      ? { kind: "missing-results", missing: results.missing, skippable, whenExpressions }
      : undefined;
  const blocked = skippable ? missing : undefined;
  const stop = planned.memberOf === "finally" ? (blocked ?? unmet) : (unmet ?? blocked);
  if (stop !== undefined) return stop;
  if (resolved.matrix !== undefined && hasEmptyParam(resolved.matrix)) {
    return { kind: "skipped", reason: "Matrix Parameters have an empty array", whenExpressions };
  }
  if (missing !== undefined) return missing;
  return boundOutcome(plan, planned, resolved, outcomes, attempt, isMatrix);
}

/** The results that a task takes, or its embedded Task alone; none where one of them is missing. */
export function takenResults(
  plan: RunPlan,
  planned: PlannedTask,
  outcomes: Outcomes,
  by: "task" | "spec",
): Replacements {
  const { matrices } = namesIn(plan);
  const isWanted = ({ path }: AwaitedResult): boolean => by === "task" || path[0] === "taskSpec";
  const results = resolveResults(planned, outcomes, (task) => matrices.has(task), isWanted);
  return results.kind === "resolved" ? results.replacements : noReplacements;
}

/** How many TaskRuns the task has, where the tasks whose results its matrix takes are done. */
export function instanceCount(plan: RunPlan, planned: PlannedTask, outcomes: Outcomes): number {
  const { matrix } = planned.pipelineTask;
  if (matrix === undefined) return 1;
  const { matrices } = namesIn(plan);
  const results = resolveResults(planned, outcomes, (task) => matrices.has(task));
  const resolved =
    results.kind === "resolved" ? replaceOutside(planned.pipelineTask, results.replacements) : planned.pipelineTask;
  return combinationsOf(resolved.matrix ?? matrix).length;
}

function boundOutcome(
  plan: RunPlan,
  planned: PlannedTask,
  pipelineTask: PipelineTask,
  outcomes: Outcomes,
  attempt: number,
  isMatrix: (task: PipelineTaskName) => boolean,
): BindOutcome {
  const combinations = pipelineTask.matrix === undefined ? [[]] : combinationsOf(pipelineTask.matrix);
  const created = withContext(pipelineTask, plan, outcomes);
  const { owners } = namesIn(plan);
  const mentioned = mentionedIn(plan, planned);
  const results = mergeReplacements(
    propagatedResults(outcomes, isMatrix, mentioned),
    propagatedArtifacts(outcomes, mentioned),
  );
  const runs = combinations.map((combination, index): BoundRun => {
    const name =
      combinations.length === 1
        ? planned.taskRunName
        : asTaskRunName(
            taskRunName(plan.identity.name, planned.name, {
              version: plan.tekton,
              seed: plan.identity.uid,
              index,
              count: combinations.length,
            }),
          );
    const binding = { name, combination, pipelineTask: created, results, attempt };
    return planned.kind === "task" ? boundTaskRun(plan, planned, binding) : boundPipelineRun(plan, planned, binding);
  });
  if (planned.kind === "pipeline" && planned.child.kind === "cycle") {
    const { pipeline, within } = planned.child;
    const message = `detected cycle in pipeline-in-pipeline: pipeline "${pipeline}" is already running in ancestor chain [${within.join(" ")}]`;
    return { kind: "failed", when: "created", reason: "CreateRunFailed", message };
  }
  if (planned.kind === "task" && planned.unbound !== undefined) {
    const message = `expected workspace "${planned.unbound}" to be provided by pipelinerun for pipeline task "${planned.name}"`;
    return { kind: "failed", when: "created", reason: "CreateRunFailed", message };
  }
  const specs = planned.kind === "task" ? (planned.task.spec.params ?? []) : [];
  for (const { name, params, workspaces } of runs) {
    if ((owners.get(name) ?? planned.name) !== planned.name)
      return {
        kind: "failed",
        when: "created",
        reason: "CreateRunFailed",
        message: `TaskRun "${name}" of task "${planned.name}" has the name of another task's`,
      };
    const outside = params.find(
      ({ name, value }) =>
        typeof value === "string" && outsideEnum(specs.find((each) => each.name === name)?.enum ?? [], value),
    );
    if (outside !== undefined) {
      const message = userError(
        `Invalid param value from PipelineTask "${planned.name}": param \`${outside.name}\` value: ${outside.value as string} is not in the enum list`,
        plan.tekton,
      );
      return { kind: "failed", when: "created", reason: "InvalidParamValue", message };
    }
    const escaping = workspaces.find(({ subPath }) => subPath !== undefined && escapes(subPath));
    if (escaping !== undefined) {
      const message = `subPath "${escaping.subPath}" of workspace "${escaping.name}" of task "${planned.name}" leads out of the volume`;
      return { kind: "failed", when: "created", reason: "CreateRunFailed", message };
    }
  }
  return { kind: "bound", runs, pipelineTask };
}

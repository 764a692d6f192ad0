import { type Diagnostic, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import { type ResolvedPipelineRun, type ResolvedRun } from "@lapcat/tekton";
import { previewRun } from "./bound-run.ts";
import { clashingNames } from "./clashing-names.ts";
import { error } from "./place.ts";
import { childRun, failingPlan } from "./plan-child.ts";
import { ofOwn, planPipelineRun } from "./plan-pipeline-run.ts";
import { planTaskRun } from "./plan-task-run.ts";
import { defaultTimeout } from "./timeouts.ts";
import { type BoundPipelineRun, type PlannedPipelineRun, type PlanOptions, type RunPlan } from "./run-plan.ts";

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
  report: (problem: Diagnostic) => void,
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

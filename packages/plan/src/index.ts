export * from "./run-plan.ts";
export { bindTask, instanceCount, takenResults, type BindOutcome } from "./bind-task.ts";
export { replaceOutside } from "./pipeline-task-replacement.ts";
export { previewTask } from "./bound-run.ts";
export { resultOf, type MissingResult, type Outcomes, type TaskOutcome } from "./outcomes.ts";
export { withoutTask, type OmittedTask } from "./omitted.ts";
export { missingInputs, omittedTasks, type Given, type Selection } from "./selection.ts";
export { orderOf, type Edges, type Order } from "./graph.ts";
export { predecessorsOf } from "./result-reference.ts";
export { planChild, planRun, previewChild } from "./plan-run.ts";
export {
  openExpression,
  paramsPassed,
  pipelineRefVariables,
  type ReferringRun,
  referringChild,
  replaceInRef,
  stepRefVariables,
  taskRefVariables,
  taskReplacer,
} from "./reference-variables.ts";
export { taskRunUid } from "./task-run-uid.ts";
export { substituted, validated } from "./task-passes.ts";
export { workspaceVolumes } from "./workspace-volumes.ts";
export { bindingOf } from "./workspaces.ts";
export { whenNeeds, type WhenNeed } from "./when-needs.ts";
export { hasCel, whenOutcome, type WhenOutcome } from "./when.ts";
export { failureOf, lostFailure, type RunFailure } from "./run-failure.ts";
export { taskRunFailure } from "./task-run-failure.ts";

export * from "./run-plan.ts";
export { bindTask, instanceCount, previewTask, type BindOutcome } from "./bind-task.ts";
export { resultOf, type MissingResult, type Outcomes, type TaskOutcome } from "./outcomes.ts";
export { orderOf, type Edges, type Order } from "./graph.ts";
export { predecessorsOf } from "./result-reference.ts";
export { planRun, type PlanOptions } from "./plan-run.ts";
export { taskRunUid } from "./task-run-uid.ts";
export { replaceInTaskSpec } from "./task-spec-replacement.ts";
export { taskParams } from "./param-values.ts";

export * from "./event.ts";
export { type OwnEvent, type RunPath, versionOf, whereabouts, within } from "./child-event.ts";
export * from "./intent.ts";
export { decide } from "./decide.ts";
export { type Outcome, type Outcomes } from "./outcome-script.ts";
export { simulate, type Simulated } from "./simulate.ts";
export { evolve } from "./evolve.ts";
export { outcomesOf } from "./outcomes-of.ts";
export { isOpen, resumption, type ResumeOptions } from "./resumption.ts";
export { customAnswer, progressIn, type CustomAnswer, type CustomEnd } from "./custom-answer.ts";
export { customOutput, customRunObject, customRunOf, type CustomRunObject } from "./custom-run-status.ts";
export { listOf, statusOf, type ChildObject, type PipelineRunObject, type RunList, type RunStatus } from "./status.ts";
export { type TaskRunObject } from "./task-run-status.ts";
export { formatInstant, parseInstant } from "./instant.ts";
export { customResult, readResult, resultsLimit, type ReadResult } from "./read-result.ts";
export { readStepResult, resultsFromStep } from "./step-results.ts";
export {
  begin,
  type AttemptEnd,
  type AttemptState,
  type ContainerState,
  type RunEnd,
  type RunState,
  type Skip,
  type StopCause,
  type TaskRunState,
} from "./run-state.ts";

import { type BoundTaskRun } from "@lapcat/plan";
import { type RunPath } from "./child-event.ts";
import { type AttemptKey, type Instant, type RunEvent } from "./event.ts";

/** What follows: imperative, in plan order. The executor performs each exactly once and records what came of it. */
export type Intent =
  /** Append this fact. */
  | { readonly do: "record"; readonly event: RunEvent }
  /** Append `task.started` to the run that it is of, then make the Pod and drive its steps; ends with `pod.finished` (after `pod.failed`, if it failed as a whole). */
  | { readonly do: "start-task"; readonly in: RunPath; readonly bound: BoundTaskRun }
  /** End the attempt's containers: SIGTERM, then SIGKILL. Its steps finish with this termination reason. Asked again, it changes nothing. */
  | ({ readonly do: "stop-task"; readonly because: "TaskRunCancelled" | "TaskRunTimeout" } & AttemptKey)
  /** Ask again at this instant, if nothing happens before. */
  | { readonly do: "wake"; readonly at: Instant };

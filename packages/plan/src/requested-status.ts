import { type Diagnostic } from "@lapcat/diagnostic";
import { error, type Place } from "./place.ts";
import { type RunPlan } from "./run-plan.ts";

/** What a run asks of itself by `spec.status`; a pending run would wait for someone to clear the field. */
export function requestedStatus(
  status: string | undefined,
  place: Place,
  report: (problem: Diagnostic) => void,
): RunPlan["requested"] {
  switch (status) {
    case undefined:
    case "":
      return undefined;
    case "Cancelled":
    case "TaskRunCancelled":
    case "PipelineRunCancelled":
      return "Cancelled";
    case "CancelledRunFinally":
    case "StoppedRunFinally":
      return status;
    case "PipelineRunPending":
    case "TaskRunPending":
      report(
        error(
          "field.unsupported",
          place,
          ["status"],
          "the run is pending: nothing here would ever start it",
          "remove spec.status",
        ),
      );
      return undefined;
    default:
      report(error("field.value", place, ["status"], `"${status}" is no status a run can be given`));
      return undefined;
  }
}

import { type ExitStatus } from "@lapcat/engine";
import { type PlannedStep } from "@lapcat/pod";
import { formatDuration } from "@lapcat/tekton";
import { type RunEvent, type TerminationReason } from "@lapcat/run";

/** Why a step's process was ended by us, if it was. */
export type EndedBecause = "timeout" | "TaskRunCancelled" | "TaskRunTimeout";

export type StepOutcome = Pick<
  Extract<RunEvent, { type: "step.finished" }>,
  "exitCode" | "reason" | "terminationReason" | "message" | "results" | "inputs" | "outputs"
> & {
  /** Whether the next step runs. */
  readonly goesOn: boolean;
  /** What later steps find in this one's exitCode file. */
  readonly exitCodeFile?: string;
};

/** What an ended process means to its TaskRun (TEKTON.md POD-10, POD-17 to POD-19, POD-29, POD-31). */
export function stepOutcome(step: PlannedStep, status: ExitStatus, because: EndedBecause | undefined): StepOutcome {
  if (because === "timeout")
    return {
      ...notRun("TimeoutExceeded"),
      message: `the step exceeded its time limit of ${formatDuration(step.timeout ?? 0)}`,
    };
  if (because !== undefined) return notRun(because);
  // Only the exit code of a process that ran can be ignored.
  if (status.startError !== undefined) return { ...notRun("Error"), message: status.startError };
  const { exitCode, oomKilled } = status;
  if (exitCode === 0)
    return { exitCode, reason: "Completed", terminationReason: "Completed", goesOn: true, exitCodeFile: "0" };
  if (step.onError === "continue")
    return {
      exitCode,
      reason: "Completed",
      terminationReason: "Continued",
      goesOn: true,
      exitCodeFile: String(exitCode),
    };
  const reason = oomKilled ? "OOMKilled" : "Error";
  return { exitCode, reason, terminationReason: reason, goesOn: false };
}

/** A step that did not run to an end of its own; Tekton gives it exit code 1. */
export function notRun(terminationReason: TerminationReason): StepOutcome {
  return { exitCode: 1, reason: "Error", terminationReason, goesOn: false };
}

/** One whose conditions do not hold. */
export const passedOver: StepOutcome = {
  exitCode: 0,
  reason: "Completed",
  terminationReason: "Skipped",
  goesOn: true,
  exitCodeFile: "0",
};

/** An outcome as it is recorded. */
export function factOf({
  goesOn: _goesOn,
  exitCodeFile: _file,
  ...fact
}: StepOutcome): Omit<StepOutcome, "goesOn" | "exitCodeFile"> {
  return fact;
}

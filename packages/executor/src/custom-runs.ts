import { type CustomEnd } from "@lapcat/run";
import { type CustomRun } from "@lapcat/tekton";

/** Who runs custom tasks. Asked only for those that the plan says somebody runs. */
export interface CustomRuns {
  start(customRun: CustomRun): CustomProcess;
}

/** One that runs. Both outputs end when it does, and with all that it started. */
export interface CustomProcess {
  /** Its answer. */
  readonly stdout: AsyncIterable<Uint8Array>;
  /** What people are to read. */
  readonly stderr: AsyncIterable<Uint8Array>;
  readonly ended: Promise<CustomEnd>;
  /** Harmless when it has ended. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

import { type Recorded, type RunEvent, type Instant } from "@lapcat/run";
import { type PullProgress } from "@lapcat/engine";

/** Where facts go: appends, and answers with what was recorded. The store's RunWriter is one; a test's array another. */
export interface EventSink {
  append(event: RunEvent, at: Instant): Recorded;
}

/** Where a container's masked output goes. A writer that is slow holds the container back. */
export interface LogSink {
  openLog(key: { readonly taskRun: string; readonly attempt: number; readonly container: string }): {
    write(stream: "stdout" | "stderr", bytes: Uint8Array, at: Instant): Promise<void>;
    end(): Promise<void>;
  };
}

/** Things worth showing at once that are no facts of the run: they are not kept. */
export interface ProgressSink {
  pulling(progress: PullProgress): void;
}

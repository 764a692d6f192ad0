import { type Recorded, type RunEvent, type Instant } from "@lapcat/run";

/** One line of one container's output, as kept beside the log of events. */
export interface LogLine {
  readonly at: Instant;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** Where a step's or sidecar's output is kept. */
export interface LogKey {
  readonly taskRun: string;
  readonly attempt: number;
  readonly container: string;
}

/** A run's directory while the run is going on: `run.yaml`, `events.ndjson`, `logs/`. Only its executor has it. */
export interface RunWriter extends AsyncDisposable {
  readonly id: string;
  readonly directory: string;
  append(event: RunEvent, at: Instant): Recorded;
  /** Takes masked bytes; splits them into CRI lines. Resolves when more may be given. */
  openLog(key: LogKey): LogWriter;
}

export interface LogWriter {
  write(stream: "stdout" | "stderr", bytes: Uint8Array, at: Instant): Promise<void>;
  /** Ends a last line without a line break, and flushes. */
  end(): Promise<void>;
}

/** A run's directory for readers, while it goes on or after. */
export interface RunReader {
  readonly id: string;
  readonly directory: string;
  /** The closed run as it was written (`run.yaml`). */
  readonly manifest: string;
  events(): Promise<readonly Recorded[]>;
  /** Ends with `run.finished`, when the signal aborts, or when the writer is gone. */
  follow(signal: AbortSignal): AsyncIterable<Recorded>;
  logKeys(): Promise<readonly LogKey[]>;
  readLog(key: LogKey): AsyncIterable<LogLine>;
  followLog(key: LogKey, signal: AbortSignal): AsyncIterable<LogLine>;
  /** Whether the process that writes it lives: `running`, `finished`, or `interrupted`; `damaged` when nobody writes it and its events cannot be read. */
  state(): Promise<"running" | "finished" | "interrupted" | "damaged">;
}

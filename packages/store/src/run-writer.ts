import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Recorded, versionOf } from "@lapcat/run";
import { encodeEvent } from "./event-line.ts";
import { fileError } from "./file-error.ts";
import { logFileName } from "./log-file-name.ts";
import { openLogWriter } from "./log-writer.ts";
import { type Ownership } from "./ownership.ts";
import { type LogWriter, type RunWriter } from "./run-record.ts";

/** The writer of a run whose directory was made by `create`; `first` is the number of events that stand there. */
export function runWriter(id: string, directory: string, ownership: Ownership, first = 0): RunWriter {
  const path = join(directory, "events.ndjson");
  const file = openSync(path, "a", 0o600);
  const open = new Set<LogWriter>();
  let seq = first;
  let closed = false;
  return {
    id,
    directory,
    append(event, at) {
      const recorded: Recorded = { v: versionOf(event), seq, at, event };
      const line = Buffer.from(encodeEvent(recorded));
      try {
        const before = fstatSync(file).size;
        const written = writeSync(file, line);
        if (written < line.length) {
          // A line is there as a whole or not at all.
          try {
            writeSync(file, line, written);
          } catch (cause) {
            ftruncateSync(file, before);
            throw cause;
          }
        }
      } catch (cause) {
        throw fileError(path, cause);
      }
      seq += 1;
      return recorded;
    },
    openLog(key) {
      const writer = openLogWriter(join(directory, "logs", logFileName(key)));
      const closing: LogWriter = {
        write: (stream, bytes, at) => writer.write(stream, bytes, at),
        async end() {
          open.delete(closing);
          await writer.end();
        },
      };
      open.add(closing);
      return closing;
    },
    async [Symbol.asyncDispose]() {
      if (closed) return;
      closed = true;
      await Promise.allSettled([...open].map((writer) => writer.end()));
      closeSync(file);
      // Without an owner a run that has no end is known as interrupted, even if this process lives on.
      await ownership.release();
    },
  };
}

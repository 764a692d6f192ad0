import { watch, type FSWatcher } from "node:fs";
import { open } from "node:fs/promises";
import { errnoOf } from "./file-error.ts";

/** How long a change may go unnoticed where the file system does not tell of it. */
const pollMilliseconds = 200;

/**
 * The bytes of a file that grows, from its begin. Waits for the file if it is not there yet.
 * Ends when the signal aborts, or when all is read that was there once `isComplete` said yes.
 */
export async function* tail(
  path: string,
  signal: AbortSignal,
  isComplete: () => Promise<boolean>,
): AsyncGenerator<Uint8Array> {
  const changes = watchChanges(path);
  let position = 0;
  try {
    while (!signal.aborted) {
      const change = changes.next(signal);
      // Asked before reading: what was written before the answer is still read.
      const complete = await isComplete();
      const before = position;
      for await (const bytes of readFrom(path, position)) {
        position += bytes.length;
        yield bytes;
        if (signal.aborted) return;
      }
      if (complete) return;
      if (position === before) await change;
    }
  } finally {
    changes.close();
  }
}

/** What stands in a file after a position; nothing if there is no such file. */
export async function* readFrom(path: string, position: number): AsyncGenerator<Uint8Array> {
  try {
    await using file = await open(path, "r");
    for (let at = position; ;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(256 * 1024), 0, 256 * 1024, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}

interface Changes {
  /** Resolves at the next change, when the signal aborts, or after the polling time. */
  next(signal: AbortSignal): Promise<void>;
  close(): void;
}

function watchChanges(path: string): Changes {
  let wake: (() => void) | undefined;
  let watcher: FSWatcher | undefined;
  const attach = (): void => {
    if (watcher !== undefined) return;
    try {
      watcher = watch(path, { persistent: false }, () => wake?.());
      watcher.on("error", () => watcher?.close());
    } catch {
      // Not there yet, or a file system without notices: polling serves.
      watcher = undefined;
    }
  };
  return {
    next(signal) {
      attach();
      return new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          wake = undefined;
          resolve();
        };
        const timer = setTimeout(done, pollMilliseconds);
        signal.addEventListener("abort", done, { once: true });
        wake = done;
      });
    },
    close: () => watcher?.close(),
  };
}

import { open, type FileHandle } from "node:fs/promises";
import { fileError } from "./file-error.ts";
import { type LogWriter } from "./run-record.ts";

/** A line longer than this is written in parts, all but the last marked `P` (as the kubelet's runtimes do). */
const partLimit = 16 * 1024;
/** Formatted bytes that may wait for the disk before `write` makes its caller wait. */
const pendingLimit = 1024 * 1024;

type Stream = "stdout" | "stderr";

/**
 * Writes the CRI log format: `<RFC3339Nano> <stdout|stderr> <F|P> <text>`.
 * The bytes are formatted at once into one buffer; one disk write is under way at a time, and takes all that gathered meanwhile.
 */
export function openLogWriter(path: string): LogWriter {
  const opening: Promise<FileHandle> = open(path, "a", 0o600);
  // Told by the next write or by end.
  opening.catch(() => undefined);
  const carried: Record<Stream, Carried> = { stdout: { bytes: Buffer.alloc(0), at: 0 }, stderr: { bytes: Buffer.alloc(0), at: 0 } };
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let flushing: Promise<void> | undefined;
  let failure: unknown;
  let ended = false;

  const flush = async (): Promise<void> => {
    try {
      const file = await opening;
      while (waiting.length > 0) {
        const batch = waiting;
        waiting = [];
        waitingBytes = 0;
        await writeFully(file, batch);
      }
    } catch (cause) {
      failure = fileError(path, cause);
    } finally {
      flushing = undefined;
    }
  };
  const enqueue = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    waiting.push(bytes);
    waitingBytes += bytes.length;
    flushing ??= flush();
  };

  return {
    async write(stream, bytes, at) {
      if (failure !== undefined) throw failure;
      const { lines, rest } = formatLines(stream, carried[stream], bytes, at);
      carried[stream] = rest;
      enqueue(lines);
      if (waitingBytes > pendingLimit) await flushing;
      if (failure !== undefined) throw failure;
    },
    async end() {
      if (ended) return;
      ended = true;
      for (const stream of ["stdout", "stderr"] as const) {
        const { bytes, at } = carried[stream];
        if (bytes.length > 0) enqueue(Buffer.concat([prefixOf(at, stream, "F"), bytes, Buffer.from("\n")]));
      }
      await flushing;
      try {
        await (await opening).close();
      } catch (cause) {
        failure ??= fileError(path, cause);
      }
      if (failure !== undefined) throw failure;
    },
  };
}

async function writeFully(file: FileHandle, buffers: readonly Buffer[]): Promise<void> {
  const all = buffers.length === 1 && buffers[0] !== undefined ? buffers[0] : Buffer.concat(buffers);
  for (let done = 0; done < all.length; ) done += (await file.write(all, done)).bytesWritten;
}

/** The begin of a line whose end has not come yet, and when it came. */
interface Carried {
  readonly bytes: Buffer;
  readonly at: number;
}

/** The whole lines of a chunk in CRI format, and what begins a further line. All lines of a chunk carry its time. */
export function formatLines(stream: Stream, carried: Carried, chunk: Uint8Array, at: number): { readonly lines: Buffer; readonly rest: Carried } {
  const bytes = carried.bytes.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([carried.bytes, chunk]);
  const full = prefixOf(at, stream, "F");
  // Both prefixes are equally long.
  const partial = prefixOf(at, stream, "P");
  let out = Buffer.allocUnsafe(bytes.length * 2 + 4096);
  let length = 0;
  const put = (prefix: Buffer, start: number, end: number, closed: boolean): void => {
    const needed = length + prefix.length + (end - start) + 1;
    if (needed > out.length) {
      const grown = Buffer.allocUnsafe(needed * 2);
      out.copy(grown, 0, 0, length);
      out = grown;
    }
    out.set(prefix, length);
    length += prefix.length;
    length += bytes.copy(out, length, start, end);
    if (!closed) out[length++] = 10;
  };
  let start = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    for (; end - start > partLimit; start += partLimit) put(partial, start, start + partLimit, false);
    put(full, start, end + 1, true);
    start = end + 1;
  }
  for (; bytes.length - start > partLimit; start += partLimit) put(partial, start, start + partLimit, false);
  // A copy: the chunk's memory is its giver's.
  const rest = { bytes: Buffer.from(bytes.subarray(start)), at: start === 0 && carried.bytes.length > 0 ? carried.at : at };
  return { lines: out.subarray(0, length), rest };
}

function prefixOf(at: number, stream: Stream, tag: "F" | "P"): Buffer {
  return Buffer.from(`${new Date(at).toISOString().slice(0, -1)}000000Z ${stream} ${tag} `);
}

import { open, type FileHandle } from "node:fs/promises";
import { type LapcatError } from "@lapcat/diagnostic";
import { fileError } from "./file-error.ts";
import { type LogWriter } from "./run-record.ts";

/** A line longer than this is written in parts, all but the last marked `P` (as the kubelet's runtimes do). */
const partLimit = 16 * 1024;
/** Formatted bytes that may wait for the disk before `write` makes its caller wait. */
const pendingLimit = 512 * 1024;

type Stream = "stdout" | "stderr";

/** Bytes gathered for one disk write; grows when it must. */
interface Gathered {
  bytes: Buffer;
  length: number;
}

/**
 * Writes the CRI log format: `<RFC3339Nano> <stdout|stderr> <F|P> <text>`.
 * Chunks are formatted at once into one of two buffers, which take turns: one gathers while the other is written.
 */
export function openLogWriter(path: string): LogWriter {
  const opening: Promise<FileHandle> = open(path, "a", 0o600);
  // Told by the next write or by end.
  opening.catch(() => undefined);
  const carried: Record<Stream, Carried> = {
    stdout: { bytes: Buffer.alloc(0), at: 0 },
    stderr: { bytes: Buffer.alloc(0), at: 0 },
  };
  let gathering: Gathered = { bytes: Buffer.allocUnsafe(64 * 1024), length: 0 };
  let spare: Gathered = { bytes: Buffer.allocUnsafe(64 * 1024), length: 0 };
  let flushing: Promise<void> | undefined;
  let failure: LapcatError | undefined;
  let ended = false;

  const flush = async (): Promise<void> => {
    try {
      const file = await opening;
      while (gathering.length > 0) {
        const full = gathering;
        gathering = spare;
        for (let done = 0; done < full.length;)
          done += (await file.write(full.bytes, done, full.length - done)).bytesWritten;
        full.length = 0;
        spare = full;
      }
    } catch (cause) {
      failure = fileError(path, cause);
    } finally {
      flushing = undefined;
    }
  };
  const gather = (stream: Stream, bytes: Uint8Array, at: number): void => {
    carried[stream] = formatLines(gathering, stream, carried[stream], bytes, at);
    if (gathering.length > 0) flushing ??= flush();
  };

  const check = (): void => {
    if (failure !== undefined) throw failure;
  };

  return {
    async write(stream, bytes, at) {
      check();
      gather(stream, bytes, at);
      if (gathering.length > pendingLimit) await flushing;
      check();
    },
    async end() {
      if (ended) return;
      ended = true;
      for (const stream of ["stdout", "stderr"] as const) {
        if (carried[stream].bytes.length > 0) gather(stream, lineBreak, carried[stream].at);
      }
      await flushing;
      try {
        await (await opening).close();
      } catch (cause) {
        failure ??= fileError(path, cause);
      }
      check();
    },
  };
}

const lineBreak = Buffer.from("\n");

/** The begin of a line whose end has not come yet, and when it came. */
interface Carried {
  readonly bytes: Buffer;
  readonly at: number;
}

/** Puts the whole lines of a chunk into `out`; returns what begins a further line. All lines of a chunk carry its time. */
function formatLines(out: Gathered, stream: Stream, carried: Carried, chunk: Uint8Array, at: number): Carried {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (carried.bytes.length === 0) return { bytes: putLines(out, stream, bytes, at), at };
  // Only the line that was begun is joined, not the whole chunk.
  const first = bytes.indexOf(10) + 1;
  if (first === 0) return { bytes: putLines(out, stream, Buffer.concat([carried.bytes, bytes]), at), at: carried.at };
  putLines(out, stream, Buffer.concat([carried.bytes, bytes.subarray(0, first)]), at);
  return { bytes: putLines(out, stream, bytes.subarray(first), at), at };
}

function putLines(out: Gathered, stream: Stream, bytes: Buffer, at: number): Buffer {
  const full = prefixOf(at, stream, "F");
  const partial = prefixOf(at, stream, "P");
  let start = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    for (; end - start > partLimit; start += partLimit) put(out, partial, bytes, start, start + partLimit, true);
    put(out, full, bytes, start, end + 1, false);
    start = end + 1;
  }
  for (; bytes.length - start > partLimit; start += partLimit) put(out, partial, bytes, start, start + partLimit, true);
  // A copy: the chunk's memory is its giver's.
  return Buffer.from(bytes.subarray(start));
}

function put(out: Gathered, prefix: Buffer, bytes: Buffer, start: number, end: number, addLineBreak: boolean): void {
  const needed = out.length + prefix.length + (end - start) + 1;
  if (needed > out.bytes.length) {
    const grown = Buffer.allocUnsafe(needed * 2);
    out.bytes.copy(grown, 0, 0, out.length);
    out.bytes = grown;
  }
  out.bytes.set(prefix, out.length);
  out.length += prefix.length;
  out.length += bytes.copy(out.bytes, out.length, start, end);
  if (addLineBreak) out.bytes[out.length++] = 10;
}

function prefixOf(at: number, stream: Stream, tag: "F" | "P"): Buffer {
  return Buffer.from(`${new Date(at).toISOString().slice(0, -1)}000000Z ${stream} ${tag} `);
}

import { type LogLine } from "./run-record.ts";

/** Parts of one line are joined up to this; a longer line is told in pieces. */
const joinLimit = 1024 * 1024;
const form = /^(?<at>\S+) (?<stream>stdout|stderr) (?<tag>[FP]) /u;

/** The lines of a log in CRI format. A torn last line is dropped, and so is what has not the form of one. */
export async function* readLogLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LogLine> {
  const partial: Record<"stdout" | "stderr", { at: number; readonly parts: Buffer[]; size: number }> = {
    stdout: { at: 0, parts: [], size: 0 },
    stderr: { at: 0, parts: [], size: 0 },
  };
  let carried: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes =
      carried.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.concat([carried, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      const line = bytes.subarray(start, end);
      start = end + 1;
      const groups = form.exec(line.subarray(0, 64).toString("latin1"))?.groups;
      const stream = groups?.["stream"] === "stderr" ? "stderr" : "stdout";
      const at = Date.parse(groups?.["at"] ?? "");
      if (groups === undefined || Number.isNaN(at)) continue;
      const text = line.subarray((groups["at"] ?? "").length + stream.length + 4);
      const held = partial[stream];
      if (held.parts.length === 0) held.at = at;
      if (groups["tag"] === "P" && held.size + text.length < joinLimit) {
        held.parts.push(Buffer.from(text));
        held.size += text.length;
        continue;
      }
      yield { at: held.at, stream, text: Buffer.concat([...held.parts, text]).toString("utf8") };
      held.parts.length = 0;
      held.size = 0;
    }
    carried = Buffer.from(bytes.subarray(start));
  }
  for (const stream of ["stdout", "stderr"] as const) {
    const held = partial[stream];
    if (held.parts.length > 0) yield { at: held.at, stream, text: Buffer.concat(held.parts).toString("utf8") };
  }
}

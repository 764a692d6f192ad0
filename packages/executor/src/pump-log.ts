import { type LogChunk } from "@lapcat/engine";
import { type Clock } from "@lapcat/engine";
import { type Masker } from "./mask.ts";
import { type LogSink } from "./ports.ts";

const streams = ["stdout", "stderr"] as const;

/** Takes a container's output to its log, masked, as fast as the log takes it. `note` gives a last line of ours. Ends the log in any case. */
export async function pumpLog(
  chunks: AsyncIterable<LogChunk>,
  log: ReturnType<LogSink["openLog"]>,
  newMasker: () => Masker,
  clock: Clock,
  note: () => Promise<string | undefined>,
): Promise<void> {
  const maskers = { stdout: newMasker(), stderr: newMasker() };
  try {
    for await (const { stream, bytes } of chunks) {
      const masked = maskers[stream].push(bytes);
      if (masked.length > 0) await log.write(stream, masked, clock.now());
    }
    for (const stream of streams) {
      const rest = maskers[stream].end();
      if (rest.length > 0) await log.write(stream, rest, clock.now());
    }
    const last = await note();
    if (last !== undefined) {
      const masker = newMasker();
      const masked = Buffer.concat([masker.push(Buffer.from(`${last}\n`)), masker.end()]);
      await log.write("stderr", masked, clock.now());
    }
  } finally {
    await log.end();
  }
}

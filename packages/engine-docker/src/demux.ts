import { type LogChunk } from "@lapcat/engine";

const headerLength = 8;

/**
 * Takes the engine's multiplexed stream apart: frames of `[stream, 0, 0, 0, length (32 bit, big endian)]` and payload, cut anywhere.
 * Neighbouring frames of one stream that arrived together leave as one chunk.
 */
export async function* demux(source: AsyncIterable<Buffer>): AsyncGenerator<LogChunk, void, undefined> {
  let stream: LogChunk["stream"] = "stdout";
  let missing = 0;
  let header = Buffer.alloc(0);
  for await (const data of source) {
    let at = 0;
    let parts: Buffer[] = [];
    let partsStream = stream;
    while (at < data.length) {
      if (missing === 0) {
        const take = Math.min(headerLength - header.length, data.length - at);
        header = Buffer.concat([header, data.subarray(at, at + take)]);
        at += take;
        if (header.length < headerLength) break;
        stream = streamOf(header[0]);
        missing = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const payload = data.subarray(at, at + missing);
      at += payload.length;
      missing -= payload.length;
      if (stream !== partsStream && parts.length > 0) {
        yield { stream: partsStream, bytes: joined(parts) };
        parts = [];
      }
      partsStream = stream;
      parts.push(payload);
    }
    if (parts.length > 0) yield { stream: partsStream, bytes: joined(parts) };
  }
}

function joined(parts: readonly Buffer[]): Buffer {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}

function streamOf(id: number | undefined): LogChunk["stream"] {
  if (id === 1 || id === 0) return "stdout";
  if (id === 2) return "stderr";
  throw new Error(`the engine's log stream has an unknown frame type ${String(id)}`);
}

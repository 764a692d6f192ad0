import { isIPv6 } from "node:net";
import { Duplex } from "node:stream";
import { type Container } from "dockerode";
import { relayProcess } from "./anchor.ts";
import { demux } from "./demux.ts";
import { engineError } from "./errors.ts";

/** A way to a port of a pod's network, or why there is none. */
export type Relay =
  | { readonly kind: "open"; readonly socket: Duplex }
  | { readonly kind: "closed"; readonly why: string };

/** Connects from inside the network that `anchor` holds, whether or not it can be reached from here. */
export async function relayTo(anchor: Container, address: string, port: number): Promise<Relay> {
  try {
    const exec = await anchor.exec({
      Cmd: [...relayProcess],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: false,
    });
    const stream: Duplex = await exec.start({ hijack: true, stdin: true });
    stream.on("error", () => undefined);
    stream.write(socketAddress(address, port));
    const chunks = demux(stream as AsyncIterable<Buffer>);
    const first = await chunks.next();
    if (first.done !== true) return { kind: "open", socket: socketOf(stream, chunks, first.value.bytes.subarray(1)) };
    const { ExitCode } = await exec.inspect();
    return { kind: "closed", why: reasons[ExitCode ?? 0] ?? `it failed (${ExitCode})` };
  } catch (cause) {
    throw engineError(cause, `connect to port ${port} of a pod`);
  }
}

/** Linux's numbers, whatever system we are on. */
const reasons: Readonly<Record<number, string>> = {
  101: "the network is unreachable",
  110: "it timed out",
  111: "connection refused",
  113: "there is no route to the host",
};

function socketOf(
  stream: Duplex,
  chunks: AsyncGenerator<{ readonly bytes: Uint8Array }, void>,
  rest: Uint8Array,
): Duplex {
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => stream.write(chunk, done),
    destroy: (error, done) => {
      // The relay ends when it reads no more.
      stream.end();
      stream.destroy();
      done(error);
    },
  });
  if (rest.length > 0) socket.push(rest);
  const pump = async (): Promise<void> => {
    for await (const { bytes } of chunks) socket.push(bytes);
    socket.push(null);
  };
  pump().catch((error: unknown) => socket.destroy(error instanceof Error ? error : new Error(String(error))));
  return socket;
}

/** Linux's `sockaddr_in6`, or a `sockaddr_in` filled up to its length. */
export function socketAddress(address: string, port: number): Buffer {
  const bytes = Buffer.alloc(28);
  const v6 = isIPv6(address);
  bytes.writeUInt16LE(v6 ? 10 : 2, 0);
  bytes.writeUInt16BE(port, 2);
  if (!v6) {
    for (const [index, part] of address.split(".").entries()) bytes[4 + index] = Number(part);
    return bytes;
  }
  const [before = "", after] = address.replace(/%.*$/u, "").split("::");
  const groups = (text: string): readonly number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const front = groups(before);
  const back = groups(after ?? "");
  const all = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back];
  for (const [index, group] of all.entries()) bytes.writeUInt16BE(group, 8 + 2 * index);
  return bytes;
}

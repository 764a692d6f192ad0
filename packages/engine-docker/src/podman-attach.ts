import { readFile } from "node:fs/promises";

/** Sockets of this machine; absent where it is no Linux. */
const table = "/proc/net/unix";
/** One whose type is SEQPACKET and which waits to be accepted, at what a watcher listens on: all have the same name. */
const waiting = /^\S+ \S+ \S+ \S+ 0005 02 +0 \S*\/attach$/mu;

/**
 * Podman answers an attach as soon as its connection stands in the queue of the container's watcher (conmon). On a busy machine a process can be
 * started, print and end before the watcher takes it from there, and what it printed is lost. Resolves when no connection stands in such
 * a queue; at once where that cannot be seen, and in the end in any case.
 */
export async function attachmentsTaken(
  patience = 10_000,
  read: () => Promise<string> = () => readFile(table, "latin1"),
): Promise<void> {
  const deadline = performance.now() + patience;
  for (let pause = 1; performance.now() < deadline; pause = Math.min(50, pause * 2)) {
    try {
      if (!waiting.test(await read())) return;
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** What Podman says, in the place of the output, when the watcher was gone before it took the connection. */
const loss = /(?:^|\n)Error: read unixpacket \S*->\S*\/attach: read: connection reset by peer\n$/u;

/** Whether the last that came of a container's output says that output is missing. */
export function tellsOfLoss(bytes: Uint8Array): boolean {
  return loss.test(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(-300).toString("latin1"));
}

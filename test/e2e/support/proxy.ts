import { createConnection, createServer, type ListenOptions, type Socket } from "node:net";
import { once } from "node:events";

export interface Proxy {
  readonly port: number;
  /** What was sent to the engine so far, of each connection the first megabytes. */
  said(): string;
  /** Nobody listens any more, and whoever was connected is cut off. */
  close(): Promise<void>;
}

const rememberedBytes = 4 * 1024 * 1024;

/** An engine's socket at another address. */
export async function proxyTo(socket: string, at: ListenOptions): Promise<Proxy> {
  const open = new Set<Socket>();
  const said: Buffer[] = [];
  // A client that has said everything still wants to hear the answer.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const daemon = createConnection({ path: socket, allowHalfOpen: true });
    for (const [from, to] of [
      [client, daemon],
      [daemon, client],
    ] as const) {
      open.add(from);
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
      from.on("error", () => to.destroy());
      from.pipe(to);
    }
    let remembered = 0;
    client.on("data", (chunk: Buffer) => {
      if (remembered < rememberedBytes) said.push(chunk);
      remembered += chunk.length;
    });
  });
  server.listen(at);
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    said: () => Buffer.concat(said).toString("latin1"),
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const each of open) each.destroy();
      await closed;
    },
  };
}

import { createConnection, createServer, type ListenOptions, type Socket } from "node:net";
import { once } from "node:events";

export interface Proxy {
  readonly port: number;
  /** What was sent to the engine so far, of each connection the first megabytes. */
  said(): string;
  /** Nobody listens any more, and whoever was connected is cut off. */
  close(): Promise<void>;
}

/** Something that happens once: when a request has been passed on, or when the engine answers it, which is not passed back. */
export interface Incident {
  /** Counted from 1. */
  readonly request: number;
  readonly when: "asked" | "answered";
  happen(): void;
}

const requestLine = /^(?:GET|HEAD|POST|PUT|DELETE) \S+ HTTP\/1\.1\r\n/u;

const rememberedBytes = 4 * 1024 * 1024;

/** An engine's socket at another address. */
export async function proxyTo(socket: string, at: ListenOptions, incident?: Incident): Promise<Proxy> {
  let requests = 0;
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
        // Whoever asked may be gone: the engine is asked nevertheless.
        to.destroySoon();
      });
      from.on("error", () => to.destroy());
      from.pipe(to);
    }
    let remembered = 0;
    client.on("data", (chunk: Buffer) => {
      if (requestLine.test(chunk.subarray(0, 2000).toString("latin1")) && ++requests === incident?.request) {
        daemon.unpipe(client);
        if (incident.when === "asked") incident.happen();
        else daemon.once("data", () => incident.happen()).resume();
      }
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

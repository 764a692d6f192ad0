import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface ConnectProxy {
  /** What HTTPS_PROXY is to be. */
  readonly url: string;
  close(): void;
}

/** A proxy of this machine by which a few hosts' names lead to one address; of any other host it knows nothing. */
export async function startConnectProxy(names: readonly string[], address: string): Promise<ConnectProxy> {
  const open = new Set<Socket>();
  const hold = (socket: Socket): void => {
    open.add(socket);
    socket.once("close", () => open.delete(socket)).on("error", () => socket.destroy());
  };
  const server = createServer((_, response) => response.writeHead(501).end("only CONNECT\n"));
  server.on("connection", hold).on("connect", (request, client: Socket, head: Buffer) => {
    const [name = "", port = ""] = (request.url ?? "").split(":");
    if (!names.includes(name) || port !== "443") return void client.end("HTTP/1.1 502 No such host here\r\n\r\n");
    const upstream = connect(443, address, () => {
      client.write("HTTP/1.1 200 Connected\r\n\r\n");
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    hold(upstream);
    upstream.once("close", () => client.destroy());
    client.once("close", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

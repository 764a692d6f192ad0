import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { fetcherFor } from "./fetcher.ts";

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(server: Server): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("the proxies of the environment are asked for what is not this machine's, and NO_PROXY is none of theirs", async () => {
  const origin = await listening(createServer((request, response) => response.end(`for ${request.headers.host}`)));
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end("by the proxy");
  }).on("connect", (request, client) => {
    asked.push(request.url ?? "");
    const [host = "", port = ""] = origin.split(":");
    const upstream = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connected\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
  });
  const http_proxy = `http://${await listening(proxy)}`;
  const fetcher = fetcherFor({ http_proxy, NO_PROXY: "intern.example" });
  await (await fetcher("http://definitions.example/a")).text();
  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain("definitions.example");
  expect(await (await fetcher(`http://${origin}/`)).text()).toBe(`for ${origin}`);
  expect(asked).toHaveLength(1);
  await expect(fetcher("http://intern.example/a")).rejects.toThrow("fetch failed");
  expect(asked).toHaveLength(1);
});

test("without a proxy it is Node's own", async () => {
  const origin = await listening(createServer((_, response) => response.end("there")));
  expect(await (await fetcherFor({})(`http://${origin}/`)).text()).toBe("there");
});

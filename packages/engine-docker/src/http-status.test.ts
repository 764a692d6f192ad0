import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { httpStatus } from "./http-status.ts";

const asked: IncomingMessage[] = [];
const answers: Readonly<Record<string, readonly [number, string?]>> = {
  "/good": [200],
  "/empty": [204],
  "/unchanged": [304],
  "/gone": [404],
  "/broken": [503],
  "/to-good": [302, "/good"],
  "/to-gone": [302, "gone"],
  "/away": [302, "http://elsewhere.example/"],
  "/round": [302, "/round"],
};
const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  asked.push(request);
  const [code, location] = answers[request.url ?? ""] ?? [200];
  response.writeHead(code, location === undefined ? {} : { location }).end("body");
});
let port = 0;

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => server.close());

const ask = (path: string, headers: readonly { readonly name: string; readonly value: string }[] = []) =>
  httpStatus({ kind: "http", scheme: "HTTP", port, path, headers }, "127.0.0.1", (to) =>
    Promise.resolve({ kind: "open", socket: connect(to, "127.0.0.1") }),
  );

test.for([
  ["/good", true],
  ["/empty", true],
  ["/unchanged", true],
  ["/gone", false],
  ["/broken", false],
  ["/to-good", true],
  ["/to-gone", false],
  ["/away", true],
  ["/round", false],
] as const)("%s is answered %s", async ([path, ok]) => {
  expect((await ask(path)).ok).toBe(ok);
});

test("the path with its query and the headers arrive, and those that are given stand in place of the usual", async () => {
  asked.length = 0;
  await ask("/ready?x=1&y=2", [
    { name: "Host", value: "app.example" },
    { name: "X-Two", value: "1" },
    { name: "X-Two", value: "2" },
  ]);
  const [{ url, headers } = {}] = asked;
  expect([url, headers?.host, headers?.["x-two"], headers?.accept]).toEqual([
    "/ready?x=1&y=2",
    "app.example",
    "1, 2",
    "*/*",
  ]);
});

test("nobody who listens is no", async () => {
  const answer = await httpStatus({ kind: "http", scheme: "HTTP", port: 9, path: "/", headers: [] }, "127.0.0.1", () =>
    Promise.resolve({ kind: "closed", why: "connection refused" }),
  );
  expect(answer).toEqual({ ok: false, said: "port 9: connection refused" });
});

test("what is no HTTP is no", async () => {
  const { ok } = await httpStatus({ kind: "http", scheme: "HTTPS", port, path: "/", headers: [] }, "127.0.0.1", (to) =>
    Promise.resolve({ kind: "open", socket: connect(to, "127.0.0.1") }),
  );
  expect(ok).toBe(false);
});

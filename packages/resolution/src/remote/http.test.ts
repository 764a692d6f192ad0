import { createHash } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { httpResolver } from "./http.ts";
import { worldForTest } from "./world-for-test.ts";

const task = "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\n";
const sha256 = createHash("sha256").update(task).digest("hex");

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function ask(
  params: Readonly<Record<string, string>>,
  config: Readonly<Record<string, string>> = {},
): Promise<string> {
  const world = worldForTest({
    settings: () => config,
    secret: (name, key) => (name === "login" && key === "password" ? "letmein" : undefined),
  });
  const given = Object.entries(params).map(([name, value]) => ({ name, value }));
  const answer = await httpResolver({ namespace: "default", wanted: "Task", params: given }, world);
  const { origin } = new URL(params["url"] ?? "", "http://nowhere");
  const told = answer.ok
    ? `${answer.value.text === task ? "the task" : answer.value.text} of ${answer.value.provenance.uri}${answer.value.immutable ? ", for ever" : ""}`
    : answer.diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n");
  return told.replaceAll(origin, "SERVER");
}

/** What it is asked for, with the login it was given. */
function recording(seen: string[], answer: RequestListener): RequestListener {
  return (request, response) => {
    const [, encoded = ""] = (request.headers.authorization ?? "").split(" ");
    seen.push(`${request.url} ${Buffer.from(encoded, "base64").toString()}`.trim());
    answer(request, response);
  };
}

test("an answer is the definition, and what its digest names is so for ever", async () => {
  const at = await listening((_, response) => response.end(task));
  expect(await ask({ url: `${at}/a.yaml` })).toBe("the task of SERVER/a.yaml");
  expect(await ask({ url: `${at}/a.yaml`, digest: `sha256:${sha256}` })).toBe("the task of SERVER/a.yaml, for ever");
  const sha512 = createHash("sha512").update(task).digest("hex");
  expect(await ask({ url: `${at}/a.yaml`, digest: `sha512:${sha512}` })).toBe("the task of SERVER/a.yaml, for ever");
  expect(await ask({ url: `${at}/a.yaml`, digest: `sha256:${"0".repeat(64)}` })).toBe(
    `resolver.missing what came back has the digest sha256:${sha256}, not sha256:${"0".repeat(64)}`,
  );
});

test.for([
  [401, "resolver.unauthorized SERVER/x answers 401 Unauthorized"],
  [403, "resolver.unauthorized SERVER/x answers 403 Forbidden"],
  [404, "resolver.missing SERVER/x answers 404 Not Found"],
  [204, "resolver.missing SERVER/x answers 204 No Content"],
  [304, "resolver.missing SERVER/x answers 304 Not Modified"],
  [302, "resolver.missing SERVER/x answers 302 Found"],
  [429, "resolver.unreachable SERVER/x answers 429 Too Many Requests"],
  [503, "resolver.unreachable SERVER/x answers 503 Service Unavailable"],
] as const)("%i is told as what it is", async ([status, expected]) => {
  const at = await listening((_, response) => response.writeHead(status).end());
  expect(await ask({ url: `${at}/x` })).toBe(expected);
});

test("a login goes along a redirect to the same host, and to no other", async () => {
  const seen: string[] = [];
  const other = await listening(recording(seen, (_, response) => response.end(task)));
  const at = await listening(
    recording(seen, ({ url }, response) =>
      url === "/a"
        ? response.writeHead(301, { location: "b" }).end()
        : response.writeHead(307, { location: `${other.replace("127.0.0.1", "localhost")}/c` }).end(),
    ),
  );
  const login = { "http-username": "me", "http-password-secret": "login" };
  expect(await ask({ url: `${at}/a`, ...login })).toBe("the task of SERVER/a");
  expect(seen).toEqual(["/a me:letmein", "/b me:letmein", "/c"]);
});

test("a login that stands in the address is used, and not told", async () => {
  const seen: string[] = [];
  const at = await listening(recording(seen, (_, response) => response.end(task)));
  const told = await ask({ url: `${at.replace("http://", "http://a%40b:c@")}/x` });
  expect(told).toBe("the task of SERVER/x");
  expect(seen).toEqual(["/x a@b:c"]);
});

test("redirects that do not end, or lead elsewhere, are followed no further than Go does", async () => {
  const seen: string[] = [];
  const at = await listening(
    recording(seen, ({ url }, response) =>
      response.writeHead(302, { location: url === "/file" ? "file:///etc/passwd" : `${url}x` }).end(),
    ),
  );
  expect(await ask({ url: `${at}/x` })).toBe(
    "resolver.unreachable SERVER/x cannot be reached: it leads on and on: 10 redirects",
  );
  expect(seen).toHaveLength(10);
  expect(await ask({ url: `${at}/file` })).toBe(
    "resolver.unreachable SERVER/file cannot be reached: it leads to file:///etc/passwd, which is no http(s) address",
  );
});

test("no more than 1 MiB is read, of what is not text nothing is taken", async () => {
  const at = await listening(({ url }, response) => {
    if (url === "/most") return void response.end("x".repeat(1024 * 1024));
    if (url === "/binary") return void response.end(Buffer.from([0xff, 0xfe, 0x00]));
    // Never ends by itself.
    const more = (): void => {
      while (response.write("x".repeat(65536)));
    };
    response.on("drain", more);
    more();
  });
  expect(await ask({ url: `${at}/more` })).toBe("resolver.missing SERVER/more answers with more than 1 MiB");
  expect(await ask({ url: `${at}/most` })).toMatch(/^x{1048576} of/u);
  expect(await ask({ url: `${at}/binary` })).toBe(
    "resolver.missing SERVER/binary answers with what is not valid UTF-8",
  );
});

test("who does not answer is waited for as long as fetch-timeout says", async () => {
  const at = await listening(() => undefined);
  expect(await ask({ url: `${at}/x` }, { "fetch-timeout": "100ms" })).toBe(
    "resolver.unreachable SERVER/x cannot be reached: it did not answer within 100ms",
  );
  const gone = await listening((request) => request.destroy());
  expect(await ask({ url: `${gone}/x` })).toBe(
    "resolver.unreachable SERVER/x cannot be reached: it broke the connection off",
  );
  expect(await ask({ url: "http://127.0.0.1:1/x" })).toMatch(/^resolver\.unreachable SERVER\/x cannot be reached: /u);
});

test.for([
  [{}, "the http resolver needs the param url"],
  [{ url: "file:///etc/passwd" }, 'the http resolver\'s url "file:///etc/passwd" is no http(s) address'],
  [{ url: "a.yaml" }, 'the http resolver\'s url "a.yaml" is no http(s) address'],
  [
    { url: "http://h/", "http-username": "me" },
    "the http resolver takes the params http-username and http-password-secret together, and neither may be empty",
  ],
  [
    { url: "http://h/", "http-username": "", "http-password-secret": "login" },
    "the http resolver takes the params http-username and http-password-secret together, and neither may be empty",
  ],
  [
    { url: "http://h/", "http-username": "me", "http-password-secret": "other" },
    'the http resolver\'s password is to be key "password" of the Secret "other", which is not among the documents',
  ],
  [{ url: "http://h/", digest: "md5:abc" }, 'the http resolver\'s digest "md5:abc" is none'],
  [{ url: "http://h/", digest: "sha256:abc" }, 'the http resolver\'s digest "sha256:abc" is none'],
] as const)("%j is refused before anybody is asked", async ([params, expected]) => {
  expect(await ask(params)).toBe(`resolver.param ${expected}`);
});

import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import {
  type LayerForTest,
  layerFor,
  registryForTest,
  type RegistryForTest,
  sha256,
  tarOf,
  zipped,
} from "./bundle-for-test.ts";
import { bundlesResolver } from "./bundles.ts";
import { type Keychain } from "./registry-auth.ts";
import { type RemoteText, type RemoteWorld } from "./resolver.ts";
import { imagesForTest, worldForTest } from "./world-for-test.ts";
import { type Diagnostic, type Result } from "@lapcat/diagnostic";

const registries: RegistryForTest[] = [];
afterEach(() => Promise.all(registries.splice(0).map((each) => each.close())));
async function registry(...first: Parameters<typeof registryForTest>): Promise<RegistryForTest> {
  const started = await registryForTest(...first);
  registries.push(started);
  return started;
}

const defaults = { "default-kind": "task", "default-service-account": "default", "backoff-duration": "1ms" };

/** No image map, these logins. */
function withLogins(...keychains: readonly Keychain[]): Partial<RemoteWorld> {
  return { images: imagesForTest(keychains) };
}

function resolve(
  params: Readonly<Record<string, string>>,
  more: Partial<RemoteWorld> = {},
): Promise<Result<RemoteText>> {
  const list = Object.entries(params).map(([name, value]) => ({ name, value }));
  return bundlesResolver(
    { namespace: "default", wanted: "Task", params: list },
    worldForTest({ settings: () => defaults, ...more }),
  );
}

async function refusalOf(
  params: Readonly<Record<string, string>>,
  more: Partial<RemoteWorld> = {},
): Promise<readonly string[]> {
  const result = await resolve(params, more);
  return result.ok
    ? [`found ${result.value.text}`]
    : result.diagnostics.map(
        ({ code, message, hint }) => `${code}: ${message}${hint === undefined ? "" : ` (${hint})`}`,
      );
}

const task = (name: string): LayerForTest => layerFor("task", name, zipped(`kind: Task # ${name}\n`));

test("an object is found by its kind and name, with where it came from", async () => {
  const { host, push } = await registry();
  const pipeline = layerFor("pipeline", "build", zipped("kind: Pipeline\n"), "v1beta1");
  const digest = push("org/catalog", "v1", [task("build"), pipeline, task("test")]);
  const bundle = `${host}/org/catalog:v1`;
  expect(await resolve({ bundle, name: "test" })).toEqual({
    ok: true,
    diagnostics: [],
    value: {
      text: "kind: Task # test\n",
      provenance: { uri: `${host}/org/catalog`, digest: { sha256: digest.slice(7) }, entryPoint: "test" },
      immutable: false,
    },
  });
  expect(await resolve({ bundle, name: "build", kind: "Pipeline" })).toMatchObject({
    value: { text: "kind: Pipeline\n" },
  });
});

test("by a digest it can never be another", async () => {
  const { host, push } = await registry();
  const digest = push("org/catalog", "v1", [task("build")]);
  const found = await resolve({ bundle: `${host}/org/catalog:gone@${digest}`, name: "build" });
  expect(found).toMatchObject({ ok: true, value: { immutable: true } });
});

test("where the image map leads is where it comes from", async () => {
  const { host, push } = await registry();
  push("stand/in", "latest", [task("build")]);
  const found = await resolve(
    { bundle: `ghcr.io/org/catalog@sha256:${"0".repeat(64)}`, name: "build" },
    { images: { ...imagesForTest([]), inPlaceOf: () => Promise.resolve(`${host}/stand/in`) } },
  );
  expect(found).toMatchObject({ ok: true, value: { immutable: false, provenance: { uri: `${host}/stand/in` } } });
});

const text = "kind: Task\n";
test.for([
  ["a tar archive, compressed", zipped(text)],
  ["a tar archive", tarOf(text)],
  ["the object itself, compressed", gzipSync(text)],
  ["the object itself", Buffer.from(text)],
  [
    "an archive with an extended header",
    gzipSync(Buffer.concat([tarOf("13 path=long\n", "x").subarray(0, 1024), tarOf(text)])),
  ],
  ["an archive of two files", gzipSync(Buffer.concat([tarOf(text).subarray(0, 1024), tarOf("other")]))],
] as const)("a layer may be %s", async ([, bytes]) => {
  const { host, push } = await registry();
  push("org/catalog", "v1", [layerFor("task", "build", bytes)]);
  expect(await resolve({ bundle: `${host}/org/catalog:v1`, name: "build" })).toMatchObject({ value: { text } });
});

test("of an index the image for linux/amd64 is taken, whose digest is told", async () => {
  const { host, push, put } = await registry();
  const other = push("org/catalog", "arm", [task("arm")]);
  const wanted = push("org/catalog", "amd", [task("build")]);
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifests = [
    { mediaType, digest: other, platform: { os: "linux", architecture: "arm64" } },
    { mediaType, digest: wanted, platform: { os: "linux", architecture: "amd64" } },
  ];
  put("org/catalog", "v1", { schemaVersion: 2, manifests }, "application/vnd.oci.image.index.v1+json");
  expect(await resolve({ bundle: `${host}/org/catalog:v1`, name: "build" })).toMatchObject({
    value: { provenance: { digest: { sha256: wanted.slice(7) } } },
  });
  put(
    "org/catalog",
    "v2",
    { manifests: manifests.slice(0, 1) },
    "application/vnd.docker.distribution.manifest.list.v2+json",
  );
  expect(await refusalOf({ bundle: `${host}/org/catalog:v2`, name: "build" })).toEqual([
    `resolver.missing: ${host}/org/catalog is no Tekton bundle: it is an index without an image for linux/amd64 (\`tkn bundle push\` makes one)`,
  ]);
});

test.for([
  [{}, "needs the param bundle and the param name"],
  [{ bundle: "ghcr.io/org/catalog" }, "needs the param name"],
  [{ bundle: "", name: "build" }, "needs the param bundle"],
  [
    { bundle: "https://ghcr.io/org/catalog", name: "build" },
    'bundle "https://ghcr.io/org/catalog" is no image reference',
  ],
] as const)("%j: the resolver %s", async ([params, words]) => {
  const [told = ""] = await refusalOf(params);
  expect(told).toContain("resolver.param: the bundles resolver");
  expect(told).toContain(words);
});

test.for([
  ["default-kind", "needs the param kind: the ConfigMap bundleresolver-config has no default-kind"],
  ["default-service-account", "needs the param serviceAccount"],
] as const)("without %s the resolver %s", async ([key, words]) => {
  const { [key]: _, ...settings } = defaults;
  expect((await refusalOf({ bundle: "a/b", name: "c" }, { settings: () => settings }))[0]).toContain(words);
});

const annotations = {
  "dev.tekton.image.kind": "task",
  "dev.tekton.image.name": "build",
  "dev.tekton.image.apiVersion": "v1",
};
const without = (key: keyof typeof annotations): Readonly<Record<string, string>> => {
  const { [key]: _, ...others } = annotations;
  return others;
};
const bytes = zipped(text);
const bomb = gzipSync(Buffer.alloc(9 * 1024 * 1024));
test.for([
  [
    "too many layers",
    Array.from({ length: 21 }, () => task("build")),
    "it has 21 layers, and a bundle holds 20 objects at the most",
  ],
  [
    "no apiVersion",
    [{ bytes, annotations: without("dev.tekton.image.apiVersion") }],
    "its layer 0 has no annotation dev.tekton.image.apiVersion",
  ],
  [
    "no name",
    [{ bytes, annotations: without("dev.tekton.image.name") }],
    "its layer 0 has no annotation dev.tekton.image.name",
  ],
  [
    "no kind",
    [task("a"), { bytes, annotations: without("dev.tekton.image.kind") }],
    "its layer 1 has no annotation dev.tekton.image.kind",
  ],
  ["no annotations", [{ bytes }], "its layer 0 has no annotation dev.tekton.image.apiVersion"],
  [
    "a kind in capitals",
    [layerFor("Task", "build", bytes)],
    'kind of its layer 0 is "Task", not in lower case and singular',
  ],
  [
    "a kind in the plural",
    [layerFor("tasks", "build", bytes)],
    'kind of its layer 0 is "tasks", not in lower case and singular',
  ],
  [
    "another digest",
    [{ bytes, annotations, told: { digest: "md5:0" } }],
    "its layer 0 has no digest of the kind sha256",
  ],
  ["no such object", [task("built"), layerFor("pipeline", "build", bytes)], 'there is no task "build" in the bundle'],
  ["a bomb", [layerFor("task", "build", bomb)], "unpacked, is larger than 8 MiB"],
  ["a giant", [{ bytes, annotations, told: { size: 1e12 } }], "is larger than 8 MiB"],
  ["more than it says", [{ bytes, annotations, told: { size: 10 } }], "gave more than the 10 bytes of sha256:"],
  ["less than it says", [{ bytes, annotations, told: { size: 1000 } }], "gave less than the 1000 bytes of sha256:"],
  [
    "broken compression",
    [layerFor("task", "build", bytes.subarray(0, 30))],
    "cannot be unpacked: unexpected end of file",
  ],
  ["no text", [layerFor("task", "build", Buffer.from("fffe", "hex"))], "holds what is not valid UTF-8"],
] as const)("a bundle with %s is refused", async ([, layers, words]) => {
  const { host, push } = await registry();
  push("org/catalog", "v1", layers);
  const [told = ""] = await refusalOf({ bundle: `${host}/org/catalog:v1`, name: "build" });
  expect(told).toContain("resolver.missing: ");
  expect(told).toContain(words);
});

test("a layer or a manifest with another digest than it should have is refused", async () => {
  const wrong = Buffer.from("kind: Evil\n");
  const { host, push } = await registry((request, response) => {
    if (request.url?.includes("/blobs/") !== true) return false;
    response.end(wrong);
    return true;
  });
  push("org/catalog", "v1", [layerFor("task", "build", Buffer.from("kind: Task\n"))]);
  expect((await refusalOf({ bundle: `${host}/org/catalog:v1`, name: "build" }))[0]).toContain(
    `has the digest sha256:${sha256(wrong)}`,
  );
  const changed = await registry((request, response) => {
    if (request.url === "/v2/") return false;
    response.end("{}");
    return true;
  });
  const digest = `sha256:${"0".repeat(64)}`;
  expect((await refusalOf({ bundle: `${changed.host}/org/catalog@${digest}`, name: "build" }))[0]).toContain(
    `the manifest that ${changed.host} gave has the digest sha256:${sha256("{}")}, not ${digest}`,
  );
});

test("what is not there is told with the registry's own reason", async () => {
  const { host } = await registry();
  expect(await refusalOf({ bundle: `${host}/org/catalog:v9`, name: "build" })).toEqual([
    `resolver.missing: there is no image ${host}/org/catalog:v9 (MANIFEST_UNKNOWN: manifest unknown)`,
  ]);
});

test("a registry that is not there, or none at all", async () => {
  const { host } = await registry((_, response) => {
    response.writeHead(418).end();
    return true;
  });
  expect(await refusalOf({ bundle: `${host}/a/b`, name: "c" })).toEqual([
    `resolver.unreachable: the registry ${host} cannot be used: it answered 418 for /v2/: is it a registry?`,
  ]);
  expect(await refusalOf({ bundle: "127.0.0.1:1/a/b", name: "c" })).toEqual([
    expect.stringMatching(/^resolver.unreachable: the registry 127.0.0.1:1 cannot be used: /u),
  ]);
});

test("what fails in passing is asked for again, as often as the settings say", async () => {
  let busy = 0;
  const { host, push } = await registry((request, response) => {
    if (request.url?.includes("/manifests/") !== true || busy++ % 3 === 2) return false;
    response.writeHead(503).end();
    return true;
  });
  push("org/catalog", "v1", [task("build")]);
  const asked = { bundle: `${host}/org/catalog:v1`, name: "build" };
  expect((await refusalOf(asked))[0]).toContain("resolver.unreachable: ");
  busy = 0;
  const settings = (): Readonly<Record<string, string>> => ({
    ...defaults,
    "backoff-steps": "3",
    "backoff-cap": "soon",
  });
  expect(await resolve(asked, { settings })).toMatchObject({
    ok: true,
    diagnostics: [
      {
        severity: "warning",
        message: expect.stringContaining('backoff-cap of bundleresolver-config is "soon"') as unknown,
      },
    ],
  });
});

test("a registry that does not answer is waited for as long as fetch-timeout says; one that breaks off is told", async () => {
  const silent = await registry((request) => request.url?.includes("/manifests/") === true);
  const asked = { bundle: `${silent.host}/org/catalog:v1`, name: "build" };
  const settings = (timeout: string) => (): Readonly<Record<string, string>> => ({
    ...defaults,
    "fetch-timeout": timeout,
  });
  expect(await refusalOf(asked, { settings: settings("400ms") })).toEqual([
    `resolver.unreachable: the registry ${silent.host} did not answer within 400ms (That is the fetch-timeout of bundleresolver-config)`,
  ]);
  expect(await refusalOf(asked, { settings: settings("soon") })).toEqual([
    'resolver.param: fetch-timeout "soon" of bundleresolver-config is no duration',
  ]);
  const breaking = await registry((request, response) => {
    if (request.url?.includes("/manifests/") !== true) return false;
    response.writeHead(200, { "content-length": "100" }).write("{");
    setTimeout(() => response.destroy(), 20);
    return true;
  });
  expect(await refusalOf({ ...asked, bundle: `${breaking.host}/org/catalog:v1` })).toEqual([
    `resolver.unreachable: the registry ${breaking.host} cannot be used: it broke the connection off`,
  ]);
});

const login = { registry: "", username: "ada", password: "s3cret" };
const basic = `Basic ${Buffer.from("ada:s3cret").toString("base64")}`;

test("a registry that asks for a password is given the one there is", async () => {
  const guarded = await registry((request, response) => {
    if (request.headers.authorization === basic) return false;
    response.writeHead(401, { "www-authenticate": 'Negotiate, Basic realm="here"' }).end();
    return true;
  });
  guarded.push("org/catalog", "v1", [task("build")]);
  const { host } = guarded;
  const asked = { bundle: `${host}/org/catalog:v1`, name: "build" };
  const of: unknown[] = [];
  const missing: Diagnostic = { code: "credentials.unreadable", severity: "warning", message: "a helper is missing" };
  const images: RemoteWorld["images"] = {
    ...imagesForTest([]),
    logins: (registry, from) => {
      of.push(registry, from);
      return Promise.resolve({ keychains: [[], [{ ...login, registry: host }]], diagnostics: [missing] });
    },
  };
  expect(await resolve({ ...asked, secret: "pull", serviceAccount: "bot" }, { images })).toMatchObject({
    ok: true,
    diagnostics: [missing],
  });
  expect(of).toEqual([host, { serviceAccount: "bot", secret: "pull" }]);
  expect(
    await resolve(
      asked,
      withLogins([
        { ...login, registry: `${host}/org` },
        { ...login, password: "", registry: host },
      ]),
    ),
  ).toMatchObject({
    ok: true,
  });
  expect((await refusalOf(asked))[0]).toContain(`resolver.unauthorized: the registry ${host} asks who you are`);
  const [told = ""] = await refusalOf(asked, withLogins([{ ...login, password: "wr0ng", registry: host }]));
  expect(told).toContain(`resolver.unauthorized: the registry ${host} does not give the image to ada`);
  expect(told).not.toContain("wr0ng");
});

/** A registry that wants a token, which its own `/token` gives. */
async function withTokens(
  give: (url: string, authorization: string | undefined, body: string) => string | number,
): Promise<RegistryForTest> {
  const guarded = await registry((request, response) => {
    const { url = "", headers } = request;
    if (url.startsWith("/token")) {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const answer = give(url, headers.authorization, body);
        if (typeof answer === "number") response.writeHead(answer).end();
        else response.end(answer);
      });
      return true;
    }
    if (headers.authorization === "Bearer let-me-in") return false;
    const challenge = `Bearer realm="http://${headers.host ?? ""}/token",service="registry",scope="repository:org/catalog:pull"`;
    response.writeHead(401, { "www-authenticate": challenge }).end();
    return true;
  });
  guarded.push("org/catalog", "v1", [task("build")]);
  return guarded;
}

test("a registry that wants a token is given the one that its server of tokens gives", async () => {
  const { host, asked } = await withTokens((_, authorization) =>
    authorization === undefined ? '{"token":"let-me-in"}' : '{"token":"old","access_token":"let-me-in"}',
  );
  const bundle = { bundle: `${host}/org/catalog:v1`, name: "build" };
  expect(await resolve(bundle)).toMatchObject({ ok: true });
  expect(asked.slice(0, 3)).toEqual([
    "GET /v2/ anonymous",
    "GET /token?service=registry&scope=repository%3Aorg%2Fcatalog%3Apull anonymous",
    "GET /v2/org/catalog/manifests/v1 Bearer let-me-in",
  ]);
  expect(await resolve(bundle, withLogins([{ ...login, registry: host }]))).toMatchObject({ ok: true });
  expect(asked).toContain(`GET /token?service=registry&scope=repository%3Aorg%2Fcatalog%3Apull ${basic}`);
});

test("an identity token is exchanged as OAuth2 has it, or the plain way where that is not known", async () => {
  let bodies: string[] = [];
  let knows = true;
  const { host } = await withTokens((_, __, body) => {
    bodies.push(body);
    return body !== "" && !knows ? 404 : '{"access_token":"let-me-in"}';
  });
  const identity = { registry: host, username: "", password: "", identityToken: "refresh-me" };
  const more = withLogins([identity]);
  expect(await resolve({ bundle: `${host}/org/catalog:v1`, name: "build" }, more)).toMatchObject({ ok: true });
  expect(bodies).toEqual([
    "grant_type=refresh_token&refresh_token=refresh-me&client_id=lapcat&scope=repository%3Aorg%2Fcatalog%3Apull&service=registry",
  ]);
  [bodies, knows] = [[], false];
  expect(await resolve({ bundle: `${host}/org/catalog:v1`, name: "build" }, more)).toMatchObject({ ok: true });
  expect(bodies).toEqual([expect.stringContaining("refresh-me"), ""]);
});

test.for([
  [401, "resolver.unauthorized: the registry HOST asks who you are, or holds no such image"],
  [500, "resolver.unreachable: HOST gave no token: it answered 500"],
  ["{}", "resolver.unreachable: HOST gave no token: its answer holds none"],
  ["s3cret", "resolver.unreachable: HOST gave no token: its answer holds none"],
  ['{"token":"wrong"}', "resolver.unauthorized: the registry HOST asks who you are"],
] as const)("a server of tokens that answers %j", async ([answer, words]) => {
  const { host } = await withTokens(() => answer);
  const [told = ""] = await refusalOf({ bundle: `${host}/org/catalog:v1`, name: "build" });
  expect(told).toContain(words.replace("HOST", host));
});

test.for(["http://169.254.169.254/token", "file:///etc/passwd", "nowhere", "http://[::1]:8/token"])(
  "no login goes to %s, whatever the registry says",
  async (realm) => {
    const { host } = await registry((_, response) => {
      response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}"` }).end();
      return true;
    });
    expect((await refusalOf({ bundle: `${host}/a/b`, name: "c" }))[0]).toContain(
      `resolver.unreachable: the registry ${host} sends for a token to "${realm}", where lapcat does not go`,
    );
  },
);

test("a redirect is followed without the login, but not into a private network", async () => {
  const store = await registry();
  const { host, asked, push } = await registry((request, response) => {
    const found = /\/blobs\/(.+)/u.exec(request.url ?? "");
    if (request.headers.authorization !== basic) {
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
      return true;
    }
    if (found === null) return false;
    response.writeHead(307, { location: `http://${store.host}/v2/org/catalog/blobs/${found[1] ?? ""}` }).end();
    return true;
  });
  push("org/catalog", "v1", [task("build")]);
  store.push("org/catalog", "v1", [task("build")]);
  const bundle = { bundle: `${host}/org/catalog:v1`, name: "build" };
  expect(await resolve(bundle, withLogins([{ ...login, registry: host }]))).toMatchObject({ ok: true });
  expect(asked).toContain(`GET /v2/org/catalog/manifests/v1 ${basic}`);
  expect(store.asked).toEqual([expect.stringMatching(/ anonymous$/u)]);

  const leading = await registry((request, response) => {
    if (request.url?.includes("/blobs/") !== true) return false;
    response.writeHead(302, { location: "http://10.0.0.1/secret" }).end();
    return true;
  });
  leading.push("org/catalog", "v1", [task("build")]);
  expect((await refusalOf({ bundle: `${leading.host}/org/catalog:v1`, name: "build" }))[0]).toContain(
    "it leads to http://10.0.0.1/secret, where lapcat does not go",
  );
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sourceFile } from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import { type Located, readResources } from "@lapcat/tekton";
import { afterAll, expect, test } from "vitest";
import { output } from "./output.ts";
import { parseSecretFlag, withSecrets } from "./secrets.ts";

const directory = mkdtempSync(join(tmpdir(), "lapcat-secrets-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
writeFileSync(join(directory, "token"), "from a file\n");
writeFileSync(join(directory, "user"), "me");

const silent = output({ write: () => true, on: () => undefined, once: () => undefined }, {});
const world = {
  env: { TOKEN: "from a variable" },
  home: directory,
  stdin: (async function* () {})(),
  out: silent,
  err: silent,
};

test.for<[string, unknown]>([
  ["api=token", { name: "api", key: undefined, source: "token" }],
  ["api.key=token", { name: "api", key: "key", source: "token" }],
  ["api..dockerconfigjson=c", { name: "api", key: ".dockerconfigjson", source: "c" }],
  ["api=a=b", { name: "api", key: undefined, source: "a=b" }],
])("%s", ([text, flag]) => {
  expect(parseSecretFlag(text)).toMatchObject({ ok: true, value: flag });
});

test.for(["api", "=x", "api=", "api.=x", "api=env:"])("%s is refused, and not repeated", (text) => {
  const result = parseSecretFlag(text);
  expect(result).toMatchObject({ ok: false, diagnostics: [{ code: "usage" }] });
});

function documents(text: string): readonly Located[] {
  const parsed = parseManifest(sourceFile("t.yaml", text));
  const read = parsed.ok ? readResources(parsed.value) : parsed;
  if (!read.ok) throw new Error(read.diagnostics[0]?.message);
  return read.value.resources;
}

async function secretsAfter(text: string, ...flags: readonly string[]): Promise<unknown> {
  const result = await withSecrets(world, documents(text), flags);
  if (!result.ok) return result.diagnostics.map(({ message }) => message);
  return result.value.map(({ resource }) => {
    if (resource.kind !== "Secret") throw new Error(resource.kind);
    const data = Object.entries(resource.data).map(([key, bytes]) => [key, Buffer.from(bytes).toString()]);
    return { name: resource.metadata.name, type: resource.type, data: Object.fromEntries(data) };
  });
}

const placeholder = `apiVersion: v1
kind: Secret
metadata: { name: api }
stringData: { password: placeholder }
`;

test.for<[string, string, readonly string[], unknown]>([
  ["a variable is a key of its name", "", ["api=env:TOKEN"], { TOKEN: "from a variable" }],
  ["a file is a key of its name, its bytes as they are", "", [`api=${directory}/token`], { token: "from a file\n" }],
  ["a key may be named", "", ["api.k=env:TOKEN"], { k: "from a variable" }],
  ["a directory is a key a file", "", [`api=${directory}`], { token: "from a file\n", user: "me" }],
  [
    "several flags are one Secret",
    "",
    ["api.a=env:TOKEN", `api.b=${directory}/user`],
    { a: "from a variable", b: "me" },
  ],
  ["the only key of a document's Secret is meant", placeholder, ["api=env:TOKEN"], { password: "from a variable" }],
  ["a named key is added", placeholder, ["api.k=env:TOKEN"], { password: "placeholder", k: "from a variable" }],
])("%s", async ([, text, flags, data]) => {
  expect(await secretsAfter(text, ...flags)).toEqual([{ name: "api", type: "Opaque", data }]);
});

test("a Docker configuration gets the type by which it is found", async () => {
  expect(await secretsAfter("", "reg..dockerconfigjson=env:TOKEN")).toMatchObject([
    { type: "kubernetes.io/dockerconfigjson" },
  ]);
});

test("what is not there is told, every one", async () => {
  expect(await secretsAfter("", "a=env:ABSENT", `b=${directory}/absent`)).toEqual([
    expect.stringContaining("ABSENT is not set"),
    expect.stringContaining("no such file"),
  ]);
});

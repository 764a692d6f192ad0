import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dockerLogins } from "./docker-config.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "docker-config-"));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

const login = (text: string): string => Buffer.from(text).toString("base64");

async function config(value: unknown, path = join(home, ".docker")): Promise<void> {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "config.json"), typeof value === "string" ? value : JSON.stringify(value));
}

/** A helper that knows some logins, as JSON by server. */
async function helper(name: string, logins: Readonly<Record<string, readonly [string, string]>>): Promise<void> {
  const cases = Object.entries(logins).map(
    ([server, [Username, Secret]]) => `${server}) echo '${JSON.stringify({ ServerURL: server, Username, Secret })}' ;;`,
  );
  const list = JSON.stringify(Object.fromEntries(Object.entries(logins).map(([server, [user]]) => [server, user])));
  const path = join(home, "bin", `docker-credential-${name}`);
  await mkdir(join(home, "bin"), { recursive: true });
  const text = `#!/bin/sh
if [ "$1" = list ]; then echo '${list}'; exit 0; fi
read -r server
case $server in
${cases.join("\n")}
*) echo 'credentials not found in native keychain'; exit 1 ;;
esac
`;
  await writeFile(path, text);
  await chmod(path, 0o755);
}

const env = (): Record<string, string> => ({ PATH: `${join(home, "bin")}${delimiter}${process.env["PATH"] ?? ""}` });

test("without a configuration there are no logins", async () => {
  expect(await dockerLogins({ env: env(), home })).toEqual({ path: undefined, credentials: [], diagnostics: [] });
});

test("logins in the file are read, Docker Hub's by its host", async () => {
  await config({
    auths: {
      "https://index.docker.io/v1/": { auth: login("me:pass:word") },
      "registry.example:5000/team": { username: "bob", password: "b" },
      "ghcr.io": { auth: login("x:y"), identitytoken: "refresh" },
      "empty.example": {},
    },
  });
  const { credentials, path } = await dockerLogins({ env: env(), home });
  expect(path).toBe(join(home, ".docker", "config.json"));
  expect(credentials).toEqual([
    { registry: "index.docker.io", username: "me", password: "pass:word" },
    { registry: "registry.example:5000/team", username: "bob", password: "b" },
    { registry: "ghcr.io", username: "x", password: "y", identityToken: "refresh" },
  ]);
});

test("DOCKER_CONFIG names another directory, and --docker-config a file or a directory", async () => {
  const elsewhere = join(home, "elsewhere");
  await config({ auths: { "a.example": { auth: login("a:b") } } }, elsewhere);
  const expected = [{ registry: "a.example", username: "a", password: "b" }];
  const byEnv = await dockerLogins({ env: { ...env(), DOCKER_CONFIG: elsewhere }, home });
  const byDirectory = await dockerLogins({ env: env(), home, file: elsewhere });
  const byFile = await dockerLogins({ env: env(), home, file: join(elsewhere, "config.json") });
  expect([byEnv, byDirectory, byFile].map((each) => each.credentials)).toEqual([expected, expected, expected]);
});

test("a helper of a registry is asked before the store, and the store for what it lists", async () => {
  await helper("own", { "registry.example": ["own", "1"] });
  await helper("store", { "https://index.docker.io/v1/": ["<token>", "refresh"], "registry.example": ["store", "2"] });
  await config({ auths: { "ghcr.io": {} }, credsStore: "store", credHelpers: { "registry.example": "own" } });
  const { credentials, diagnostics } = await dockerLogins({ env: env(), home });
  expect(diagnostics).toEqual([]);
  expect(credentials).toEqual([
    { registry: "registry.example", username: "own", password: "1" },
    { registry: "index.docker.io", username: "", password: "", identityToken: "refresh" },
  ]);
});

test("for some registries only their logins are asked for", async () => {
  await helper("store", { "https://index.docker.io/v1/": ["hub", "1"], "other.example": ["other", "2"] });
  await config({ auths: { "third.example": { auth: login("a:b") } }, credsStore: "store" });
  const { credentials } = await dockerLogins({ env: env(), home, registries: ["docker.io"] });
  expect(credentials).toEqual([{ registry: "index.docker.io", username: "hub", password: "1" }]);
});

test("a helper that is not installed is a warning", async () => {
  await config({ credHelpers: { "registry.example": "nowhere" } });
  const { credentials, diagnostics } = await dockerLogins({ env: env(), home });
  expect(credentials).toEqual([]);
  expect(diagnostics).toMatchObject([{ severity: "warning", code: "credentials.unreadable" }]);
  expect(diagnostics[0]?.message).toContain("docker-credential-nowhere gave no login for registry.example");
});

test("a helper's name cannot lead to another program", async () => {
  await config({ credsStore: "../../bin/sh" });
  const { diagnostics } = await dockerLogins({ env: env(), home });
  expect(diagnostics[0]?.message).toContain("not a helper's name");
});

test.for([
  ["no JSON", "{ secret-text"],
  ["a list", "[]"],
  ["auths that are none", '{"auths": 1}'],
] as const)("%s is refused without quoting it", async ([, text]) => {
  await config(text);
  await expect(dockerLogins({ env: env(), home })).rejects.toMatchObject({
    diagnostic: { code: "credentials.unreadable", message: expect.not.stringContaining("secret-text") },
  });
});

test("a configuration that was asked for has to be there", async () => {
  await expect(dockerLogins({ env: env(), home, file: join(home, "absent.json") })).rejects.toMatchObject({
    diagnostic: { code: "credentials.unreadable" },
  });
});

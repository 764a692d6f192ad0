import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sourceFile } from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import { attemptResources, type ClusterObjects, type Located, type Secret, type ServiceAccount } from "@lapcat/tekton";
import { afterEach, beforeEach, expect, test } from "vitest";
import { imageAccess } from "./image-access.ts";
import { output } from "./output.ts";
import { type World } from "./world.ts";

let directory: string;
let world: World;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lapcat-images-"));
  const silent = output({ write: () => true, on: () => undefined, once: () => undefined }, {});
  world = { env: {}, home: directory, stdin: (async function* () {})(), out: silent, err: silent };
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const auth = (login: string): string => Buffer.from(login).toString("base64");

function secret(name: string, registry: string, login: string): string {
  const config = JSON.stringify({ auths: { [registry]: { auth: auth(login) } } });
  return `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\ntype: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: '${config}'}\n`;
}

function objects(...texts: readonly string[]): ClusterObjects {
  const parsed = parseManifest(sourceFile("all.yaml", texts.join("---\n")));
  const { resources } = attemptResources(parsed.ok ? parsed.value : []);
  const byName = (kind: string): ReadonlyMap<string, Located> =>
    new Map(
      resources
        .filter(({ resource }) => resource.kind === kind)
        .map((each) => [each.resource.metadata.name ?? "", each] as const),
    );
  return {
    secrets: byName("Secret") as ReadonlyMap<string, Located<Secret>>,
    configMaps: new Map(),
    serviceAccounts: byName("ServiceAccount") as ReadonlyMap<string, Located<ServiceAccount>>,
    claims: new Map(),
  };
}

test("logins are those of the Secret and of the account among the documents, then the user's own for the registry", async () => {
  await mkdir(join(directory, ".docker"));
  const auths = { "https://index.docker.io/v1/": { auth: auth("me:hub") }, "ghcr.io": { auth: auth("me:ghcr") } };
  await writeFile(join(directory, ".docker", "config.json"), JSON.stringify({ auths }));
  const account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: bot}\nimagePullSecrets: [{name: ofBot}]\n";
  const given = objects(secret("pull", "docker.io", "one:1"), secret("ofBot", "ghcr.io", "two:2"), account);
  const { keychains, diagnostics } = await imageAccess(world, [], given).logins("index.docker.io", {
    serviceAccount: "bot",
    secret: "pull",
  });
  const told = keychains.map((logins) =>
    logins.map(({ registry, username, password }) => `${registry} ${username} ${password}`),
  );
  expect(told).toEqual([["index.docker.io one 1", "ghcr.io two 2"], ["index.docker.io me hub"]]);
  expect(diagnostics).toEqual([]);
});

test("a Secret that is not among the documents, and a configuration that is none, are told and gone without", async () => {
  await mkdir(join(directory, ".docker"));
  await writeFile(join(directory, ".docker", "config.json"), "not JSON");
  const { keychains, diagnostics } = await imageAccess(world, [], objects()).logins("ghcr.io", {
    serviceAccount: "default",
    secret: "pull",
  });
  expect(keychains).toEqual([[], []]);
  expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
    "warning secret.missing",
    "warning credentials.unreadable",
  ]);
});

test("the image map holds for bundles too", async () => {
  const file = join(directory, "images.map");
  await writeFile(file, "ghcr.io/org/*=localhost:5000/stand-in:v1 # as for steps\n");
  const access = imageAccess(world, [file], objects());
  expect(await access.inPlaceOf(`ghcr.io/org/bundle@sha256:${"0".repeat(64)}`)).toBe("localhost:5000/stand-in:v1");
  expect(await access.inPlaceOf("ghcr.io/other/bundle:v1")).toBe("ghcr.io/other/bundle:v1");
});

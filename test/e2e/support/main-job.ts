import { get } from "node:https";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
import { type Services } from "../../../scripts/services.ts";
import { type EngineClient } from "../contract-images.ts";
import { type Ended, type Home } from "./lapcat.ts";
import { root } from "./clients.ts";
import { type List, taskRunOf, valueOf } from "./status.ts";

/** The servers, whoever started them. */
export type Servers = Omit<Services, "close">;

export const fixtureCatalog: string = join(root, "fixtures/catalog");

/** The arguments of the main job, with the user's own logins. */
export function mainJob({ registry, git }: Servers, image: string, ...more: readonly string[]): readonly string[] {
  return [
    ["-f", join(root, "fixtures/build-image"), "-p", `git-url=${git.url}`, "-p", `image=${image}`],
    ["--docker-config", registry.dockerConfigFile, "--ca-file", registry.caFile, ...more],
  ].flat();
}

/** What the registry says the tag's manifest is. */
export function digestInRegistry({ registry }: Servers, repository: string, tag: string): Promise<string | undefined> {
  const [host, port] = registry.localHost.split(":");
  const accepted = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
  ];
  return new Promise((resolve, reject) => {
    get(
      {
        method: "HEAD",
        host,
        port,
        path: `/v2/${repository}/manifests/${tag}`,
        ca: readFileSync(registry.caFile),
        auth: `${registry.username}:${registry.password}`,
        headers: { accept: accepted.join(", ") },
        agent: false,
      },
      (response) => {
        response.resume();
        const digest = response.headers["docker-content-digest"];
        if (response.statusCode === 200) resolve(typeof digest === "string" ? digest : undefined);
        else reject(new Error(`the registry answered ${response.statusCode} for ${repository}:${tag}`));
      },
    ).on("error", reject);
  });
}

/** The result as the registry has it. Returns the digest. */
export async function expectPushed(
  services: Servers,
  list: List,
  task: string,
  result: string,
  repository: string,
): Promise<string> {
  const digest = String(valueOf(taskRunOf(list, task).status.results, result));
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/u);
  expect(await digestInRegistry(services, repository, "latest")).toBe(digest);
  return digest;
}

/** Pulls an image by its digest, and gives what its app says. */
export async function sayingOf(
  client: EngineClient,
  { registry }: Servers,
  repository: string,
  digest: string,
): Promise<string> {
  const pinned = `${registry.localHost}/${repository}@${digest}`;
  const config = join(registry.dockerConfigFile, "..");
  const run = (...args: readonly string[]) => execa(client.command, args, { env: client.env });
  await (client.command === "docker"
    ? run("--config", config, "pull", "--quiet", pinned)
    : run("pull", "--quiet", "--tls-verify=false", "--authfile", registry.dockerConfigFile, pinned));
  try {
    const script = 'import("/app/greeting.js").then(({ greeting }) => console.log(greeting("e2e")))';
    return (await run("run", "--rm", "--network=none", pinned, "node", "-e", script)).stdout;
  } finally {
    await run("rmi", pinned);
  }
}

/** Neither what the user sees nor what is kept shows a credential, plain or as base64. */
export function expectNoCredentials(home: Home, { registry }: Servers, ...ended: readonly Ended[]): void {
  const { username, password } = registry;
  const shown = [...ended.flatMap(({ stdout, stderr }) => [stdout, stderr]), home.kept()].join("\n");
  expect(shown).not.toContain(password);
  expect(shown).not.toContain(Buffer.from(`${username}:${password}`).toString("base64"));
  expect(shown).not.toContain(Buffer.from(password).toString("base64").replace(/=+$/u, ""));
}

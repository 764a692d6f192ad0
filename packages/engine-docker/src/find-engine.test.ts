import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { candidates, findEngines, openEngine } from "./find-engine.ts";
import { parseAddress } from "./address.ts";

let home = "";
let servers: Server[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "lapcat-find-"));
});
afterEach(() => {
  for (const server of servers) server.close();
  servers = [];
  rmSync(home, { recursive: true, force: true });
});

/** An engine as far as saying who it is. */
async function listen(name: string, components: readonly string[], body?: string): Promise<string> {
  const path = join(home, name);
  const said =
    body ?? JSON.stringify({ Version: "9.9", ApiVersion: "1.41", Components: components.map((Name) => ({ Name })) });
  const server = createServer((_, response) => response.end(said));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return `unix://${path}`;
}

function context(name: string, host: string): void {
  const id = createHash("sha256").update(name).digest("hex");
  const directory = join(home, ".docker/contexts/meta", id);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "meta.json"), JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }));
}

const around = (env: Record<string, string> = {}): { env: Record<string, string>; home: string; uid: number } => ({
  env,
  home,
  uid: 1000,
});

describe("the order in which engines are looked for", () => {
  test("what the user says comes before what lies about", () => {
    context("remote", "tcp://10.0.0.1:2375");
    writeFileSync(join(home, ".docker/config.json"), JSON.stringify({ currentContext: "remote" }));
    const env = { DOCKER_HOST: "tcp://1.2.3.4:2375", XDG_RUNTIME_DIR: "/run/me", CONTAINER_HOST: "unix:///run/c.sock" };
    const addresses = candidates("auto", around(env)).map((each) => each.address);
    expect(addresses).toEqual([
      "tcp://1.2.3.4:2375",
      "tcp://10.0.0.1:2375",
      "unix:///var/run/docker.sock",
      "unix:///run/me/docker.sock",
      `unix://${home}/.docker/run/docker.sock`,
      `unix://${home}/.docker/desktop/docker.sock`,
      `unix://${home}/.colima/default/docker.sock`,
      `unix://${home}/.config/colima/default/docker.sock`,
      `unix://${home}/.orbstack/run/docker.sock`,
      `unix://${home}/.rd/docker.sock`,
      "unix:///run/c.sock",
      "unix:///run/me/podman/podman.sock",
      "unix:///run/podman/podman.sock",
      `unix://${home}/.local/share/containers/podman/machine/podman.sock`,
    ]);
  });

  test("DOCKER_CONTEXT wins over the configuration, and default is no context", () => {
    context("one", "unix:///one.sock");
    context("two", "unix:///two.sock");
    writeFileSync(join(home, ".docker/config.json"), JSON.stringify({ currentContext: "one" }));
    expect(candidates("docker", around({ DOCKER_CONTEXT: "two" }))[0]).toMatchObject({
      address: "unix:///two.sock",
      explicit: true,
    });
    expect(candidates("docker", around())[0]).toMatchObject({ address: "unix:///one.sock", explicit: false });
    expect(candidates("docker", around({ DOCKER_CONTEXT: "default" }))[0]?.address).toBe("unix:///var/run/docker.sock");
  });

  test("an address is the only place", () => {
    expect(candidates("unix:///x.sock", around()).map((each) => each.address)).toEqual(["unix:///x.sock"]);
  });
});

describe("what is found there", () => {
  test("each place has its verdict", async () => {
    const docker = await listen("docker.sock", ["Engine"]);
    const [first] = await findEngines({ env: {}, home, uid: 1000, choice: docker });
    expect(first).toEqual({
      way: "--engine",
      address: docker,
      verdict: { kind: "answers", product: "docker", version: "9.9", apiVersion: "1.41" },
    });
    const [absent] = await findEngines({ env: {}, home, uid: 1000, choice: `unix://${home}/none.sock` });
    expect(absent?.verdict).toEqual({ kind: "absent", reason: "there is no such socket" });
    const other = await listen("other.sock", [], "hello");
    const [silent] = await findEngines({ env: {}, home, uid: 1000, choice: other });
    expect(silent?.verdict).toMatchObject({
      kind: "unusable",
      reason: expect.stringContaining("not a container engine"),
    });
  });

  test("a Podman behind DOCKER_HOST is told from Docker", async () => {
    const podman = await listen("podman.sock", ["Podman Engine"]);
    const [first] = await findEngines({ env: { DOCKER_HOST: podman }, home, uid: 1000, choice: "docker" });
    expect(first?.verdict).toEqual({ kind: "unusable", reason: "it is podman, and docker was asked for" });
  });

  test("what the user named must answer: no other is tried", async () => {
    const env = { DOCKER_HOST: `unix://${home}/none.sock`, XDG_RUNTIME_DIR: home };
    await listen("docker.sock", ["Engine"]);
    const error = await openEngine("auto", { env, home, uid: 1000 }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      diagnostic: { code: "engine.none", message: expect.stringContaining("none.sock (DOCKER_HOST)") },
    });
  });

  test("an engine over ssh is refused with the way round", async () => {
    const error = await openEngine("ssh://me@host:2222", { env: {}, home, uid: 1000 }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      diagnostic: {
        code: "engine.none",
        hint: expect.stringContaining("ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock -p 2222 me@host"),
      },
    });
  });
});

test.for([
  ["/run/x.sock", { kind: "socket", path: "/run/x.sock" }],
  ["unix:///run/x.sock", { kind: "socket", path: "/run/x.sock" }],
  ["npipe:////./pipe/docker_engine", { kind: "socket", path: "//./pipe/docker_engine" }],
  ["tcp://host", { kind: "tcp", host: "host", port: 2375 }],
  ["tcp://host:2376", { kind: "tcp", host: "host", port: 2376, tls: {} }],
  ["tcp://[::1]:99", { kind: "tcp", host: "::1", port: 99 }],
] as const)("%s is an endpoint", ([text, wanted]) => {
  expect(parseAddress(text)).toEqual(wanted);
});

test("certificates that cannot be read are named", () => {
  expect(() => parseAddress("tcp://host", { verify: true, directory: "/nowhere" })).toThrow("/nowhere/ca.pem");
  expect(() => parseAddress("nonsense")).toThrow("not an engine's address");
});

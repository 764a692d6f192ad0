// An engine on another machine: reached over TCP, by a lapcat that shares no directory with it.
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Apart, absenceOfApart, apart } from "./support/apart.ts";
import { conversations } from "./support/conversations.ts";
import { docker, dockerSocket, root } from "./support/clients.ts";
import { type Home, succeeded, temporaryHome } from "./support/lapcat.ts";
import { imagesOnAnyEngine, onAnyEngine } from "./support/on-any-engine.ts";
import { absenceOf, describeWith } from "./support/on-engine.ts";
import { type Proxy, proxyTo } from "./support/proxy.ts";

const busybox = "docker.io/library/busybox:latest";
const absence =
  (await absenceOf(docker, ...imagesOnAnyEngine)) ??
  (dockerSocket === undefined ? "Docker is not at a socket of this machine" : undefined) ??
  (await absenceOfApart());

describeWith("an engine that shares no directory with lapcat, at DOCKER_HOST", absence, "where it is", () => {
  let proxy: Proxy;
  let place: Apart;
  let home: Home;
  let engineRoot: string;
  beforeAll(async () => {
    proxy = await proxyTo(dockerSocket ?? "", { host: "127.0.0.1", port: 0 });
    engineRoot = (await execa("docker", ["info", "--format", "{{.DockerRootDir}}"])).stdout;
    place = await apart([engineRoot, "/run", "/tmp", "/dev/shm"]);
    home = temporaryHome({}, place);
  });
  afterAll(async () => {
    home?.remove();
    await Promise.all([proxy?.close(), place?.close()]);
  });
  const env = (): Record<string, string> => ({ DOCKER_HOST: `tcp://127.0.0.1:${proxy.port}` });

  onAnyEngine({
    client: docker,
    args: [],
    env,
    home: () => home,
    path: (own) => (own.startsWith(root) ? join(place.checkout, relative(root, own)) : own),
  });

  test("neither sees a directory of the other", async () => {
    expect(home.runs().length).toBeGreaterThan(5);
    expect(readdirSync(engineRoot)).toContain("volumes");
    // Hidden, or not there at all, where it lies in another one that is hidden.
    const listing = ["sh", "-c", 'if [ -e "$1" ]; then ls -A "$1"; fi', "sh"];
    for (const each of [engineRoot, "/run", root]) expect(await place.ask(...listing, each)).toBe("");
    for (const own of [home.directory, join(home.directory, "home"), place.checkout, `${place.temporary}/tmp`]) {
      expect(await place.ask("stat", "--format=%F", own)).toBe("directory");
      const mount = ["--mount", `type=bind,source=${own},target=/seen`];
      const { stderr } = await execa("docker", ["run", "--rm", ...mount, busybox, "true"], { reject: false });
      expect(stderr).toContain("bind source path does not exist");
    }
  });

  test("no directory of this machine was asked for, only volumes", () => {
    const said = proxy.said();
    const count = (form: RegExp): number => [...said.matchAll(form)].length;
    expect(count(/POST \/(?:v[\d.]+\/)?containers\/create/gu)).toBeGreaterThan(20);
    expect(count(/"Type":"volume"/gu)).toBeGreaterThan(20);
    expect(count(/"Type":"bind"/gu)).toBe(0);
    expect(count(/"Binds":\["/gu)).toBe(0);
    // A part of a volume is a volume of the engine's own directory.
    const devices = [...said.matchAll(/"device":"([^"]*)"/gu)].map(([, device = ""]) => device);
    expect(devices.filter((device) => device !== "tmpfs" && !device.startsWith(`${engineRoot}/volumes/`))).toEqual([]);
    expect(devices).toContain("tmpfs");
  });

  test("over TCP no directory is taken for shared, even if LAPCAT_PLACEMENT says so", async () => {
    const file = home.file("bind.yaml", conversations[0]?.document ?? "");
    const before = proxy.said().length;
    succeeded(await home.lapcatWith({ ...env(), LAPCAT_PLACEMENT: "bind" }, "run", "-f", file));
    expect(proxy.said().slice(before)).not.toContain('"Type":"bind"');
  });
});

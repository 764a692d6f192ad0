import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { podmanBinary, serve } from "./podman-service.ts";

const directory = mkdtempSync(join(tmpdir(), "lapcat-podman-service-"));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, "podman"), "#!/bin/sh\n");
chmodSync(join(directory, "podman"), 0o755);

const socketOf = (env: Readonly<Record<string, string>>): string | undefined =>
  podmanBinary({ env: { PATH: directory, XDG_RUNTIME_DIR: "/run/user/7", ...env }, home: "/home/me", uid: 7 })?.socket;

test("a service is shared by those who configure Podman alike, and by no others", () => {
  expect(socketOf({})).toBe("/run/user/7/lapcat-podman.sock");
  expect(socketOf({ HOME: "/elsewhere" })).toBe(socketOf({}));
  const configured = socketOf({ CONTAINERS_CONF: "/etc/mine.conf" });
  expect(configured).toMatch(/^\/run\/user\/7\/lapcat-podman-[0-9a-f]{8}\.sock$/u);
  expect(socketOf({ CONTAINERS_CONF: "/etc/mine.conf" })).toBe(configured);
  expect(socketOf({ CONTAINERS_CONF: "/etc/other.conf" })).not.toBe(configured);
  expect(socketOf({ CONTAINERS_STORAGE_CONF: "/etc/mine.conf" })).not.toBe(configured);
});

test("without a podman in PATH there is none to start", () => {
  expect(socketOf({ PATH: "/nowhere" })).toBeUndefined();
});

/** As Podman does: it takes the socket's path from whoever has it, and answers when it can, `delay` after its start. */
const program = (delay: number): string => `#!${process.execPath}
const { appendFileSync, rmSync } = require("node:fs");
const socket = process.argv.at(-1).replace("unix://", "");
appendFileSync(socket + ".starts", process.pid + "\\n");
rmSync(socket, { force: true });
const version = JSON.stringify({ Version: "4.9.3", ApiVersion: "1.41", Components: [{ Name: "Podman Engine" }] });
const ready = performance.now() + ${delay};
const answer = (_, response) => setTimeout(() => response.end(version), Math.max(0, ready - performance.now()));
require("node:http").createServer(answer).listen(socket);
setTimeout(() => process.exit(), 20_000);
`;

const startsOf = (socket: string): readonly string[] => readFileSync(`${socket}.starts`, "utf8").trim().split("\n");

test.for([
  ["at once", 0],
  ["late", 2500],
] as const)(
  "of several who ask for it together one starts the service, that answers %s",
  { timeout: 30_000 },
  async ([name, delay]) => {
    const place = join(directory, name);
    mkdirSync(place, { mode: 0o700 });
    const binary = { binary: join(place, "podman"), socket: join(place, "run", "it.sock") };
    writeFileSync(binary.binary, program(delay), { mode: 0o755 });
    const versions = await Promise.all([1, 2, 3].map(() => serve(binary, {}, process.getuid?.() ?? 0)));
    const starts = startsOf(binary.socket);
    for (const pid of starts) process.kill(Number(pid));
    expect(versions.map(({ version }) => version)).toEqual(["4.9.3", "4.9.3", "4.9.3"]);
    expect(starts).toHaveLength(1);
  },
);

test("who began to start it and died keeps nobody waiting for long", async () => {
  const place = join(directory, "died");
  mkdirSync(join(place, "run"), { recursive: true, mode: 0o700 });
  const binary = { binary: join(place, "podman"), socket: join(place, "run", "it.sock") };
  writeFileSync(binary.binary, program(0), { mode: 0o755 });
  // No process has this number: it is above what Linux gives.
  writeFileSync(`${binary.socket}.starting`, "4194999");
  expect((await serve(binary, {}, process.getuid?.() ?? 0)).product).toBe("podman");
  for (const pid of startsOf(binary.socket)) process.kill(Number(pid));
});

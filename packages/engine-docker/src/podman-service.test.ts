import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { podmanBinary } from "./podman-service.ts";

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

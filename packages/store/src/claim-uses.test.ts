import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { claimUses } from "./claim-uses.ts";
import { openStore } from "./store.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lapcat-claims-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("the last run that used a claim is known, until it is forgotten", async () => {
  const uses = claimUses(join(root, "runs"));
  expect(await uses.last("source")).toBeUndefined();
  await uses.note(["source", "cache"], "run-1");
  await uses.note(["source"], "run-2");
  expect(await uses.last("source")).toMatchObject({ run: "run-2", at: expect.closeTo(Date.now(), -5) });
  expect(await uses.last("cache")).toMatchObject({ run: "run-1" });
  await uses.forget("source");
  await uses.forget("source");
  expect(await uses.last("source")).toBeUndefined();
  expect(await openStore(join(root, "runs")).list()).toEqual([]);
});

test.for(["../../out", "/etc/out", "..", ".", "a/b", "\0"])("a claim called %j stays inside", async (claim) => {
  const uses = claimUses(join(root, "runs"));
  await uses.note([claim], "run");
  expect(await uses.last(claim)).toMatchObject({ run: "run" });
  expect(readdirSync(root, { recursive: true })).toHaveLength(3);
  await uses.forget(claim);
  expect(readdirSync(join(root, "runs", ".claims"))).toEqual([]);
  expect(existsSync(join(root, "out"))).toBe(false);
});

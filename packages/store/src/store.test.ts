import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunEvent } from "@lapcat/run";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore, storeRoot, type LogLine, type Store } from "./index.ts";

const at = Date.UTC(2026, 10, 22, 20, 0, 0, 123);
const started: RunEvent = {
  type: "run.started",
  kind: "TaskRun",
  name: "hello",
  namespace: "default",
  uid: "u",
  lapcat: "0.1.0",
};
const finished: RunEvent = {
  type: "run.finished",
  status: "True",
  reason: "Succeeded",
  message: "All Steps have completed executing",
  results: [],
};
const never: AbortSignal = new AbortController().signal;

let root: string;
let store: Store;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lapcat-store-"));
  store = openStore(join(root, "runs"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
const lastOf = async (id: string): Promise<string> =>
  (await (await store.read(id)).events()).map((each) => each.event.type).join(" ");

test("a run is written once and read again, with times as text in the file", async () => {
  const writer = await store.create("hello", "kind: TaskRun\n");
  expect(writer.append(started, at)).toEqual({ v: 1, seq: 0, at, event: started });
  writer.append(finished, at + 5);
  await writer[Symbol.asyncDispose]();
  const reader = await store.read("hello");
  expect(reader.manifest).toBe("kind: TaskRun\n");
  expect(await reader.events()).toEqual([
    { v: 1, seq: 0, at, event: started },
    { v: 1, seq: 1, at: at + 5, event: finished },
  ]);
  expect(await readFile(join(reader.directory, "events.ndjson"), "utf8")).toContain(
    '{"v":1,"seq":0,"at":"2026-11-22T20:00:00.123Z","event":{"type":"run.started"',
  );
});

test("runs of one name get ids of their own, also when they start at once", async () => {
  const writers = await Promise.all([1, 2, 3].map(() => store.create("hello", "")));
  expect(writers.map((each) => each.id).sort()).toEqual(["hello", "hello-2", "hello-3"]);
  const long = "x".repeat(63);
  expect((await store.create(long, "")).id).toBe(long);
  expect((await store.create(long, "")).id).toBe(`${"x".repeat(61)}-2`);
  expect((await store.create("../../Etc/Passwd", "")).id).toBe("etc-passwd");
});

test("a torn last line is dropped; damage before it and events of another version are told", async () => {
  const writer = await store.create("hello", "");
  writer.append(started, at);
  const file = join(writer.directory, "events.ndjson");
  await appendFile(file, '{"v":1,"seq":1,"at":"2026');
  expect(await lastOf("hello")).toBe("run.started");
  await appendFile(file, "\n");
  await expect(lastOf("hello")).rejects.toMatchObject({ diagnostic: { code: "store.damaged" } });
  await writeFile(file, '{"v":3,"seq":0,"at":"2026-11-22T20:00:00.123Z","event":{"type":"x"}}\n');
  await expect(lastOf("hello")).rejects.toThrow("version 3");
});

test("a run is running while its process lives, finished by its last event, else interrupted", async () => {
  const writer = await store.create("hello", "");
  writer.append(started, at);
  const reader = await store.read("hello");
  expect(await reader.state()).toBe("running");
  const owner = await readFile(join(writer.directory, "owner"), "utf8");
  await writeFile(join(writer.directory, "owner"), owner.replace(/\n.*\n$/u, "\nanother start\n"));
  expect(await reader.state()).toBe("interrupted");
  await writeFile(join(writer.directory, "owner"), owner);
  writer.append(finished, at);
  expect(await reader.state()).toBe("finished");
  await writer[Symbol.asyncDispose]();
  const other = await store.create("left", "");
  await other[Symbol.asyncDispose]();
  expect(await (await store.read("left")).state()).toBe("interrupted");
});

test("events are followed as they come, until the run is finished", async () => {
  const writer = await store.create("hello", "");
  const types: string[] = [];
  const following = (async () => {
    for await (const { event } of (await store.read("hello")).follow(never)) types.push(event.type);
  })();
  writer.append(started, at);
  await expect.poll(() => types).toEqual(["run.started"]);
  writer.append(finished, at);
  await following;
  expect(types).toEqual(["run.started", "run.finished"]);
});

test("following ends when the writer is gone, and when the reader does not want more", async () => {
  const writer = await store.create("hello", "");
  writer.append(started, at);
  const reader = await store.read("hello");
  const following = collect(reader.follow(never));
  await writer[Symbol.asyncDispose]();
  expect(await following).toHaveLength(1);
  expect(await collect(reader.follow(AbortSignal.abort()))).toHaveLength(0);
});

test("output is kept as CRI lines and read back as lines, streams apart", async () => {
  const key = { taskRun: "hello", attempt: 0, container: "step-say" };
  const writer = await store.create("hello", "");
  const log = writer.openLog(key);
  await log.write("stdout", Buffer.from("one\ntw"), at);
  await log.write("stderr", Buffer.from("oh\n"), at + 1);
  await log.write("stdout", Buffer.from("o\n\nhälf"), at + 2);
  await log.end();
  expect(await readFile(join(writer.directory, "logs", "hello.0.step-say.log"), "utf8")).toBe(
    [
      "2026-11-22T20:00:00.123000000Z stdout F one",
      "2026-11-22T20:00:00.124000000Z stderr F oh",
      "2026-11-22T20:00:00.125000000Z stdout F two",
      "2026-11-22T20:00:00.125000000Z stdout F ",
      "2026-11-22T20:00:00.125000000Z stdout F hälf",
      "",
    ].join("\n"),
  );
  const lines: LogLine[] = await collect((await store.read("hello")).readLog(key));
  expect(lines.map((line) => `${line.stream} ${line.text}`)).toEqual([
    "stdout one",
    "stderr oh",
    "stdout two",
    "stdout ",
    "stdout hälf",
  ]);
  expect(await (await store.read("hello")).logKeys()).toEqual([key]);
});

test("a long line is written in parts and read as one", async () => {
  const key = { taskRun: "hello", attempt: 1, container: "step-say" };
  const writer = await store.create("hello", "");
  const log = writer.openLog(key);
  const long = Array.from({ length: 10_000 }, (_, index) => `word${index}`).join(" ");
  for (let start = 0; start < long.length; start += 5000)
    await log.write("stdout", Buffer.from(long.slice(start, start + 5000)), at);
  await log.write("stdout", Buffer.from("\nnext\n"), at);
  await log.end();
  const text = await readFile(join(writer.directory, "logs", "hello.1.step-say.log"), "latin1");
  expect(text.split("\n").map((line) => line.split(" ")[2])).toEqual(["P", "P", "P", "P", "P", "F", "F", undefined]);
  expect((await collect((await store.read("hello")).readLog(key))).map((line) => line.text)).toEqual([long, "next"]);
});

test("a log is followed until its container ended", async () => {
  const key = { taskRun: "hello", attempt: 0, container: "step-say" };
  const writer = await store.create("hello", "");
  writer.append(started, at);
  const texts: string[] = [];
  const following = (async () => {
    for await (const line of (await store.read("hello")).followLog(key, never)) texts.push(line.text);
  })();
  const log = writer.openLog(key);
  await log.write("stdout", Buffer.from("one\n"), at);
  await expect.poll(() => texts).toEqual(["one"]);
  await log.write("stdout", Buffer.from("two\n"), at);
  await log.end();
  writer.append(
    {
      type: "step.finished",
      taskRun: "hello" as never,
      attempt: 0,
      container: "step-say",
      exitCode: 0,
      reason: "Completed",
      terminationReason: "Completed",
    },
    at,
  );
  await following;
  expect(texts).toEqual(["one", "two"]);
});

test("runs are listed, the newest first, and removed", async () => {
  for (const name of ["a", "b", "c"]) {
    (await store.create(name, "")).append(started, at);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(await store.list()).toEqual(["c", "b", "a"]);
  await store.remove("b");
  expect(await store.list()).toEqual(["c", "a"]);
  await expect(store.remove("b")).rejects.toMatchObject({ diagnostic: { code: "run.unknown" } });
  expect(await openStore(join(root, "nowhere")).list()).toEqual([]);
});

test("a run that is not there is told with the one that was meant", async () => {
  await store.create("build-image", "");
  await expect(store.read("build-imgae")).rejects.toMatchObject({
    diagnostic: { code: "run.unknown", hint: "Did you mean build-image?" },
  });
  await expect(store.read("../runs/build-image")).rejects.toMatchObject({ diagnostic: { code: "run.unknown" } });
  expect((await readdir(join(root, "runs"))).filter((name) => !name.startsWith(".")).length).toBe(1);
});

test("a directory that cannot be made is told as what it is", async () => {
  await writeFile(join(root, "file"), "");
  await expect(openStore(join(root, "file", "runs")).create("a", "")).rejects.toMatchObject({
    diagnostic: { code: "store.damaged" },
  });
});

test("a full disk is told as such", async ({ skip }) => {
  const { existsSync } = await import("node:fs");
  skip(!existsSync("/dev/full"), "needs /dev/full");
  const { openLogWriter } = await import("./log-writer.ts");
  const log = openLogWriter("/dev/full");
  await log.write("stdout", Buffer.from("x\n"), at);
  await expect(log.end()).rejects.toMatchObject({ diagnostic: { code: "disk.full" } });
});

test("the root follows LAPCAT_HOME, then the XDG state directory", () => {
  expect(storeRoot({ LAPCAT_HOME: "/x" }, "/home/u")).toBe("/x/runs");
  expect(storeRoot({ XDG_STATE_HOME: "/s" }, "/home/u")).toBe("/s/lapcat/runs");
  expect(storeRoot({}, "/home/u")).toBe("/home/u/.local/state/lapcat/runs");
});

test("a run that nobody writes any more is unswept until it is marked as swept", async () => {
  expect(await store.unswept()).toEqual([]);
  const writer = await store.create("hello", "", "podman");
  // Its writer lives.
  expect(await store.unswept()).toEqual([]);
  await writeFile(join(writer.directory, "owner"), "999999999\nanother boot\n");
  expect(await store.unswept()).toEqual([{ id: "hello", engine: "podman", extent: "pods" }]);
  await rm(writer.directory, { recursive: true });
  // Also when its record is gone.
  expect(await store.unswept()).toEqual([{ id: "hello", engine: "podman", extent: "all" }]);
  await store.markSwept("hello", "all");
  await store.markSwept("hello", "all");
  expect(await store.unswept()).toEqual([]);
  expect(await store.list()).toEqual([]);
});

test("an interrupted run is gone on with after its last whole line, by one process at a time", async () => {
  const writer = await store.create("hello", "");
  writer.append(started, at);
  // It lives.
  await expect(store.resume("hello")).rejects.toMatchObject({ diagnostic: { code: "usage" } });
  await writer[Symbol.asyncDispose]();
  const path = join(writer.directory, "events.ndjson");
  const whole = await readFile(path, "utf8");
  await writeFile(path, `${whole}{"v":1,"seq":1,"at":"20`);
  const [one, other] = await Promise.allSettled([store.resume("hello"), store.resume("hello")]);
  const taken = [one, other].flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  expect(taken).toHaveLength(1);
  expect(await (await store.read("hello")).state()).toBe("running");
  expect(taken[0]?.append({ type: "finally.started" }, at).seq).toBe(1);
  await taken[0]?.[Symbol.asyncDispose]();
  expect((await (await store.read("hello")).events()).map(({ event }) => event.type)).toEqual([
    "run.started",
    "finally.started",
  ]);
  expect(await (await store.read("hello")).state()).toBe("interrupted");
  await expect(store.resume("nobody")).rejects.toMatchObject({ diagnostic: { code: "run.unknown" } });
});

test("nobody sweeps a run that goes on, and whoever goes on waits for the sweep", async () => {
  const writer = await store.create("hello", "", "podman");
  expect(await store.holdForSweep("hello")).toBeUndefined();
  await writer[Symbol.asyncDispose]();
  const held = await store.holdForSweep("hello");
  expect(held).toBeDefined();
  // It is nobody's who would write.
  expect(await (await store.read("hello")).state()).toBe("interrupted");
  let again = false;
  const resuming = store.resume("hello").then((each) => {
    again = true;
    return each;
  });
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(again).toBe(false);
  await held?.[Symbol.asyncDispose]();
  const going = await resuming;
  expect(await store.holdForSweep("hello")).toBeUndefined();
  await going[Symbol.asyncDispose]();
});

test("an interrupted run keeps its claims while its record is there, and is swept as a whole when that is removed", async () => {
  const writer = await store.create("hello", "", "podman");
  writer.append(started, at);
  await writer[Symbol.asyncDispose]();
  expect(await store.unswept()).toEqual([{ id: "hello", engine: "podman", extent: "pods" }]);
  await store.markSwept("hello", "pods");
  expect(await store.unswept()).toEqual([]);
  const again = await store.resume("hello");
  await again[Symbol.asyncDispose]();
  // It may have made Pods meanwhile.
  expect(await store.unswept()).toEqual([{ id: "hello", engine: "podman", extent: "pods" }]);
  await store.markSwept("hello", "pods");
  await store.remove("hello");
  expect(await store.unswept()).toEqual([{ id: "hello", engine: "podman", extent: "all" }]);
  // The name is not taken again before.
  expect((await store.create("hello", "")).id).toBe("hello-2");
  await store.markSwept("hello", "all");
  expect(await store.unswept()).toEqual([]);
});

test("what was killed before it became a run is nothing once it is swept", async () => {
  const writer = await store.create("hello", "");
  await writer[Symbol.asyncDispose]();
  await rm(join(writer.directory, "run.yaml"));
  expect(await store.unswept()).toEqual([{ id: "hello", engine: "", extent: "all" }]);
  await store.markSwept("hello", "all");
  expect(await readdir(join(root, "runs"))).not.toContain("hello");
});

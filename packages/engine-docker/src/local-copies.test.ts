import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { copyInLocally, copyOutLocally } from "./local-copies.ts";

// As where it is used: an engine of this machine, and root as its user.
describe.runIf(process.platform === "linux" && process.getuid?.() === 0)("a volume that lies on this machine", () => {
  let outer = "";
  let volume = "";
  let own = "";
  const { signal } = new AbortController();
  beforeEach(() => {
    outer = mkdtempSync(join(tmpdir(), "lapcat-local-"));
    volume = join(outer, "volume");
    own = join(outer, "own");
    for (const each of [join(volume, "dir/deep"), own, join(outer, "victim")]) mkdirSync(each, { recursive: true });
    writeFileSync(join(outer, "victim/secret"), "outside");
    writeFileSync(join(volume, "dir/file"), "inside");
    writeFileSync(join(volume, "dir/deep/tool"), "runs");
    chmodSync(join(volume, "dir/deep/tool"), 0o4755);
    symlinkSync("deep/tool", join(volume, "dir/latest"));
    symlinkSync("../../victim/secret", join(volume, "dir/up"));
    symlinkSync(join(outer, "victim"), join(volume, "dir/absolute"));
    symlinkSync("../victim", join(volume, "out"));
  });
  afterEach(() => {
    const victim = readdirSync(join(outer, "victim")).join() + readFileSync(join(outer, "victim/secret"), "utf8");
    const left = readdirSync(own).filter((each) => each.startsWith(".lapcat"));
    if (victim !== "secretoutside" || left.length > 0)
      throw new Error(`written outside, or left: ${victim} ${left.join()}`);
    rmSync(outer, { recursive: true, force: true });
  });

  test("comes out as it is, without what leads out and without setuid", async () => {
    const leftOut = await copyOutLocally(volume, "/dir", join(own, "copy"), signal);
    expect(leftOut?.toSorted()).toEqual([
      `"absolute": a link that leads out, to ${JSON.stringify(join(outer, "victim"))}`,
      '"up": a link that leads out, to "../../victim/secret"',
    ]);
    expect(readdirSync(join(own, "copy")).toSorted()).toEqual(["deep", "file", "latest"]);
    expect(readlinkSync(join(own, "copy/latest"))).toBe("deep/tool");
    expect(lstatSync(join(own, "copy/deep/tool")).mode & 0o7777).toBe(0o755);
  });

  test("comes out as a whole, and a file of it alone", async () => {
    expect(await copyOutLocally(volume, "/", join(own, "all"), signal)).toHaveLength(3);
    expect(readdirSync(join(own, "all"))).toEqual(["dir"]);
    expect(await copyOutLocally(volume, "/dir/file", join(own, "alone"), signal)).toEqual([]);
    expect(readFileSync(join(own, "alone"), "utf8")).toBe("inside");
  });

  test.for(["/none", "/out/secret", "/dir/absolute/secret", "/dir/file/x", "/dir/up/x"])("has no %s", async (path) => {
    expect(await copyOutLocally(volume, path, join(own, "copy"), signal)).toBeUndefined();
    expect(readdirSync(own)).toEqual([]);
  });

  test("nothing that is there is replaced on our side", async () => {
    writeFileSync(join(own, "mine"), "mine");
    await expect(copyOutLocally(volume, "/dir", join(own, "mine"), signal)).rejects.toMatchObject({
      diagnostic: { code: "usage" },
    });
    expect(readFileSync(join(own, "mine"), "utf8")).toBe("mine");
  });

  test("takes a tree in, over links that stand in its way", async () => {
    mkdirSync(join(own, "dir/deep"), { recursive: true });
    writeFileSync(join(own, "dir/up"), "mine");
    writeFileSync(join(own, "dir/absolute"), "mine too");
    writeFileSync(join(own, "dir/deep/new"), "new");
    expect(await copyInLocally(join(own, "dir"), "dir", volume, "/", signal)).toEqual([]);
    expect(readFileSync(join(volume, "dir/up"), "utf8")).toBe("mine");
    expect(lstatSync(join(volume, "dir/absolute")).isFile()).toBe(true);
    expect(readdirSync(join(volume, "dir/deep")).toSorted()).toEqual(["new", "tool"]);
    mkdirSync(join(own, "out"));
    writeFileSync(join(own, "out/secret"), "mine");
    expect(await copyInLocally(join(own, "out"), "out", volume, "/", signal)).toEqual([]);
    expect(readFileSync(join(volume, "out/secret"), "utf8")).toBe("mine");
  });

  test("takes a file under another name and in directories that are made; through a link that leads out it takes nothing", async () => {
    writeFileSync(join(own, "file"), "mine");
    expect(await copyInLocally(join(own, "file"), "file", volume, "/a/b/c", signal)).toEqual([]);
    expect(readFileSync(join(volume, "a/b/c"), "utf8")).toBe("mine");
    for (const path of ["/out/file", "/dir/absolute/file", "/dir/file/x"])
      expect(await copyInLocally(join(own, "file"), "file", volume, path, signal)).toBeUndefined();
  });

  test("stops when it is told to, and leaves nothing half done on our side", async () => {
    const aborted = AbortSignal.abort();
    await expect(copyOutLocally(volume, "/dir", join(own, "copy"), aborted)).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(readdirSync(own)).toEqual([]);
  });
});

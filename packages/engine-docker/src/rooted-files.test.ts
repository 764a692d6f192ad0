import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { appendInside, holdInside, makeDirectoryInside, putInside, readInside } from "./rooted-files.ts";

// Opening through /proc/self/fd is Linux's; bind directories are not used elsewhere.
describe.runIf(process.platform === "linux")("files below a directory that others write to", () => {
  let outer = "";
  let root = "";
  beforeEach(() => {
    outer = mkdtempSync(join(tmpdir(), "lapcat-rooted-"));
    root = join(outer, "root");
    mkdirSync(join(root, "dir"), { recursive: true });
    writeFileSync(join(outer, "secret"), "outside");
    writeFileSync(join(root, "file"), "0123456789");
    symlinkSync("../secret", join(root, "up"));
    symlinkSync(join(outer, "secret"), join(root, "absolute"));
    symlinkSync("..", join(root, "parent"));
    symlinkSync("dir/../file", join(root, "inside"));
    symlinkSync("circle", join(root, "circle"));
  });
  afterEach(() => rmSync(outer, { recursive: true, force: true }));

  test.for([
    ["file", "0123456789"],
    ["./dir//../file", "0123456789"],
    ["inside", "0123456789"],
    ["up", undefined],
    ["absolute", undefined],
    ["parent/secret", undefined],
    ["../secret", undefined],
    ["circle", undefined],
    ["dir", undefined],
    ["file/x", undefined],
    ["none", undefined],
  ] as const)("reading %s gives %j", ([path, wanted]) => {
    const found = readInside(root, path, 100);
    expect(found === undefined ? undefined : Buffer.from(found.bytes).toString()).toBe(wanted);
  });

  test("a file longer than the limit is cut, and says so", () => {
    expect(readInside(root, "file", 4)).toEqual({ bytes: Buffer.from("0123"), truncated: true });
    expect(readInside(root, "file", 10)?.truncated).toBe(false);
  });

  test("directories are made inside only, open whatever the umask", () => {
    expect(makeDirectoryInside(root, "a/b", 0o777)).toBe(join(root, "a/b"));
    expect(statSync(join(root, "a")).mode & 0o777).toBe(0o777);
    for (const path of ["parent/x", "../x", "file/x"]) expect(makeDirectoryInside(root, path, 0o777)).toBeUndefined();
  });

  test("what is held stays what it is when a link takes its name", () => {
    const none = (): string => join(outer, "none");
    const held = holdInside(root, "dir", 0o777, none);
    if (held?.kind !== "directory") throw new Error("the directory is not held");
    writeFileSync(join(root, "dir", "note"), "held");
    renameSync(join(root, "dir"), join(root, "moved"));
    symlinkSync("/etc", join(root, "dir"));
    expect(readFileSync(`/proc/self/fd/${held.descriptor}/note`, "utf8")).toBe("held");
    closeSync(held.descriptor);
    const second = join(outer, "second");
    expect(holdInside(root, "file", 0o777, () => second)).toEqual({ kind: "file", path: second });
    expect(readFileSync(second, "utf8")).toBe("0123456789");
    for (const path of ["parent", "up", "absolute", "circle", "file/x"])
      expect(holdInside(root, path, 0o777, none)).toBeUndefined();
  });

  test("a file put where a link stands replaces the link, not what it leads to", () => {
    const entry = {
      kind: "file",
      mode: 0o600,
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      content: Buffer.from("new"),
    } as const;
    expect(putInside(root, { ...entry, path: "up" })).toBe(true);
    expect([readFileSync(join(root, "up"), "utf8"), readFileSync(join(outer, "secret"), "utf8")]).toEqual([
      "new",
      "outside",
    ]);
    expect(putInside(root, { ...entry, path: "parent/new" })).toBe(false);
  });

  test("appending makes what is missing, keeps what is there, and follows no link out", () => {
    const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const append = (path: string, text: string): boolean => appendInside(root, path, Buffer.from(text), owner);
    expect([append("a/b/file", "one "), append("a/b/file", "two"), append("/a/empty", "")]).toEqual([true, true, true]);
    expect(readFileSync(join(root, "a/b/file"), "utf8")).toBe("one two");
    expect(statSync(join(root, "a/empty")).size).toBe(0);
    expect(append("inside", "abc")).toBe(true);
    expect(readFileSync(join(root, "file"), "utf8")).toBe("0123456789abc");
    for (const path of ["up", "absolute", "parent/secret", "parent/new/file", "circle", "dir", "../secret"])
      expect([path, append(path, "x")]).toEqual([path, false]);
    expect(readFileSync(join(outer, "secret"), "utf8")).toBe("outside");
  });
});

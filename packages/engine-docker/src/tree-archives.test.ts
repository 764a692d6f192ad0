import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pack, type Header } from "tar-stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packTree } from "./pack-tree.ts";
import { unpackTree } from "./unpack-tree.ts";

let outer = "";
let destination = "";
beforeEach(() => {
  outer = mkdtempSync(join(tmpdir(), "lapcat-tree-"));
  mkdirSync(join(outer, "own"));
  writeFileSync(join(outer, "victim"), "untouched");
  destination = join(outer, "own", "copy");
});
afterEach(() => rmSync(outer, { recursive: true, force: true }));

type Member = Partial<Header> & { readonly name: string; readonly text?: string };

function archiveOf(members: readonly Member[]): Readable {
  const archive = pack();
  for (const { text, ...header } of members) {
    if (text === undefined) archive.entry(header as Header);
    else archive.entry(header as Header, text);
  }
  archive.finalize();
  return Readable.from(archive, { objectMode: false });
}

/** Every path below the directory, links with where they lead. */
function treeOf(directory: string, below = ""): readonly string[] {
  return readdirSync(join(directory, below), { withFileTypes: true })
    .flatMap((each) => {
      const name = join(below, each.name);
      if (each.isSymbolicLink()) return [`${name} -> ${readlinkSync(join(directory, name))}`];
      return each.isDirectory() ? [name, ...treeOf(directory, name)] : [name];
    })
    .toSorted();
}

const directory: Member = { name: "v", type: "directory" };
const file = (name: string, text = "content"): Member => ({ name, text, type: "file" });
const link = (name: string, linkname: string): Member => ({ name, linkname, type: "symlink" });

test.for<[string, readonly Member[], readonly string[]]>([
  ["a path with .. in it", [directory, file("v/../../victim")], []],
  ["a path that begins with ..", [directory, file("../victim")], []],
  ["an absolute path", [directory, file("/tmp/victim")], []],
  ["a path of another tree", [directory, file("w/file")], []],
  ["a path with a backslash", [directory, file("v/..\\..\\victim")], []],
  ["a link that leads out", [directory, link("v/out", "../../victim")], []],
  ["an absolute link", [directory, link("v/out", "/etc/passwd")], []],
  ["a file through a link", [directory, link("v/in", "."), file("v/in/file")], ["in -> ."]],
  ["a file through a link that was left out", [directory, link("v/out", "/tmp"), file("v/out/victim")], []],
  ["a file in the place of a link", [directory, link("v/in", "b"), file("v/in")], ["in -> b"]],
  ["a link in the place of a file", [directory, file("v/a"), link("v/a", "/etc/passwd")], ["a"]],
  [
    "a directory in the place of a link",
    [directory, link("v/in", "b"), { name: "v/in", type: "directory" }],
    ["in -> b"],
  ],
  ["a second name of a file outside", [directory, { name: "v/hard", type: "link", linkname: "../victim" }], []],
  ["a second name of an absolute path", [directory, { name: "v/hard", type: "link", linkname: "/etc/passwd" }], []],
  [
    "a second name of a link",
    [directory, link("v/in", "b"), { name: "v/hard", type: "link", linkname: "v/in" }],
    ["in -> b"],
  ],
  ["a device", [directory, { name: "v/null", type: "character-device", devmajor: 1, devminor: 3 }], []],
  ["a block device", [directory, { name: "v/disk", type: "block-device", devmajor: 8, devminor: 0 }], []],
  ["a named pipe", [directory, { name: "v/pipe", type: "fifo" }], []],
  ["a file that no directory leads to", [directory, file("v/no/such/file")], []],
  ["a name in an extended header", [directory, { ...file("v/x"), pax: { path: "v/../../victim" } }], []],
  ["a link's target in an extended header", [directory, { ...link("v/x", "y"), pax: { linkpath: "/etc/passwd" } }], []],
])("%s is left out, and told", async ([, members, tree]) => {
  const leftOut = await unpackTree(archiveOf(members), destination);
  expect(leftOut.length).toBeGreaterThan(0);
  expect(treeOf(destination)).toEqual(tree);
  expect(readFileSync(join(outer, "victim"), "utf8")).toBe("untouched");
  expect(treeOf(outer).filter((path) => !path.startsWith("own"))).toEqual(["victim"]);
  expect(readdirSync(join(outer, "own"))).toEqual(["copy"]);
});

test("what is honest comes as it is, without owners and setuid", async () => {
  const leftOut = await unpackTree(
    archiveOf([
      directory,
      { name: "v/bin", type: "directory", mode: 0o755 },
      { ...file("v/bin/tool"), mode: 0o4755, uid: 4711 },
      { name: "v/bin/second", type: "link", linkname: "v/bin/tool" },
      link("v/latest", "bin/tool"),
      file(`v/${"long-name-".repeat(20)}`),
    ]),
    destination,
  );
  expect(leftOut).toEqual([]);
  expect(statSync(join(destination, "bin/tool"))).toMatchObject({ mode: 0o100755, uid: process.getuid?.() });
  expect(readFileSync(join(destination, "bin/second"), "utf8")).toBe("content");
  expect(readlinkSync(join(destination, "latest"))).toBe("bin/tool");
  expect(existsSync(join(destination, "long-name-".repeat(20)))).toBe(true);
});

test("what is in a directory comes without its name, and no less carefully", async () => {
  const members = [
    { name: "./", type: "directory" } as const,
    file("./a"),
    file("b"),
    file("../victim"),
    link("out", "/etc"),
  ];
  expect(await unpackTree(archiveOf(members), destination, "of a directory")).toHaveLength(2);
  expect(treeOf(destination)).toEqual(["a", "b"]);
  expect(readFileSync(join(outer, "victim"), "utf8")).toBe("untouched");
});

test.for([
  ["a directory", () => mkdirSync(destination)],
  ["a file", () => writeFileSync(destination, "mine")],
  ["a link", () => symlinkSync(join(outer, "victim"), destination)],
] as const)("%s that is there already stays", async ([, make]) => {
  make();
  await expect(unpackTree(archiveOf([directory, file("v/a")]), destination)).rejects.toMatchObject({
    diagnostic: { code: "usage" },
  });
  expect(readdirSync(join(outer, "own"))).toEqual(["copy"]);
  expect(readFileSync(join(outer, "victim"), "utf8")).toBe("untouched");
});

test("an archive that is cut off, or says that a file is longer than it is, leaves nothing", async () => {
  const whole = Buffer.concat(await archiveOf([directory, file("v/a", "x".repeat(5000))]).toArray());
  for (const length of [1500, 700]) {
    await expect(unpackTree(Readable.from([whole.subarray(0, length)]), destination)).rejects.toThrow(
      "Unexpected end of data",
    );
    expect(readdirSync(join(outer, "own"))).toEqual([]);
  }
});

test("a tree goes into an archive and comes out the same, links as links, sockets told", async () => {
  const source = join(outer, "source");
  mkdirSync(join(source, "deep/er"), { recursive: true });
  writeFileSync(join(source, "deep/er/big"), Buffer.alloc(3_000_000, 7));
  writeFileSync(join(source, "empty"), "");
  chmodSync(join(source, "empty"), 0o755);
  symlinkSync("deep/er", join(source, "link"));
  const server = createServer().listen(join(source, "socket"));
  await once(server, "listening");
  const left: string[] = [];
  const archive = await packTree(source, "v", (path) => left.push(path));
  expect(await unpackTree(archive, destination)).toEqual([]);
  server.close();
  expect(left).toEqual([join(source, "socket")]);
  expect(treeOf(destination)).toEqual(["deep", "deep/er", "deep/er/big", "empty", "link -> deep/er"]);
  expect(readFileSync(join(destination, "deep/er/big")).equals(Buffer.alloc(3_000_000, 7))).toBe(true);
  expect(lstatSync(join(destination, "empty")).mode & 0o777).toBe(0o755);
});

import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadSources, type SourceInputs } from "./index.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lapcat-sources-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function* text(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}
async function load(files: readonly string[], more: Partial<SourceInputs> = {}): Promise<readonly string[]> {
  const result = await loadSources({
    files: files.map((file) => (file === "-" || file.startsWith("http") ? file : join(root, file))),
    recursive: false,
    stdin: text(""),
    fetch,
    ...more,
  });
  const all = result.ok
    ? result.value.map((each) => `${each.name}: ${each.text}`)
    : result.diagnostics.map((each) => `${each.code} ${each.message} (${each.hint})`);
  return all.map((each) => each.replaceAll(`${root}/`, ""));
}

test("files are read in the order given, each once, without a byte order mark", async () => {
  await writeFile(join(root, "b.yaml"), "b");
  await writeFile(join(root, "a.yaml"), "\ufeffa");
  expect(await load(["b.yaml", "a.yaml", "./b.yaml"])).toEqual(["b.yaml: b", "a.yaml: a"]);
});

test("a directory gives its documents, sorted; with recursive also those below", async () => {
  await mkdir(join(root, "d/e"), { recursive: true });
  for (const name of ["d/b.yml", "d/a.json", "d/c.txt", "d/e/f.yaml"]) await writeFile(join(root, name), name);
  expect(await load(["d"])).toEqual(["d/a.json: d/a.json", "d/b.yml: d/b.yml"]);
  expect(await load(["d"], { recursive: true })).toEqual([
    "d/a.json: d/a.json",
    "d/b.yml: d/b.yml",
    "d/e/f.yaml: d/e/f.yaml",
  ]);
});

test("standard input and addresses are sources too", async () => {
  const answer: typeof fetch = async (input) =>
    typeof input === "string" && input.endsWith("x.yaml")
      ? new Response("remote")
      : new Response("", { status: 404, statusText: "Not Found" });
  expect(await load(["-", "https://host/x.yaml"], { stdin: text("piped"), fetch: answer })).toEqual([
    "-: piped",
    "https://host/x.yaml: remote",
  ]);
  expect((await load(["https://host/y.yaml"], { fetch: answer }))[0]).toContain(
    "file.unreadable https://host/y.yaml cannot be read: the server answered 404 Not Found",
  );
});

test("all that cannot be read is told at once, and a huge file is not read", async () => {
  await mkdir(join(root, "empty"));
  await writeFile(join(root, "pipeline.yaml"), "");
  await writeFile(join(root, "latin.yaml"), Buffer.from([0x61, 0xe4]));
  await writeFile(join(root, "huge.yaml"), "");
  await truncate(join(root, "huge.yaml"), 50 * 1024 * 1024);
  expect(await load(["pipelin.yaml", "latin.yaml", "huge.yaml", "empty"])).toEqual([
    "file.unreadable pipelin.yaml cannot be read: there is no such file (Did you mean pipeline.yaml?)",
    "file.encoding latin.yaml is not valid UTF-8 (YAML documents have to be UTF-8)",
    "file.too-large huge.yaml is larger than 8 MiB (Documents are small: is this another file?)",
    "file.unreadable there are no documents in the directory empty (It has no file that ends in .yaml, .yml or .json)",
  ]);
});

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Code, codes } from "../packages/diagnostic/src/index.ts";

/**
 * What command lines are told: a folder of `fixtures/refused` with a file `command`, one line of shell each, run in a copy of the
 * folder after its `prepare.sh`. `diagnostics.txt` is what stood on standard error, and the exit code.
 */
const repository = join(import.meta.dirname, "..");
const root = join(repository, "fixtures/refused");
const folders = readdirSync(root)
  .filter((name) => existsSync(join(root, name, "command")))
  .sort();

// Each test starts programs.
vi.setConfig({ testTimeout: 60_000 });

let scratch: string;
beforeAll(() => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), "lapcat-refused-")));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** No engine answers, and nothing of the machine's own settings is seen. */
function environment(name: string): Readonly<Record<string, string>> {
  const home = join(scratch, "home", name);
  mkdirSync(home, { recursive: true });
  return {
    PATH: [join(repository, "packages/cli/bin"), process.env["PATH"] ?? ""].join(delimiter),
    HOME: home,
    LAPCAT_HOME: join(home, "lapcat"),
    DOCKER_HOST: "unix:///nowhere/engine.sock",
    LC_ALL: "C.UTF-8",
  };
}

async function told(folder: string): Promise<string> {
  const cwd = join(scratch, folder);
  cpSync(join(root, folder), cwd, { recursive: true });
  const env = environment(folder);
  const options = { cwd, env, extendEnv: false, reject: false, stdin: "ignore" } as const;
  if (existsSync(join(cwd, "prepare.sh"))) await execa("sh", ["-eu", "prepare.sh"], { ...options, reject: true });
  const lines = readFileSync(join(root, folder, "command"), "utf8")
    .trimEnd()
    .split("\n");
  const parts: string[] = [];
  for (const line of lines) {
    const { stderr, exitCode } = await execa("sh", ["-c", line], options);
    parts.push(`$ ${line}\n${stderr === "" ? "" : `${stderr}\n`}exit ${exitCode}\n`);
  }
  return (
    parts
      .join("\n")
      .replaceAll(cwd, ".")

      .replaceAll(env["HOME"] ?? "", "~")
      // A generated name.
      .replaceAll(/-run-[a-z0-9]{5}\b/gu, "-run-xxxxx")
  );
}

describe.concurrent("a command line that is refused", () => {
  /** `UPDATE=1` writes what came out; read the difference as prose before it is committed. */
  test.for(folders)("%s", async (folder) => {
    const file = join(root, folder, "diagnostics.txt");
    const text = await told(folder);
    if (process.env["UPDATE"] === "1") writeFileSync(file, text);
    expect(text).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
  });
});

/** Where a code is shown that no document, no command line and no conversation can show. */
const elsewhere: Partial<Record<Code, string>> = {
  "engine.refused": "packages/engine-docker/src/errors.test.ts",
  "volume.missing": "test/resume.test.ts",
  "disk.full": "packages/engine-docker/src/errors.test.ts",
  "resolver.unauthorized": "packages/resolution/src/remote/http.test.ts",
};

function filesBelow(directory: string, named: RegExp): readonly string[] {
  return readdirSync(join(repository, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => named.test(name) && !/(?:^|\/)node_modules\//u.test(name))
    .map((name) => join(repository, directory, name));
}

function codesIn(files: readonly string[], code: RegExp): ReadonlySet<string> {
  return new Set(
    files.flatMap((file) => [...readFileSync(file, "utf8").matchAll(code)].map((match) => match[1] ?? "")),
  );
}

describe("every code", () => {
  const all = Object.keys(codes).sort();

  test("is shown by a folder of refusals, a conversation, or a test that names it", () => {
    const golden = filesBelow("fixtures", /(?:^refused\/.*diagnostics|^conversations\/.*events)\.txt$/u);
    expect(golden.length).toBeGreaterThan(60);
    const shown = codesIn(golden, /(?:(?:error|warning|note)\[|warning\.noticed code=)([a-z.-]+)/gu);
    for (const [code, file] of Object.entries(elsewhere)) {
      expect(readFileSync(join(repository, file), "utf8")).toMatch(new RegExp(`["\`]${code}[" ]`, "u"));
      expect(shown).not.toContain(code);
    }
    expect([...shown, ...Object.keys(elsewhere)].sort()).toEqual(all);
  });

  test("is said somewhere", () => {
    const sources = filesBelow("packages", /\/src\/.*(?<!\.test)\.ts$/u).filter((file) => !file.endsWith("/codes.ts"));
    expect(sources.length).toBeGreaterThan(200);
    const said = codesIn(sources, /"([a-z]+(?:\.[a-z-]+)?)"/gu);
    expect(all.filter((code) => !said.has(code))).toEqual([]);
  });
});

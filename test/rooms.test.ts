import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

/** A room as the table of packages/README.md promises it. */
interface Room {
  readonly name: string;
  readonly pure: boolean;
  readonly ours: readonly string[];
  readonly third: readonly string[];
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const packages = join(import.meta.dirname, "../packages");
const read = (path: string): string => readFileSync(join(packages, path), "utf8");
const list = (cell: string): string[] => (cell === "—" ? [] : cell.split(", ").sort());

function tableOf(markdown: string): readonly Room[] {
  const rows = [...markdown.matchAll(/^\| ([PS]) \| `(.+?)` \| .+ \| (.+?) \| (.+?) \|$/gmu)].map((row) =>
    row.slice(1),
  );
  const names = rows.map(([, name]) => name!);
  return rows.map(([wall, name, ours, third]) => ({
    name: name!,
    pure: wall === "P",
    ours: (ours === "everything" ? names.filter((each) => each !== name) : list(ours!)).sort(),
    third: list(third!),
  }));
}

/** What a room declares. The published `cli` is a bundle: all it uses is in devDependencies, but what cannot be bundled. */
function declared(room: Room, manifest: Manifest): Pick<Room, "ours" | "third"> {
  const names = Object.keys((room.name === "cli" ? manifest.devDependencies : manifest.dependencies) ?? {}).sort();
  const ours = names.filter((each) => each.startsWith("@lapcat/"));
  const third = names.filter((each) => !each.startsWith("@lapcat/") && !each.startsWith("@types/"));
  return { ours: ours.map((each) => each.slice("@lapcat/".length)), third };
}

/** What a source file does that its room may not. Tests may also use vitest and fast-check, and Node to read fixtures. */
function offences(room: Room, file: string, text: string): readonly string[] {
  const isTest = file.endsWith(".test.ts");
  const own = [room.name, ...room.ours].map((each) => `@lapcat/${each}`);
  const allowed = [...own, ...room.third, ...(isTest ? ["vitest", "fast-check"] : [])];
  const imports = [...text.matchAll(/(?:\bfrom\s|\bimport\s*\(|\bimport\s)\s*["']([^."'][^"']*)["']/gu)].map(
    ([, name]) => name!,
  );
  const strangers = imports.filter((name) =>
    name.startsWith("node:")
      ? room.pure && !isTest
      : !allowed.some((each) => name === each || name.startsWith(`${each}/`)),
  );
  const impure = room.pure && !isTest ? (text.match(/\bDate\.now\b|\bnew Date\b|\bMath\.random\b/gu) ?? []) : [];
  return [...strangers.map((name) => `imports ${name}`), ...impure.map((call) => `says ${call}`)];
}

const rooms = tableOf(read("README.md"));

test("the table names every package, and each third-party package once", () => {
  expect(rooms.map(({ name }) => name).sort()).toEqual(
    globSync("*/package.json", { cwd: packages })
      .map((each) => dirname(each))
      .sort(),
  );
  const third = rooms.flatMap((room) => room.third);
  expect(third).toEqual([...new Set(third)]);
});

test.for(rooms)("$name declares what its row allows", (room) => {
  const manifest: Manifest = JSON.parse(read(`${room.name}/package.json`));
  expect(declared(room, manifest)).toEqual({ ours: room.ours, third: room.third });
});

test.for(rooms)("$name imports and does what its row allows", (room) => {
  const files = globSync(`${room.name}/src/**/*.ts`, { cwd: packages });
  expect(files.length, "source files read").toBeGreaterThan(0);
  const found = files.flatMap((file) => offences(room, file, read(file)).map((offence) => `${file} ${offence}`));
  expect(found).toEqual([]);
});

test("only what stays outside the bundle is installed with the published package", () => {
  const { dependencies = {} }: Manifest = JSON.parse(read("cli/package.json"));
  const shells = rooms.filter(({ pure }) => !pure).flatMap(({ third }) => third);
  expect(shells).toEqual(expect.arrayContaining(Object.keys(dependencies)));
});

test("a fault in a room is found", () => {
  const [row] = tableOf("| P | `plan` | A sentence. | diagnostic, tekton | — |");
  const faulty = `import { x } from "node:fs"; import y from "yaml"; import type { z } from "@lapcat/tekton";
    export { a } from "@lapcat/run"; const b = await import("execa"); const c = new Date(); import "./d.ts";`;
  expect(offences(row!, "plan/src/graph.ts", faulty)).toEqual([
    "imports node:fs",
    "imports yaml",
    "imports @lapcat/run",
    "imports execa",
    "says new Date",
  ]);
  expect(declared(row!, { dependencies: { yaml: "catalog:" } })).not.toEqual({ ours: row!.ours, third: row!.third });
});

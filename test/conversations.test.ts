import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { converse } from "./conversation.ts";

const root = join(import.meta.dirname, "../fixtures/conversations");
const names = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** `UPDATE=1` writes what came out; read the difference as prose before it is committed. */
function expectGolden(file: string, text: string): void {
  if (process.env["UPDATE"] === "1") writeFileSync(file, text);
  expect(text).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
}

test("there are conversations", () => {
  expect(names.length).toBeGreaterThan(10);
});

test.for(names)("%s", async (name) => {
  const folder = join(root, name);
  const { events, status, folded, state } = await converse(folder);
  expectGolden(join(folder, "events.txt"), events);
  expectGolden(join(folder, "status.yaml"), status);
  expect(state ?? folded).toEqual(folded);
});

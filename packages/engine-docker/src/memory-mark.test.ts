import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forgetMemoryMark, takeMemoryMark } from "./memory-mark.ts";

test("a mark counts once, and only for a container that began before it", () => {
  const directory = mkdtempSync(join(tmpdir(), "lapcat-mark-"));
  const mark = join(directory, "oom");
  try {
    expect(takeMemoryMark(mark, 0)).toBe(false);
    writeFileSync(mark, "");
    utimesSync(mark, 1000, 1000);
    expect(takeMemoryMark(mark, 2_000_000)).toBe(false);
    forgetMemoryMark(mark, 900_000);
    expect(takeMemoryMark(mark, 900_000)).toBe(true);
    expect([takeMemoryMark(mark, 900_000), existsSync(mark)]).toEqual([false, false]);
    writeFileSync(mark, "");
    forgetMemoryMark(mark, Date.now() + 60_000);
    expect(existsSync(mark)).toBe(false);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

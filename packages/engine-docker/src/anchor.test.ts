import { expect, test } from "vitest";
import { pauseProgram } from "./anchor.ts";

test("the anchor's program is 127 bytes of ELF that pause(2) for ever", () => {
  expect(pauseProgram("amd64").toString("base64")).toBe(
    "f0VMRgIBAQAAAAAAAAAAAAIAPgABAAAAeABAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAEAAOAABAAAAAAAAAAEAAAAFAAAAAAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAAfwAAAAAAAAB/AAAAAAAAAAAQAAAAAAAAaiJYDwXr+Q==",
  );
});

test("there is one for arm64 too, which asks ppoll(2)", () => {
  const program = pauseProgram("arm64");
  expect([program.readUInt16LE(18), program.length]).toEqual([183, 148]);
  // mov x8, #73; svc #0; b back to the first instruction
  expect(program.subarray(-12).toString("hex")).toBe("280980d2010000d4faffff17");
});

test("a machine without one is refused", () => {
  expect(() => pauseProgram("mips")).toThrow("no anchor program");
});

import { type Code, type Severity } from "@lapcat/diagnostic";
import { expect, test } from "vitest";
import { exitCodeOf } from "./exit-code.ts";

test.for<[readonly (readonly [Code, Severity])[], number]>([
  [[], 0],
  [
    [
      ["field.no-effect", "warning"],
      ["catalog.chosen", "note"],
    ],
    0,
  ],
  [[["param.missing", "error"]], 2],
  [
    [
      ["engine.none", "error"],
      ["param.missing", "error"],
    ],
    3,
  ],
  [
    [
      ["engine.none", "warning"],
      ["usage", "error"],
    ],
    2,
  ],
])("%o leads to %d", ([codes, code]) => {
  expect(exitCodeOf(codes.map(([each, severity]) => ({ code: each, severity, message: "" })))).toBe(code);
});

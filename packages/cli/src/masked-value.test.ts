import { expect, test } from "vitest";
import { maskedValue } from "./masked-value.ts";

test("a secret text is masked wherever it stands, the longer one first, and all else stays", () => {
  const value = { env: [{ name: "T", value: "Bearer abcdef" }], n: 1, none: null, key: "abc" };
  expect(maskedValue(value, ["abc", "abcdef", ""])).toEqual({
    env: [{ name: "T", value: "Bearer ***" }],
    n: 1,
    none: null,
    key: "***",
  });
});

test("a file that is secret as a whole has no content", () => {
  const file = { path: "p", secret: true, content: { kind: "text", text: "anything" } };
  expect(maskedValue([file, { ...file, secret: false }], [])).toEqual([
    { path: "p", secret: true, content: "***" },
    { ...file, secret: false },
  ]);
});

import { expect, test } from "vitest";
import { defaultGates } from "./gates.ts";
import { withCel } from "./cel.ts";

const compile = (await withCel({ ...defaultGates, celInWhen: true })).compileCel;

test.for([
  "'$(params.branch)' == 'main'",
  "'a' in ['a', 'b'] && 'ab'.startsWith('a')",
  "['a', 1].exists(x, x == 'a')",
  "'$(params.x)'.matches('^v[0-9]+$') ? true : false",
])("%s is CEL", (text) => {
  expect(compile?.(text)).toBeUndefined();
});

test.for([
  ["$(params.branch) == 'main'", "$"],
  ["params.branch == 'main'", "params"],
  ["'a' == 1", "'a' == 1"],
  ["'a'.lowerAscii() == 'a'", "'a'.lowerAscii()"],
  ["'a' ==", ""],
] as const)("%s is none, because of %s", ([text, part]) => {
  const fault = compile?.(text);
  expect(fault).toBeDefined();
  expect(text.slice(fault?.start, fault?.end)).toBe(part);
});

test("nothing is loaded where the gates do not allow it", async () => {
  expect(await withCel(defaultGates)).toBe(defaultGates);
});

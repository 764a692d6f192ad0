import { expect, test } from "vitest";
import { maskerFor } from "./mask.ts";

function mask(secrets: readonly string[], chunks: readonly string[]): string {
  const masker = maskerFor(secrets)();
  const out = chunks.map((chunk) => Buffer.from(masker.push(Buffer.from(chunk))));
  return Buffer.concat([...out, masker.end()]).toString();
}

test.for([
  ["a secret", ["hunter2"], "the password is hunter2!", "the password is ***!"],
  ["two that overlap, without a rest of the second", ["abcde", "defgh"], "xabcdefghx", "x***x"],
  ["the longer of two with one begin", ["token", "token-long"], "token-long token", "*** ***"],
  ["a secret's surrounding white space is not needed", ["hunter2\n"], "hunter2 ", "*** "],
  ["each line of a secret of several lines", ["first line\nsecond line\n"], "second line, first line", "***, ***"],
  ["base64 of it", ["s3cr3t-password"], Buffer.from("s3cr3t-password").toString("base64"), "***"],
  ["the text around a secret", ["pass"], "passing the pass", "***ing the ***"],
  ["a text too short to be masked stays", ["ab"], "abc", "abc"],
  ["no secrets, no change", [], "anything", "anything"],
  ["as a URL has it", ["p@ss/w:rd"], "https://u:p%40ss%2Fw%3Ard@host", "https://u:***@host"],
] as const)("%s", ([, secrets, text, expected]) => {
  expect(mask(secrets, [text])).toBe(expected);
  // However the stream is cut, the outcome is the same.
  for (let size = 1; size < 6; size++)
    expect(mask(secrets, text.match(new RegExp(`.{1,${size}}`, "gsu")) ?? [])).toBe(expected);
});

test("base64 of a text that contains the secret hides the secret's part, wherever it starts", () => {
  for (const user of ["u", "us", "use"]) {
    const text = Buffer.from(`${user}:hunter2-hunter2`).toString("base64");
    expect(mask(["hunter2-hunter2"], [text])).toContain("***");
    expect(mask(["hunter2-hunter2"], [text]).length).toBeLessThan(13);
  }
});

test("only what could be the begin of a secret is held back", () => {
  const masker = maskerFor(["hunter2"])();
  expect(Buffer.from(masker.push(Buffer.from("my hunt"))).toString()).toBe("my ");
  expect(Buffer.from(masker.push(Buffer.from("ing trip"))).toString()).toBe("hunting trip");
  expect(Buffer.from(masker.push(Buffer.from("hun"))).toString()).toBe("");
  expect(Buffer.from(masker.end()).toString()).toBe("hun");
});

test("masking a chunk with many secrets is far faster than an engine can give", () => {
  const masker = maskerFor(Array.from({ length: 50 }, (_, index) => `secret-number-${index}-with-some-length`))();
  const chunk = Buffer.from("a usual line of output, sixty characters and a line break ...\n".repeat(1000));
  const start = performance.now();
  let bytes = 0;
  for (let round = 0; round < 200; round++) bytes += masker.push(chunk).length;
  expect(bytes / 1e6 / ((performance.now() - start) / 1000)).toBeGreaterThan(48);
});

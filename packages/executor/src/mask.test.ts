import { expect, test } from "vitest";
import { maskerFor } from "./mask.ts";
import { secretForms } from "./secret-forms.ts";

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
  ["as JSON has it", ['a "quoted"\tpart'], '{"key":"a \\"quoted\\"\\tpart"}', '{"key":"***"}'],
  ["as Go's JSON has it", ["less<more&some"], '"less\\u003cmore\\u0026some"', '"***"'],
  ["as Python's JSON has it", ["schlüssel-wort"], '"schl\\u00fcssel-wort"', '"***"'],
  ["several lines in JSON", ["first line\nsecond line"], '"first line\\nsecond line"', '"***"'],
  ["as markup has it", ["less<more&some"], "<v>less&lt;more&amp;some</v>", "<v>***</v>"],
  ["as a form has it", ["two words/and=more"], "v=two+words%2Fand%3Dmore&x", "v=***&x"],
  ["as a URL has it, in small letters", ["p@ss/w:rd"], "https://u:p%40ss%2fw%3ard@host", "https://u:***@host"],
  ["as a URL's path has it", ["p@ss/w:rd"], "https://host/p%40ss/w%3Ard", "https://host/***"],
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

/** A sequence that is the same every time. */
function randomness(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("whatever the secrets, the text and the cuts: no form of a secret comes out, and the cuts change nothing", () => {
  const random = randomness(7);
  const pick = <T>(all: readonly T[]): T => all[random(all.length)] as T;
  // Few letters, so that begins of secrets, overlaps and repetitions are frequent.
  const word = (length: number): string => Array.from({ length }, () => pick(Array.from('aab\n/+ü"<'))).join("");
  let masked = 0;
  for (let round = 0; round < 400; round++) {
    const secrets = Array.from({ length: 1 + random(4) }, () => word(3 + random(14)));
    const forms = secrets.flatMap((each) => secretForms(each));
    const part = (): string =>
      pick([
        () => word(random(6)),
        () => pick(secrets),
        () => (forms.length === 0 ? "" : pick(forms)),
        () => pick(secrets).slice(0, 4),
        () => Buffer.from(word(random(5)) + pick(secrets) + word(random(5))).toString("base64"),
        () => JSON.stringify(pick(secrets)),
      ])();
    const text = Array.from({ length: 1 + random(8) }, part).join("");
    const whole = mask(secrets, [text]);
    // Two stars of ours may stand side by side with what was between them, so a form is looked for piece by piece.
    for (const piece of whole.split("***")) for (const form of forms) expect(piece).not.toContain(form);
    masked += whole === text ? 0 : 1;
    const bytes = Buffer.from(text);
    for (let cut = 0; cut < 4; cut++) {
      const masker = maskerFor(secrets)();
      const out: Uint8Array[] = [];
      for (let at = 0; at < bytes.length;) {
        const next = at + 1 + random(pick([1, 3, 40]));
        // A chunk's memory is its giver's.
        const chunk = Buffer.from(bytes.subarray(at, next));
        out.push(Buffer.from(masker.push(chunk)));
        chunk.fill(0);
        at = next;
      }
      expect(Buffer.concat([...out, masker.end()]).toString()).toBe(whole);
    }
  }
  expect(masked).toBeGreaterThan(200);
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

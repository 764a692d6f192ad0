import { Lexer } from "yaml";
import { expect, test } from "vitest";
import { strayMarks } from "./stray-marks.ts";

function strayIn(text: string): number {
  const stray = strayMarks();
  for (const lexeme of new Lexer().lex(text)) stray.next(lexeme);
  return stray.count;
}

test.for([
  ["a: &a [1, 2]\nb: *a\n"],
  ["!!map\n!!str a: !!str b\nc: [&x !!str a, &y b, *x]\n"],
  ["a: |\n  *a\n  *b ,,,, !!str !!str !!str\n"],
  ['a: "*a, ,,, !a !a !a"\nb: x, ,,, *c\n'],
  ["# *a\n- *a\n".replace("- *a", "- a")],
] as const)("%j has no mark that belongs to nothing", ([text]) => {
  expect(strayIn(text)).toBe(0);
});

test.for([
  ["!!str !!str !!str !!str a", 2],
  ["a: [,,,,]", 2],
  ["a: [*a, *a]", 2],
  ["&a\n&a\n# comment\n&a\nb", 1],
] as const)("%j has %i", ([text, count]) => {
  expect(strayIn(text)).toBe(count);
});

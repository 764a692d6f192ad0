import { expect, test } from "vitest";
import { type Diagnostic } from "./diagnostic.ts";
import { formatDiagnostic } from "./format.ts";
import { sourceFile, type Span } from "./source-file.ts";

/** The span between the two marks, in the text without them. */
function marked(text: string): Span {
  const start = text.indexOf("«");
  const end = text.indexOf("»") - 1;
  return { file: sourceFile("task.yaml", text.replaceAll(/[«»]/gu, "")), start, end };
}

function show(span: Span | undefined, more: Partial<Diagnostic> = {}): string {
  const diagnostic: Diagnostic = {
    code: "field.unknown",
    severity: "error",
    message: "there is no such field",
    ...more,
  };
  return formatDiagnostic(span === undefined ? diagnostic : { ...diagnostic, span }, { colour: false });
}

test("the line is shown with a caret under the span, and the hint below", () => {
  expect(show(marked("kind: Task\nspec:\n  «stesp»: []\n"), { hint: "did you mean steps?" })).toBe(
    [
      "task.yaml:3:3: error[field.unknown] there is no such field",
      " 3 |   stesp: []",
      "   |   ^^^^^",
      " hint: did you mean steps?",
    ].join("\n"),
  );
});

test("what has no place is told without one", () => {
  expect(show(undefined, { severity: "warning" })).toBe("warning[field.unknown] there is no such field");
});

test("the gutter grows with the line's number", () => {
  expect(
    show(marked(`${"\n".repeat(99)}«a»`))
      .split("\n")
      .slice(1),
  ).toEqual([" 100 | a", "     | ^"]);
});

test("tabs before the span stay tabs, so that the caret stands under it in any terminal", () => {
  expect(show(marked("\ta\t«b»")).split("\n").slice(1)).toEqual([" 1 | \ta\tb", "   | \t \t^"]);
});

test("a span of several lines is marked on its first", () => {
  expect(show(marked("steps:\n  «- name: a\n    image: b»\n")).split("\n").slice(1)).toEqual([
    " 2 |   - name: a",
    "   |   ^^^^^^^^^",
  ]);
});

test("an empty span, or one at the end of the file, has one caret", () => {
  expect(show(marked("image:«»\n")).split("\n").slice(1)).toEqual([" 1 | image:", "   |       ^"]);
  expect(show(marked("a\n«»")).split("\n").slice(1)).toEqual([" 2 | ", "   | ^"]);
});

test("carriage returns are not shown", () => {
  expect(show(marked("a: «b»\r\nc: d")).split("\n").slice(1)).toEqual([" 1 | a: b", "   |    ^"]);
});

test("of a long line only the surroundings of the span are shown", () => {
  const [, line, carets] = show(marked(`${"x".repeat(500)}«yyy»${"z".repeat(500)}`)).split("\n");
  expect(line?.length).toBeLessThan(140);
  expect(line?.indexOf("yyy")).toBe(carets?.indexOf("^^^"));
  expect(line).toContain("…");
});

test("a span longer than what is shown ends with it", () => {
  const [, line, carets] = show(marked(`a: «${"y".repeat(1000)}»`)).split("\n");
  expect(carets?.length).toBeLessThanOrEqual(line?.length ?? 0);
});

test("wide characters take two columns of caret and of indent", () => {
  expect(show(marked("名前: «値» x")).split("\n").slice(1)).toEqual([" 1 | 名前: 値 x", "   |       ^^"]);
  expect(show(marked("😀 «ab»")).split("\n").slice(1)).toEqual([" 1 | 😀 ab", "   |    ^^"]);
});

test("control characters of a document, a message or a name do not reach the terminal", () => {
  const span = marked("a: «\u001b[31mred»\u202e");
  const file = sourceFile("\u001b]0;title\u0007.yaml", span.file.text);
  const text = show({ ...span, file }, { message: "\u001b[2J", hint: "\u009b" });
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
  expect(text.split("\n")[2]).toBe("   |    ^^^^^^^^");
});

test("colours are put around the place, the label and the carets", () => {
  const diagnostic: Diagnostic = {
    code: "yaml.syntax",
    severity: "note",
    message: "m",
    span: marked("«a»"),
    hint: "h",
  };
  expect(formatDiagnostic(diagnostic, { colour: true })).toBe(
    "\u001b[1mtask.yaml:1:1:\u001b[0m \u001b[1;36mnote[yaml.syntax]\u001b[0m m\n 1 | a\n   | \u001b[36m^\u001b[0m\n \u001b[36mhint:\u001b[0m h",
  );
});

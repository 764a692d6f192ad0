import { type YAMLParseError } from "yaml";

export interface Explanation {
  readonly message: string;
  readonly hint?: string;
}

type Finding = Pick<YAMLParseError, "code" | "message">;

const quoteIt = "put the value in quotes if it is text";

/** By code, and by how the library's own sentence looks where one code means several things. */
const sayings: readonly (readonly [Finding["code"], RegExp, Explanation])[] = [
  ["TAB_AS_INDENT", /^/u, { message: "a tab indents this line", hint: "YAML takes only spaces for indentation" }],
  [
    "BLOCK_AS_IMPLICIT_KEY",
    /^/u,
    { message: 'there are two ": " on this line, which would nest one mapping in another', hint: quoteIt },
  ],
  ["BAD_INDENT", /^All /u, { message: "this line does not stand in the same column as the entries before it" }],
  ["MULTILINE_IMPLICIT_KEY", /^/u, { message: 'this is neither a value nor a key followed by ": "' }],
  ["MISSING_CHAR", /^Implicit map keys/u, { message: 'this is neither a value nor a key followed by ": "' }],
  ["MISSING_CHAR", /^Missing closing/u, { message: "the closing quote is missing" }],
  ["UNEXPECTED_TOKEN", /at node end$/u, { message: "the value before this is complete: nothing may follow it here" }],
  ["UNEXPECTED_TOKEN", /in YAML (?:stream|document)/u, { message: "this does not belong to the document" }],
];

/** The library's finding in words that need no knowledge of YAML's grammar. */
export function explainError({ code, message }: Finding): Explanation {
  const saying = sayings.find(([each, shape]) => each === code && shape.test(message));
  if (saying !== undefined) return saying[2];
  const own = /^[A-Z][a-z]/u.test(message) ? message.charAt(0).toLowerCase() + message.slice(1) : message;
  return code === "BAD_SCALAR_START" ? { message: own, hint: quoteIt } : { message: own };
}

import { expect, test } from "vitest";
import { regexFault } from "./go-regex.ts";

test.for([
  "",
  "https://github.com/tektoncd/catalog.git",
  "^gcr.io/tekton-releases/.*$",
  "(?i)GitHub",
  "(?P<owner>[^/]+)/x",
  "[[:alpha:]]+",
  "\\Qa.b(\\E\\z",
  "a{",
  "a]{x}",
  "[]a]",
  "[^]a]",
  "\\p{L}\\pN",
  "a{2}{",
  "^*a$+\\b?",
  "\\-\\_[\\-]\\pL{1,2}",
])("Go compiles %s", (pattern) => {
  expect(regexFault(pattern)).toBeUndefined();
});

test.for(["^[", "(a", "a)", "*", "a(?=b)", "(a)\\1", "a{2,1}", "$(x[])", "[^]", "[a"])(
  "Go does not compile %s",
  (pattern) => {
    expect(regexFault(pattern)).toBeTypeOf("string");
  },
);

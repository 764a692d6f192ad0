// docs/diagnostics.md is written from the list of codes. UPDATE=1 writes it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codes, type Concern } from "../packages/diagnostic/src/index.ts";

const page = join(import.meta.dirname, "../docs/diagnostics.md");
const exitCode: Readonly<Record<Concern, number>> = { input: 2, environment: 3 };

function pageOf(): string {
  const rows = Object.entries(codes).map(([code, { concern, sentence }]) => {
    return `| \`${code}\` | ${exitCode[concern]} | ${sentence.replaceAll("|", "\\|")} |`;
  });
  return `# Diagnostics

Every message of lapcat has a code: \`error[task.missing]\`, \`warning[…]\`, \`note[…]\`. An error leads to the exit code of its row; a warning or a
note leads to none, but with \`validate --strict\` a warning counts as an error.

| code | exit code | meaning |
|---|---|---|
${rows.join("\n")}

This page is written from the list of codes in \`packages/diagnostic\`: \`UPDATE=1 npm run test:unit -- test/diagnostics-page\`.
`;
}

test("docs/diagnostics.md has every code with its exit code", () => {
  if (process.env["UPDATE"] === "1") writeFileSync(page, pageOf());
  expect(Object.keys(codes).length).toBeGreaterThan(40);
  expect(readFileSync(page, "utf8")).toBe(pageOf());
});

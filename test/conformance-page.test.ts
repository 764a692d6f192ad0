// docs/conformance.md says what becomes of every example of Tekton's; test/e2e/conformance.test.ts proves it. UPDATE=1 writes it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { absence, contentsOf, listExamples } from "../scripts/conformance/examples.ts";
import { conformancePage, pageLine } from "../scripts/conformance/page.ts";
import { rowsOf } from "../scripts/conformance/rows.ts";
import { treatments } from "./example-verdicts.ts";

if (absence !== undefined) process.stderr.write(`SKIPPED: ${absence}.\n`);
const page = join(import.meta.dirname, "../docs/conformance.md");

describe.skipIf(absence !== undefined)("the examples of Tekton's", () => {
  const rows = absence === undefined ? rowsOf(listExamples()) : [];

  test("stand on the page with their verdicts", () => {
    if (process.env["UPDATE"] === "1") writeFileSync(page, conformancePage(rows));
    const text = readFileSync(page, "utf8");
    // There may be more examples than were here when the page was written.
    const known = rows.filter(({ example }) => text.includes(`| ${example.path} |`));
    expect(known.length).toBeGreaterThan(150);
    expect(text.split("\n").filter((line) => line.startsWith("| v1"))).toEqual(known.map(pageLine));
    const whole = known.length === rows.length ? conformancePage(rows) : text;
    expect(text).toBe(whole);
  });

  test("are counted in the README as on the page", () => {
    const [, all, succeeding] = /Of (\d+) examples (\d+) end/u.exec(readFileSync(page, "utf8")) ?? [];
    const count = `[${succeeding} of ${all}](docs/conformance.md)`;
    const file = join(import.meta.dirname, "../README.md");
    const counted = readFileSync(file, "utf8").replace(/\[\d+ of \d+\]\(docs\/conformance\.md\)/u, count);
    if (process.env["UPDATE"] === "1") writeFileSync(file, counted);
    expect(counted).toContain(count);
    expect(readFileSync(file, "utf8")).toBe(counted);
  });

  test("are meant by every treatment in the table", () => {
    expect(treatments.filter((each) => !rows.some(({ treatment }) => treatment === each))).toEqual([]);
  });

  test("hold a run each, and words to choose it by", () => {
    const contents = rows.map(({ example }) => contentsOf(example));
    expect(contents.filter(({ runs }) => runs.length === 0)).toEqual([]);
    expect(contents.some(({ runs }) => runs.includes("PipelineRun/pr-parameterized-subpath-#2"))).toBe(true);
  });

  test("run on Podman too, a third of those that run", () => {
    const running = rows.filter(({ treatment }) => ["succeeds", "fails"].includes(treatment.verdict.kind));
    const marked = rows.filter(({ onPodman }) => onPodman).length;
    expect(marked / running.length).toBeGreaterThan(0.28);
    expect(marked / running.length).toBeLessThan(0.4);
  });
});

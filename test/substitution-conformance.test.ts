import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Case, type Judges } from "./upstream-tables/case.ts";
import { checkJudges } from "./upstream-tables/checks.ts";
import { factJudges } from "./upstream-tables/facts.ts";
import { nameJudges } from "./upstream-tables/names.ts";
import { notOurCases, notOurs } from "./upstream-tables/not-ours.ts";
import { pipelinePassJudges } from "./upstream-tables/pipeline-passes.ts";
import { planJudges } from "./upstream-tables/plans.ts";
import { resultJudges } from "./upstream-tables/results.ts";
import { stepActionJudges } from "./upstream-tables/step-actions.ts";
import { taskPassJudges } from "./upstream-tables/task-passes.ts";
import { taskJudges } from "./upstream-tables/tasks.ts";
import { textJudges } from "./upstream-tables/texts.ts";

/** Upstream's own tables, as data; they are not part of this repository. */
const directory = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");
const table = join(directory, "substitution.jsonl");

/** What asks our rooms what upstream's functions were asked. */
const judges: Judges = {
  ...textJudges,
  ...taskJudges,
  ...nameJudges,
  ...pipelinePassJudges,
  ...taskPassJudges,
  ...resultJudges,
  ...planJudges,
  ...checkJudges,
  ...stepActionJudges,
  ...factJudges,
};

const whyNot = ({ name }: Case): string | undefined =>
  Object.entries(notOurCases).find(([beginning]) => name.startsWith(beginning))?.[1];

if (!existsSync(table)) {
  process.stderr.write(`SKIPPED: upstream's substitution tables are not at ${table}; set TEKTON_CONFORMANCE_DIR.\n`);
}

describe.skipIf(!existsSync(table))("upstream's tables", () => {
  const rows: readonly Case[] = existsSync(table)
    ? readFileSync(table, "utf8")
        .trimEnd()
        .split("\n")
        .map((line): Case => JSON.parse(line))
    : [];
  const judged = rows.filter((row) => judges[row.func] !== undefined && whyNot(row) === undefined);

  test("every function is judged, or it is said why not", () => {
    const functions = [...new Set(rows.map(({ func }) => func))];
    expect(functions.filter((func) => judges[func] === undefined).toSorted()).toEqual(Object.keys(notOurs).toSorted());
    for (const beginning of Object.keys(notOurCases))
      expect(rows.some(({ name, func }) => name.startsWith(beginning) && judges[func] !== undefined)).toBe(true);
    expect(judged.length).toBeGreaterThan(100);
  });

  test("what is said not to be ours goes otherwise here", () => {
    const agrees = (row: Case): boolean => {
      try {
        const [ours, theirs] = judges[row.func]!(row);
        expect(ours).toEqual(theirs);
        return true;
      } catch {
        return false;
      }
    };
    const superfluous = Object.keys(notOurCases).filter((beginning) =>
      rows.filter(({ name, func }) => name.startsWith(beginning) && judges[func] !== undefined).every(agrees),
    );
    expect(superfluous).toEqual([]);
  });

  test.for(judged)("$func: $name", (row) => {
    const [ours, theirs] = judges[row.func]!(row);
    expect(ours).toEqual(theirs);
  });
});

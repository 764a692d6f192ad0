import { createHash } from "node:crypto";
import { treatmentOf } from "../../test/example-verdicts.ts";
import { type Example } from "./examples.ts";
import { type Row } from "./page.ts";
import { needsPlaces } from "./places.ts";

/** Every example with what becomes of it. */
export function rowsOf(examples: readonly Example[]): readonly Row[] {
  return examples.map((example) => {
    const treatment = treatmentOf(example.path, example.offline);
    const isRun = treatment.verdict.kind === "succeeds" || treatment.verdict.kind === "fails";
    const row: Row = { example, treatment, onPodman: false };
    return isRun && !needsPlaces(row) && isOfThird(example.path) ? { ...row, onPodman: true } : row;
  });
}

/** About a third of all paths, the same ones whatever others there are. */
function isOfThird(path: string): boolean {
  return createHash("sha1").update(path).digest().readUInt32BE() % 3 === 0;
}

import { createHash } from "node:crypto";
import { treatmentOf } from "../../test/example-verdicts.ts";
import { type Example } from "./examples.ts";
import { type Row } from "./page.ts";

/** Every example with what becomes of it. */
export function rowsOf(examples: readonly Example[]): readonly Row[] {
  return examples.map((example) => {
    const treatment = treatmentOf(example.path, example.offline);
    const isRun = treatment.verdict.kind === "succeeds" || treatment.verdict.kind === "fails";
    return { example, treatment, onPodman: isRun && isOfThird(example.path) };
  });
}

/** About a third of all paths, the same ones whatever others there are. */
function isOfThird(path: string): boolean {
  return createHash("sha1").update(path).digest().readUInt32BE() % 3 === 0;
}

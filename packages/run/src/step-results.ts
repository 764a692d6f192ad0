import { type RunResult, stepContainerName, type StepResult, type TaskResult } from "@lapcat/tekton";
import { type ReadResult, readResult } from "./read-result.ts";

/**
 * The Task's results that are results of this step (`value: $(steps.s.results.r)`). One that several ask for goes to the last of them
 * (pod/status.go, findStepResultsFetchedByTask).
 */
export function resultsFromStep(
  declared: readonly TaskResult[],
  container: string,
  results: readonly RunResult[],
): readonly RunResult[] {
  const wanted = new Map<string, string>();
  for (const { name, value } of declared) {
    const [, step, result] = typeof value === "string" ? (/\$\(steps\.(.*?)\.results\.(.*?)\)/u.exec(value) ?? []) : [];
    if (step === undefined || result === undefined || stepContainerName(step, 0) !== container) continue;
    wanted.set(result, name);
  }
  return results.flatMap((result) => {
    const name = wanted.get(result.name);
    return name === undefined ? [] : [{ ...result, name }];
  });
}

/** A step's result as its file says it. */
export function readStepResult(
  { type, properties }: Pick<StepResult, "type" | "properties">,
  text: string,
): ReadResult {
  return readResult(text, type ?? (properties === undefined ? "string" : "object"));
}

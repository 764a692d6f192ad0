import { awaitedResults, isArrayValue, type ParamValue, type PipelineTask } from "@lapcat/tekton";

/** The tasks whose results a PipelineTask takes where taking one makes it wait, each once (SUB-12). */
export function producersOf(task: PipelineTask): readonly string[] {
  return [...new Set(awaitedResults(task).map(({ reference }) => reference.task))];
}

/** All that a PipelineTask waits for, as written: `runAfter` and the tasks whose results it takes. */
export function predecessorsOf(task: PipelineTask): readonly string[] {
  return [...new Set([...(task.runAfter ?? []), ...producersOf(task)])];
}

export function textsOf(value: ParamValue): readonly string[] {
  if (typeof value === "string") return [value];
  return isArrayValue(value) ? value : Object.values(value);
}

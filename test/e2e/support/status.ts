import { type PipelineRunStatus, type RunResult, type TaskRunStatus } from "../../../packages/tekton/src/index.ts";

interface Metadata {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}
export interface PipelineRunObject {
  readonly apiVersion: string;
  readonly kind: "PipelineRun";
  readonly metadata: Metadata;
  readonly status: PipelineRunStatus;
}
export interface TaskRunObject {
  readonly apiVersion: string;
  readonly kind: "TaskRun";
  readonly metadata: Metadata;
  readonly status: TaskRunStatus;
}

/** What `run -o json` and `describe -o json` print. */
export interface List {
  readonly apiVersion: string;
  readonly kind: string;
  readonly items: readonly (PipelineRunObject | TaskRunObject)[];
}

export function listIn(text: string): List {
  try {
    return JSON.parse(text) as List;
  } catch (cause) {
    throw new Error(`not JSON: ${text}`, { cause });
  }
}

export function pipelineRunOf(list: List): PipelineRunObject {
  const found = list.items.find((each) => each.kind === "PipelineRun");
  if (found === undefined) throw new Error("the list has no PipelineRun");
  return found;
}

/** The TaskRun of a PipelineTask; without its name, the only one. */
export function taskRunOf(list: List, pipelineTask?: string): TaskRunObject {
  const runs = list.items.filter((each) => each.kind === "TaskRun");
  const found =
    pipelineTask === undefined
      ? runs[0]
      : runs.find((each) => each.metadata.labels?.["tekton.dev/pipelineTask"] === pipelineTask);
  if (found === undefined)
    throw new Error(
      `the list has no TaskRun of ${pipelineTask ?? "its own"}: ${runs.map(({ metadata }) => metadata.name).join(", ")}`,
    );
  return found;
}

export function valueOf(results: readonly Pick<RunResult, "name" | "value">[] | undefined, name: string): unknown {
  return results?.find((each) => each.name === name)?.value;
}

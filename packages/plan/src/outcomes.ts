import {
  type ResultReference,
  resultReplacements,
  mergeReplacements,
  noReplacements,
  type Replacements,
  stringReplacements,
} from "@lapcat/substitution";
import {
  type Artifacts,
  artifactText,
  type AwaitedResult,
  awaitedResults,
  mergeArtifacts,
  noArtifacts,
  type ParamValue,
  type RunResult,
} from "@lapcat/tekton";
import { asPipelineTaskName, type PipelineTaskName, type PlannedTask, type TaskRunName } from "./run-plan.ts";

/** What came of the tasks so far. */
export interface Outcomes {
  readonly tasks: Pick<ReadonlyMap<PipelineTaskName, TaskOutcome>, "get">;
  /** `$(tasks.status)`; None while a task of the DAG is not done. */
  readonly aggregate: "Succeeded" | "Failed" | "Completed" | "None";
}

/** What came of a task that was started; one that was not has none. */
export interface TaskOutcome {
  /** `$(tasks.t.status)`. */
  readonly status: "Succeeded" | "Failed" | "None";
  /** `$(tasks.t.reason)`. */
  readonly reason: string;
  /** Whether all its TaskRuns ended: only then are its results taken. */
  readonly finished: boolean;
  /** One, or those of a matrix. */
  readonly taskRuns: readonly {
    readonly name: TaskRunName;
    readonly results: readonly RunResult[];
    /** Absent where it told none. */
    readonly artifacts?: Artifacts;
  }[];
}

/** A result that the task referred to cannot give any more. */
export interface MissingResult {
  readonly task: PipelineTaskName;
  readonly result: string;
  readonly producer: "Succeeded" | "Failed" | "None";
}

export type ResolvedResults =
  | { readonly kind: "resolved"; readonly replacements: Replacements }
  | { readonly kind: "missing"; readonly missing: MissingResult }
  | { readonly kind: "out-of-bounds"; readonly message: string };

/** All or nothing: the first reference that has no value leaves the others, those wanted, unreplaced too (ResolveResultRefs). */
export function resolveResults(
  planned: PlannedTask,
  outcomes: Outcomes,
  isMatrix: (task: PipelineTaskName) => boolean,
  wanted: (awaited: AwaitedResult) => boolean = () => true,
): ResolvedResults {
  const found: Replacements[] = [];
  for (const awaited of awaitedResults(planned.pipelineTask)) {
    const { reference } = awaited;
    const task = asPipelineTaskName(reference.task);
    const outcome = outcomes.tasks.get(task);
    const value = outcome?.finished === true ? resultOf(outcome, reference.result, isMatrix(task)) : undefined;
    if (value === undefined) {
      const producer = outcome?.finished === true ? outcome.status : "None";
      return { kind: "missing", missing: { task, result: reference.result, producer } };
    }
    const beyond = outOfBounds(reference, value);
    if (beyond !== undefined) return { kind: "out-of-bounds", message: beyond };
    if (wanted(awaited)) found.push(resultReplacements("tasks", reference.task, reference.result, value));
  }
  return { kind: "resolved", replacements: found.length === 0 ? noReplacements : mergeReplacements(...found) };
}

function outOfBounds({ index, task, result }: ResultReference, value: ParamValue): string | undefined {
  if (index === undefined || !Array.isArray(value) || index < value.length) return undefined;
  return `array Result Index ${index} for Task ${task} Result ${result} is out of bound of size ${value.length}`;
}

/** A matrix gives the texts of its instances by name as text, `-10` before `-2`; those that did not write the result are left out. */
export function resultOf(outcome: TaskOutcome, name: string, matrix: boolean): ParamValue | undefined {
  const values = [...outcome.taskRuns]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ results }) => results.filter((each) => each.name === name).map(({ value }) => value));
  if (!matrix) return values[0];
  const texts = values.flatMap((value) => (typeof value === "string" ? [value] : []));
  return texts.length === 0 ? undefined : texts;
}

/** Every result of these tasks that are finished, as an embedded Task and the run's bindings see them (PropagateResults): dotted only. */
export function propagatedResults(
  outcomes: Outcomes,
  isMatrix: (task: PipelineTaskName) => boolean,
  tasks: Iterable<PipelineTaskName>,
): Replacements {
  const found: Replacements[] = [];
  for (const task of tasks) {
    const outcome = outcomes.tasks.get(task);
    if (outcome?.finished !== true) continue;
    const names = new Set(outcome.taskRuns.flatMap(({ results }) => results.map(({ name }) => name)));
    for (const name of names) {
      const value = resultOf(outcome, name, isMatrix(task));
      if (value !== undefined) found.push(resultReplacements("tasks", task, name, value));
    }
  }
  const { strings, arrays } = mergeReplacements(noReplacements, ...found);
  const dotted = <V>(map: ReadonlyMap<string, V>): ReadonlyMap<string, V> =>
    new Map([...map].filter(([key]) => !/\[["']/u.test(key)));
  return { strings: dotted(strings), arrays: dotted(arrays), objects: new Map() };
}

/** The artifacts of these tasks that are finished, as an embedded Task sees them (PropagateArtifacts); without a name, the first. */
export function propagatedArtifacts(outcomes: Outcomes, tasks: Iterable<PipelineTaskName>): Replacements {
  const texts: Record<string, string> = {};
  for (const task of tasks) {
    const outcome = outcomes.tasks.get(task);
    if (outcome?.finished !== true) continue;
    const told = outcome.taskRuns.flatMap(({ artifacts }) => artifacts ?? []);
    const all = told.length === 1 ? told[0] : told.reduce(mergeArtifacts, noArtifacts);
    for (const direction of ["inputs", "outputs"] as const) {
      for (const artifact of all?.[direction].toReversed() ?? []) {
        texts[`tasks.${task}.${direction}`] = artifactText(artifact);
        texts[`tasks.${task}.${direction}.${artifact.name ?? ""}`] = artifactText(artifact);
      }
    }
  }
  return stringReplacements(texts);
}

import { asPipelineTaskName, asTaskRunName, type Outcomes } from "../../packages/plan/src/index.ts";
import { customResult } from "../../packages/run/src/read-result.ts";
import {
  type Artifacts,
  noArtifacts,
  type Param,
  type PipelineTask,
  type RunResult,
  type TaskSpec,
} from "../../packages/tekton/src/index.ts";

/** A ResolvedPipelineTask of Go, as far as the tables fill it. */
export interface State {
  readonly PipelineTask: PipelineTask;
  readonly ResolvedTask?: { readonly TaskName: string; readonly TaskSpec?: TaskSpec };
  readonly CustomTask: boolean;
  readonly TaskRuns?: readonly {
    readonly metadata: { readonly name: string };
    readonly status: {
      readonly conditions?: readonly { readonly status: string }[];
      readonly results?: readonly RunResult[];
      readonly artifacts?: Partial<Artifacts>;
    };
  }[];
  readonly CustomRuns?: readonly {
    readonly metadata: { readonly name: string };
    readonly status: {
      readonly conditions?: readonly { readonly status: string }[];
      readonly results?: readonly { readonly name: string; readonly value: string }[];
    };
  }[];
}

type Run = NonNullable<State["TaskRuns"]>[number];

/** Results of custom runs are texts. */
function runsOf({ TaskRuns: taskRuns = [], CustomRuns: customRuns = [] }: State): readonly Run[] {
  const made = customRuns.map(({ metadata, status }) => {
    const results = (status.results ?? []).map(({ name, value }): RunResult => {
      const { resultType: type, value: read } = customResult(value);
      return { name, type, value: read };
    });
    return { metadata, status: { ...status, results } };
  });
  return [...taskRuns, ...made];
}

export interface ResolvedRef {
  readonly ResultReference: { readonly pipelineTask: string; readonly result: string; readonly resultsIndex?: number };
  readonly Value: Param["value"];
}

/** What came of tasks whose TaskRuns have conditions. */
export function outcomesOf(states: readonly State[]): Outcomes {
  const tasks = states.flatMap((state) => {
    const { PipelineTask: task } = state;
    const runs = runsOf(state);
    const said = runs.map(({ status }) => status.conditions?.[0]?.status);
    const finished = runs.length > 0 && said.every((each) => each === "True" || each === "False");
    const status = said.includes("False") ? "Failed" : "Succeeded";
    const taskRuns = runs.map(({ metadata, status: { results, artifacts } }) => ({
      name: asTaskRunName(metadata.name),
      results: results ?? [],
      ...(artifacts !== undefined && { artifacts: { ...noArtifacts, ...artifacts } }),
    }));
    return runs.length === 0
      ? []
      : [[asPipelineTaskName(task.name), { status, reason: status, finished, taskRuns }] as const];
  });
  return { tasks: new Map(tasks), aggregate: "None" };
}

export function isMatrixIn(states: readonly State[]): (task: string) => boolean {
  return (task) => states.some(({ PipelineTask: each }) => each.name === task && each.matrix !== undefined);
}

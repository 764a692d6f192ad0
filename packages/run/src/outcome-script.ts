import { type BoundTaskRun } from "@lapcat/plan";
import { type CancelMode } from "./event.ts";
import { progressOf } from "./progress.ts";
import { type RunState } from "./run-state.ts";

/** How Pods end, by TaskRun or PipelineTask; what is not named succeeds. */
export type Outcomes = Readonly<Record<string, Outcome>>;

/** How one Pod, or one custom run, ends. */
export interface Outcome {
  /** Of the first step. */
  readonly exitCode?: number;
  readonly steps?: Readonly<
    Record<string, { readonly exitCode?: number; readonly reason?: string; readonly results?: ScriptedResults }>
  >;
  /** Without them, one that succeeds writes `<task>-<result>`, and one that fails writes none. */
  readonly results?: ScriptedResults;
  /** First try first; the last one repeats. */
  readonly attempts?: readonly Outcome[];
  /** Of a matrix, in the order of creation; the last one repeats. */
  readonly instances?: readonly Outcome[];
  /** The clock moves so far while it runs, and it runs through one round more. */
  readonly advance?: string;
  /** It never ends by itself. */
  readonly hang?: boolean;
  /** While it runs, the run is cancelled. */
  readonly cancelRun?: boolean;
  readonly cancelAs?: CancelMode;
  /** Of a custom run. */
  readonly status?: string;
  readonly reason?: string;
}

export type ScriptedResults = Readonly<Record<string, unknown>>;

/** What the script says of one attempt. */
export function outcomeFor(state: RunState, outcomes: Outcomes, bound: BoundTaskRun): Outcome {
  const own = outcomes[bound.name] ?? outcomes[bound.planned.name] ?? {};
  const siblings = own.instances === undefined ? [] : (progressOf(state).taskRunsOf.get(bound.planned.name) ?? []);
  const instance = nth(own.instances, siblings.indexOf(bound.name)) ?? own;
  return nth(instance.attempts, bound.attempt) ?? instance;
}

function nth<T>(list: readonly T[] | undefined, index: number): T | undefined {
  return list?.[Math.min(index, list.length - 1)];
}

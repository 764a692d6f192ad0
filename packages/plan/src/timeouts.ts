import { isAfter, parseDuration, type PipelineRunSpec, type TektonVersion } from "@lapcat/tekton";

/** Tekton's `default-timeout-minutes`, in milliseconds. */
export const defaultTimeout: number = 60 * 60_000;

/** As written or computed, in milliseconds; 0 means no limit, undefined means nothing was said. */
export interface Budgets {
  readonly pipeline: number;
  readonly tasks: number | undefined;
  readonly finally: number | undefined;
}

/** PL-10: what is said of one part and of the whole tells the other part. */
export function budgetsOf({ timeouts }: PipelineRunSpec, fallback: number): Budgets {
  const pipeline = milliseconds(timeouts?.pipeline) ?? fallback;
  const tasks = milliseconds(timeouts?.tasks);
  const ending = milliseconds(timeouts?.finally);
  const rest = (other: number | undefined): number | undefined =>
    other === undefined || other === 0 || pipeline === 0 ? undefined : pipeline - other;
  return { pipeline, tasks: tasks ?? rest(ending), finally: ending ?? rest(tasks) };
}

/** PL-11: of one attempt. */
export function timeoutOfTask(said: readonly (string | undefined)[], otherwise: number): number | undefined {
  return limit(said.map(milliseconds).find((each) => each !== undefined) ?? otherwise);
}

/** Of a task that says nothing: the part's budget counts only where it is longer than the default, or unlimited. */
export function timeoutOfPart(
  budgets: Budgets,
  part: "tasks" | "finally",
  fallback: number,
  tekton: TektonVersion | undefined,
): number {
  const budget = budgets[part];
  if (!isAfter("run-timeout-not-of-tasks", tekton)) return budget ?? budgets.pipeline;
  const counts = budget !== undefined && (budget === 0 || budget > fallback);
  return counts && isAfter("long-timeouts-reach-tasks", tekton) ? budget : fallback;
}

export function limit(budget: number | undefined): number | undefined {
  return budget === 0 ? undefined : budget;
}

/** A duration as it is written. */
export function milliseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

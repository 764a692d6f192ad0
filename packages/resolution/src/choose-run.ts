import { type Diagnostic, didYouMean, fail, type Result, succeed } from "@lapcat/diagnostic";
import {
  type Located,
  type ObjectMeta,
  type Pipeline,
  type PipelineRun,
  type Task,
  type TaskRun,
} from "@lapcat/tekton";
import { isKind } from "./kind.ts";

export type Runnable = PipelineRun | TaskRun | Pipeline | Task;
const kinds = ["PipelineRun", "TaskRun", "Pipeline", "Task"] as const;

/** A name as `--run` gives it: `NAME` or `KIND/NAME`, or `NAME#2` for the second of those that share a generateName. */
export interface Choice {
  readonly kind?: string;
  readonly name: string;
}

/**
 * What to run: the one that was chosen; else the only run; else, where there is no run, the only Pipeline; else the only Task.
 */
export function chooseRun(resources: readonly Located[], choice: Choice | undefined): Result<Located<Runnable>> {
  const byKind = kinds.map((kind) => resources.filter(isKind(kind)));
  const runnables: readonly Located<Runnable>[] = byKind.flat();
  if (choice !== undefined) return chosen(runnables, choice);
  const [pipelineRuns = [], taskRuns = [], pipelines = [], tasks = []] = byKind;
  const runs = [...pipelineRuns, ...taskRuns];
  const candidates = runs.length > 0 ? runs : pipelines.length > 0 ? pipelines : tasks;
  const [only, ...others] = candidates;
  if (only === undefined) return fail([nothing(resources)]);
  if (others.length === 0) return succeed(only);
  return fail([several(candidates)]);
}

function chosen(runnables: readonly Located<Runnable>[], { kind, name }: Choice): Result<Located<Runnable>> {
  const ofKind = runnables.filter(
    ({ resource }) => kind === undefined || resource.kind.toLowerCase() === kind.toLowerCase(),
  );
  const [, shared = name, ordinal] = /^(.*)#([1-9]\d*)$/u.exec(name) ?? [];
  const sharing = ofKind.filter(({ resource: { metadata } }) =>
    [metadata.name, metadata.generateName].includes(shared),
  );
  const matching = ordinal === undefined ? sharing : sharing.slice(Number(ordinal) - 1, Number(ordinal));
  // A run stands before the Pipeline or Task of its name.
  const [first, second] = matching;
  if (first === undefined) {
    const near = didYouMean(
      name,
      ofKind.map(({ resource }) => labelOf(resource.metadata)),
    );
    const hint = near !== undefined ? `Did you mean ${near}?` : `There are: ${listed(runnables)}`;
    return fail([
      {
        code: "document.none",
        severity: "error",
        message: `there is no ${kind ?? "run, Pipeline or Task"} ${name} among the documents`,
        ...(runnables.length > 0 ? { hint } : {}),
      },
    ]);
  }
  if (second !== undefined && first.resource.kind === second.resource.kind) return fail([several(matching)]);
  return succeed(first);
}

function nothing(resources: readonly Located[]): Diagnostic {
  const has = [...new Set(resources.map(({ resource }) => resource.kind))].sort().join(", ");
  return {
    code: "document.none",
    severity: "error",
    message:
      has === ""
        ? "there is nothing to run: no documents were given"
        : `there is nothing to run among the documents (${has})`,
    hint: "Give a PipelineRun, a TaskRun, a Pipeline or a Task with -f",
  };
}

function several(candidates: readonly Located<Runnable>[]): Diagnostic {
  return {
    code: "usage",
    severity: "error",
    message: `there are ${candidates.length} things to run, and one has to be chosen: ${listed(candidates)}`,
    hint: `Name one of them, such as ${labels(candidates)[0]?.split("/")[1]}`,
  };
}

function listed(candidates: readonly Located<Runnable>[]): string {
  return labels(candidates).join(", ");
}

/** By what each can be chosen: those that are called the same are numbered. */
function labels(candidates: readonly Located<Runnable>[]): readonly string[] {
  const all = candidates.map(({ resource }) => `${resource.kind}/${labelOf(resource.metadata)}`);
  return all.map((label, index) => {
    const isShared = all.indexOf(label) !== all.lastIndexOf(label);
    return isShared ? `${label}#${all.slice(0, index + 1).filter((each) => each === label).length}` : label;
  });
}

function labelOf({ name, generateName }: ObjectMeta): string {
  return name ?? generateName ?? "(unnamed)";
}

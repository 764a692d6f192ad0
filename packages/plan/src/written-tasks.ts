import { type Diagnostic, didYouMean } from "@lapcat/diagnostic";
import { type PipelineTask, type ResolvedPipelineRun } from "@lapcat/tekton";
import { orderOf } from "./graph.ts";
import { below, error, type Place } from "./place.ts";
import { predecessorsOf } from "./result-reference.ts";

/** A PipelineTask and where it was written. */
export interface Written {
  readonly task: PipelineTask;
  readonly place: Place;
  readonly memberOf: "tasks" | "finally";
}

/** Those of `finally` last. */
export function writtenTasks({ pipeline }: ResolvedPipelineRun, place: Place): readonly Written[] {
  const of = (memberOf: "tasks" | "finally"): readonly Written[] =>
    (pipeline.spec[memberOf] ?? []).map((task, index) => ({ task, memberOf, place: below(place, memberOf, index) }));
  return [...of("tasks"), ...of("finally")];
}

/** Edges are taken from the Pipeline as written (dag.Build): what a param's value brings in makes none. */
export function orderOfTasks(
  written: readonly Written[],
  report: (problem: Diagnostic) => void,
): readonly string[] | undefined {
  const dag = written.filter(({ memberOf }) => memberOf === "tasks");
  const names = new Set(dag.map(({ task }) => task.name));
  for (const { task, place } of dag) {
    (task.runAfter ?? []).forEach((each, index) => {
      if (names.has(each)) return;
      const near = didYouMean(each, names);
      report(
        error(
          "pipeline.task-unknown",
          place,
          ["runAfter", index],
          `task "${task.name}" runs after "${each}", which is no task of the Pipeline`,
          near && `did you mean "${near}"?`,
        ),
      );
    });
  }
  const order = orderOf(new Map(dag.map(({ task }) => [task.name, predecessorsOf(task)])));
  if (order.kind === "ordered") return order.names;
  const [first = ""] = order.names;
  const at = dag.find(({ task }) => task.name === first);
  if (at !== undefined) {
    const path = at.task.runAfter === undefined ? ["name"] : ["runAfter"];
    report(
      error(
        "pipeline.cycle",
        at.place,
        path,
        `tasks wait for one another in a circle: ${[...order.names, first].join(" → ")}`,
      ),
    );
  }
  return undefined;
}

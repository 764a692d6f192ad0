import { type Path } from "@lapcat/manifest";
import { classify, findReferences } from "@lapcat/substitution";
import { meantHint } from "../validate/scope.ts";
import { type PipelineTask } from "../pipeline.ts";
import { type Advice, at, type Place } from "./advice.ts";
import { quoted } from "./fitting.ts";
import { type PlacedPipeline, pipelinesIn, pipelineTasksOf } from "./specs.ts";
import { spanOfText, toldOfOneText } from "./text-span.ts";

/** Results that a Pipeline takes from a Task which does not declare them (validateResultRefs, when the run has begun). */
export function adviseOnResults(advice: Advice): void {
  for (const pipeline of advice.resources.flatMap(pipelinesIn)) ofPipeline(advice, pipeline);
}

function ofPipeline(advice: Advice, pipeline: PlacedPipeline): void {
  const declared = new Map<string, readonly (readonly string[])[]>();
  for (const { task } of pipelineTasksOf(pipeline)) declared.set(task.name, resultsOf(advice, task));
  for (const { text, path } of textsIn(pipeline.spec, [])) {
    if (!text.includes("$(tasks.") && !text.includes("$(finally.")) continue;
    let told = 0;
    for (const reference of findReferences(text)) {
      const variable = classify(reference);
      if (
        variable.kind === "unknown" &&
        path[2] !== "taskSpec" &&
        ["tasks", "finally"].includes(reference.parts[0] ?? "")
      ) {
        const where: Place = at(pipeline.place, ...path);
        advice.say(where, "reference.misspelt", `${reference.raw} is none of Tekton's variables and stays as it is`, {
          span: spanOfText(where, text, reference),
          hint: "Tekton knows $(tasks.NAME.results.RESULT), $(tasks.NAME.status)",
        });
        if (++told === toldOfOneText) break;
      }
      if (variable.kind !== "task-result") continue;
      const candidates = declared.get(variable.task) ?? [];
      if (candidates.length === 0 || candidates.some((each) => each.includes(variable.result))) continue;
      const place: Place = at(pipeline.place, ...path);
      advice.say(place, "result.unknown", `the task ${variable.task} has no result ${quoted(variable.result)}`, {
        span: spanOfText(place, text, reference),
        hint: meantHint(variable.result, candidates.at(-1) ?? []),
      });
      if (++told === toldOfOneText) break;
    }
  }
}

/** The names of a task's results, by each of the definitions that may be meant; none where it is not known. */
function resultsOf({ known }: Advice, task: PipelineTask): readonly (readonly string[])[] {
  const { taskRef, taskSpec, pipelineRef, pipelineSpec } = task;
  // A Pipeline in a Pipeline gives none, whatever it declares.
  if (pipelineRef !== undefined || pipelineSpec !== undefined) return [[]];
  if (taskSpec !== undefined && taskSpec.apiVersion === undefined)
    return [(taskSpec.results ?? []).map(({ name }) => name)];
  if (taskRef === undefined || (taskRef.resolver ?? "") !== "" || !["", "Task"].includes(taskRef.kind ?? "")) return [];
  return (known.tasks.get(taskRef.name ?? "") ?? []).map(({ spec }) => (spec.results ?? []).map(({ name }) => name));
}

/** Every text of a value, with its path. */
export function* textsIn(value: unknown, path: Path): Generator<{ readonly text: string; readonly path: Path }> {
  if (typeof value === "string") yield { text: value, path };
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* textsIn(item, [...path, index]);
  else if (typeof value === "object" && value !== null)
    for (const [key, item] of Object.entries(value))
      if (key !== "description" && key !== "pipelineSpec") yield* textsIn(item, [...path, key]);
}

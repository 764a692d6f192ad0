import { type PipelineSpec } from "../pipeline.ts";
import { type Advice, at } from "./advice.ts";
import { type KnownResources } from "./known-resources.ts";
import { pipelinesIn, pipelineTasksOf } from "./specs.ts";

/** Pipelines that would run in themselves: a cluster finds out when it makes the second PipelineRun. */
export function adviseOnCircles({ resources, known, say }: Advice): void {
  for (const located of resources) {
    if (located.resource.kind !== "Pipeline") continue;
    const own = located.resource.metadata.name ?? "";
    for (const { task, place } of pipelinesIn(located).flatMap(pipelineTasksOf)) {
      const way = wayTo(known, own, task.pipelineRef?.name, new Set());
      if (way === undefined) continue;
      const message = `Pipelines run in one another in a circle: ${[own, ...way].join(" → ")}`;
      say(at(place, "pipelineRef", "name"), "pipeline.cycle", message);
    }
  }
}

/** From a Pipeline to the one that is looked for, by their references; undefined where none leads there. */
function wayTo(
  known: KnownResources,
  wanted: string,
  from: string | undefined,
  seen: Set<string>,
): readonly string[] | undefined {
  if (from === wanted) return [from];
  if (from === undefined || seen.has(from)) return undefined;
  seen.add(from);
  for (const next of (known.pipelines.get(from) ?? []).flatMap(({ spec }) => referencesIn(spec))) {
    const way = wayTo(known, wanted, next, seen);
    if (way !== undefined) return [from, ...way];
  }
  return undefined;
}

function referencesIn({ tasks = [], finally: ending = [] }: PipelineSpec): readonly string[] {
  return [...tasks, ...ending].flatMap(({ pipelineRef, pipelineSpec }) => [
    ...(pipelineRef?.name === undefined ? [] : [pipelineRef.name]),
    ...(pipelineSpec === undefined ? [] : referencesIn(pipelineSpec)),
  ]);
}

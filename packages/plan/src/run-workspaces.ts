import { type Diagnostic } from "@lapcat/diagnostic";
import { paramReplacements, type Replacements } from "@lapcat/substitution";
import { type ResolvedPipelineRun } from "@lapcat/tekton";
import { contextTexts } from "./contexts.ts";
import { error, type Place } from "./place.ts";
import { type RunWorkspace } from "./plan-task.ts";
import { bindingFault, replaceInBinding, sourceOf } from "./workspaces.ts";

type Report = (problem: Diagnostic) => void;

/** What the run binds, by the Pipeline's names; bindings that the Pipeline does not declare may propagate (WS-8, WS-9). */
export function ownWorkspaces(
  { run }: ResolvedPipelineRun,
  place: Place,
  report: Report,
  simulated: boolean,
): ReadonlyMap<string, RunWorkspace> {
  const { metadata, spec } = run.resource;
  const found = new Map<string, RunWorkspace>();
  const replacements = mergedContexts(spec.params ?? [], metadata, spec.pipelineRef?.name ?? "");
  (spec.workspaces ?? []).forEach((binding, index) => {
    const replaced = replaceInBinding(binding, replacements);
    const fault = bindingFault(replaced, place, ["workspaces", index], simulated);
    const source = sourceOf(replaced, metadata.uid ?? "");
    if (fault !== undefined) report(fault);
    else if (source !== undefined) found.set(binding.name, { source, subPath: replaced.subPath });
  });
  return found;
}

/** What the Pipeline needs and nobody binds. */
export function missingWorkspaces(
  { run, pipeline }: ResolvedPipelineRun,
  by: string,
  place: Place,
  report: Report,
): void {
  const bound = new Set((run.resource.spec.workspaces ?? []).map((each) => each.name));
  for (const { name, optional } of pipeline.spec.workspaces ?? []) {
    if (optional === true || bound.has(name)) continue;
    const message = `Pipeline "${pipeline.name}" needs workspace "${name}", which ${by} does not bind`;
    const isRun = place.path[0] === "spec" && place.path.length === 1;
    const hint = `add \`- name: ${name}\` to ${isRun ? `spec.workspaces, or give -w name=${name},…` : "its workspaces"}`;
    report(error("workspace.missing", place, ["workspaces"], message, hint));
  }
}

function mergedContexts(
  params: Parameters<typeof paramReplacements>[0],
  metadata: ResolvedPipelineRun["run"]["resource"]["metadata"],
  pipeline: string,
): Replacements {
  const own = paramReplacements(params, "pipeline");
  const { name = "", namespace = "default", uid = "" } = metadata;
  const contexts = contextTexts(name, namespace, uid, pipeline);
  return { strings: new Map([...own.strings, ...Object.entries(contexts)]), arrays: new Map(), objects: new Map() };
}

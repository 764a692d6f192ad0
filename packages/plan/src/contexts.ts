import { type Replacements, stringReplacements } from "@lapcat/substitution";
import { type ResolvedPipelineRun } from "@lapcat/tekton";
import { type RunIdentity } from "./run-plan.ts";

/** The contexts of a PipelineRun, by their expressions. */
export function contextsOf(
  { pipeline }: ResolvedPipelineRun,
  { name, namespace, uid }: RunIdentity,
): Readonly<Record<string, string>> {
  return contextTexts(name, namespace, uid, pipeline.name);
}

export function contextTexts(
  name: string,
  namespace: string,
  uid: string,
  pipeline: string,
): Readonly<Record<string, string>> {
  return {
    "context.pipelineRun.name": name,
    "context.pipelineRun.namespace": namespace,
    "context.pipelineRun.uid": uid,
    "context.pipeline.name": pipeline,
  };
}

export function boundReplacements({ run, pipeline }: ResolvedPipelineRun): Replacements {
  const declared = (pipeline.spec.workspaces ?? []).map(({ name }) => [`workspaces.${name}.bound`, "false"]);
  const bound = (run.resource.spec.workspaces ?? []).map(({ name }) => [`workspaces.${name}.bound`, "true"]);
  return stringReplacements(Object.fromEntries([...declared, ...bound]));
}

import { type Diagnostic, didYouMean } from "@lapcat/diagnostic";
import { type Pipeline, type ResolvedRun, type RunFlags } from "@lapcat/tekton";

/**
 * What is odd about workspaces given on the command line. Tekton passes over one that the Pipeline does not declare, and gives
 * each TaskRun an emptyDir of its own: in a document that may be meant, of a flag it rarely is.
 */
export function workspaceSlips(resolved: ResolvedRun, { workspaces = [] }: RunFlags): readonly Diagnostic[] {
  // What a TaskRun is given and its Task does not declare is an error, which its plan tells.
  if (resolved.kind === "TaskRun") return [];
  const { spec } = resolved.pipeline;
  const declared = (spec.workspaces ?? []).map(({ name }) => name);
  return workspaces.flatMap(({ name, emptyDir }): readonly Diagnostic[] => {
    if (!declared.includes(name)) {
      const near = didYouMean(name, declared);
      const message = `the Pipeline does not declare the workspace ${JSON.stringify(name)} given with -w`;
      const hint = near === undefined ? listed(declared) : `Did you mean ${near}?`;
      return [{ code: "workspace.unknown", severity: "warning", message, hint }];
    }
    const users = tasksThatUse(spec, name);
    if (emptyDir === undefined || users.length < 2) return [];
    const message = `the tasks ${users.join(", ")} do not share the workspace ${JSON.stringify(name)}: of an emptyDir each TaskRun has its own`;
    return [{ code: "workspace.unshared", severity: "warning", message, hint: sharedWorkspaceHint(name) }];
  });
}

/** The names of PipelineTasks that bind a workspace of the Pipeline. */
export function tasksThatUse({ tasks = [], finally: last = [] }: Pipeline["spec"], name: string): readonly string[] {
  return [...tasks, ...last]
    .filter(({ workspaces = [] }) => workspaces.some((each) => (each.workspace || each.name) === name))
    .map((task) => task.name);
}

/** A claim that no document describes is a volume of the engine, made when it is first used. */
export function sharedWorkspaceHint(name: string): string {
  return `Give -w name=${name},claimName=NAME: a volume that the tasks share, and that is kept`;
}

function listed(declared: readonly string[]): string {
  return declared.length === 0 ? "It declares none" : `It declares ${declared.join(", ")}`;
}

import { workspaceVolumeName } from "@lapcat/tekton";
import { type BoundWorkspace } from "./run-plan.ts";

/** The volume of each workspace by its name: the same claim bound twice is one volume, so that it is not attached twice (workspace/apply.go). */
export function workspaceVolumes(workspaces: readonly BoundWorkspace[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const ofClaim = new Map<string, string>();
  for (const { name, source } of workspaces) {
    const claimed = source.kind === "claim" ? ofClaim.get(source.claimName) : undefined;
    let volume = workspaceVolumeName(name);
    if (claimed === undefined) while ([...names.values()].includes(volume)) volume = workspaceVolumeName(`${volume}$`);
    names.set(name, claimed ?? volume);
    if (source.kind === "claim" && claimed === undefined) ofClaim.set(source.claimName, volume);
  }
  return names;
}

import { type PipelineTask } from "../pipeline.ts";
import { inside, meantHint, report, within, type Scope } from "./scope.ts";

/** PipelineTask.validateWorkspaces: each is named once, and comes from the Pipeline's. */
export function checkPipelineTaskWorkspaces(scope: Scope, task: PipelineTask, known: ReadonlySet<string>): void {
  const names = new Set<string>();
  task.workspaces?.forEach((binding, index) => {
    const place = within(scope, "workspaces", index);
    if (names.has(binding.name))
      report(place, "field.duplicate", `the workspace ${binding.name} is bound more than once`);
    names.add(binding.name);
    const given = (binding.workspace ?? "") === "" ? "name" : "workspace";
    const from = given === "name" ? binding.name : (binding.workspace ?? "");
    if (known.has(from)) return;
    report(inside(place, given), "reference.unknown", `the Pipeline has no workspace ${JSON.stringify(from)}`, {
      hint: meantHint(from, known),
    });
  });
}

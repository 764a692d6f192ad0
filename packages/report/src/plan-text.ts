import { type PlannedTask, type RunPlan } from "@lapcat/plan";
import { paint, type Style } from "./style.ts";

/** Images of a planned task's steps, by task, as they will be run. */
export type ImagesByTask = ReadonlyMap<string, readonly { readonly step: string; readonly image: string }[]>;

/** The plan as text: tasks in order, what they wait for, their images and workspaces. */
export function planLines(style: Style, plan: RunPlan, images: ImagesByTask): readonly string[] {
  const head = `${paint(style, "bold", `${plan.kind} ${plan.identity.name}`)}${plan.pipeline === undefined ? "" : ` of Pipeline ${plan.pipeline.name}`}`;
  const finals =
    plan.finally.length === 0
      ? []
      : [paint(style, "bold", "  finally"), ...plan.finally.flatMap((task) => taskLines(style, task, images))];
  return [head, ...plan.tasks.flatMap((task) => taskLines(style, task, images)), ...finals];
}

function taskLines(style: Style, task: PlannedTask, images: ImagesByTask): readonly string[] {
  const after = task.predecessors.length === 0 ? "" : paint(style, "grey", ` after ${task.predecessors.join(", ")}`);
  const name = task.task.name === undefined ? "embedded" : `Task ${task.task.name}`;
  const notes = [
    ...(task.retries > 0 ? [`retries ${task.retries}`] : []),
    ...(task.onError === "continue" ? ["onError continue"] : []),
    ...(task.pipelineTask.when === undefined || task.pipelineTask.when.length === 0 ? [] : ["when"]),
  ];
  return [
    `  ${paint(style, "cyan", task.name)} (${name})${after}${notes.length === 0 ? "" : ` [${notes.join(", ")}]`}`,
    ...(images.get(task.name) ?? []).map(({ step, image }) => `    ${step}  ${paint(style, "grey", image)}`),
    ...task.workspaces.map(
      (workspace) =>
        `    workspace ${workspace.name}: ${sourceText(workspace.source)}${workspace.subPath === undefined ? "" : ` (${workspace.subPath})`}`,
    ),
  ];
}

function sourceText(source: PlannedTask["workspaces"][number]["source"]): string {
  switch (source.kind) {
    case "emptyDir":
      return source.medium === "memory" ? "emptyDir in memory" : "emptyDir";
    case "claim":
      return `volume ${source.claimName}${source.scope === "kept" ? " (kept)" : ""}`;
    case "configMap":
      return `ConfigMap ${source.configMap.name ?? ""}`;
    case "secret":
      return `Secret ${source.secret.secretName ?? ""}`;
    case "projected":
    case "csi":
      return source.kind;
  }
}

/** The plan as a Mermaid flow chart. */
export function planMermaid(plan: RunPlan): string {
  const id = (name: string): string =>
    `t_${name.replace(/[^A-Za-z0-9]/gu, (character) => `_${character.charCodeAt(0)}_`)}`;
  const lines = ["flowchart TD"];
  for (const task of plan.tasks) {
    lines.push(`  ${id(task.name)}["${task.name}"]`);
    for (const before of task.predecessors) lines.push(`  ${id(before)} --> ${id(task.name)}`);
  }
  if (plan.finally.length > 0) {
    lines.push("  subgraph finally", ...plan.finally.map((task) => `    ${id(task.name)}["${task.name}"]`), "  end");
    const ends = plan.tasks.filter((task) => !plan.tasks.some((other) => other.predecessors.includes(task.name)));
    for (const end of ends) lines.push(`  ${id(end.name)} -.-> finally`);
  }
  return `${lines.join("\n")}\n`;
}

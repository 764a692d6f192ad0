import { type PlannedTask, previewChild, type RunPlan, type TaskOutcome, type WhenNeed, whenNeeds } from "@lapcat/plan";
import { omittedText } from "./run-lines.ts";
import { paint, type Style } from "./style.ts";
import { type OmittedLine } from "./timeline.ts";

/** Images of a planned task's steps, by the name of its TaskRun, as they will be run. */
export type ImagesByTask = ReadonlyMap<string, readonly { readonly step: string; readonly image: string }[]>;

/** The plan as text: tasks in order, what they wait for, their images and workspaces; a Pipeline in a Pipeline with its own. */
export function planLines(style: Style, plan: RunPlan, images: ImagesByTask): readonly string[] {
  const head = `${paint(style, "bold", `${plan.kind} ${plan.identity.name}`)}${plan.pipeline === undefined ? "" : ` of Pipeline ${plan.pipeline.name}`}`;
  return [head, ...tasksLines(style, plan, images)];
}

function tasksLines(style: Style, plan: RunPlan, images: ImagesByTask): readonly string[] {
  const lines = (tasks: readonly PlannedTask[]): readonly string[] =>
    tasks.flatMap((task) => taskLines(style, plan, task, images));
  const finals = plan.finally.length === 0 ? [] : [paint(style, "bold", "  finally"), ...lines(plan.finally)];
  const omitted = [...(plan.omitted ?? [])].map(
    ([name, { outcome }]) => `  ${paint(style, "grey", `◇ ${name} ${omittedText(givenIn(outcome))}`)}`,
  );
  return [...omitted, ...lines(plan.tasks), ...finals];
}

function givenIn(outcome: TaskOutcome | undefined): Pick<OmittedLine, "given"> {
  return { given: (outcome?.taskRuns ?? []).flatMap(({ results }) => results) };
}

/** A condition as it is now: `when "main" in [main]: holds`. */
export function whenText(style: Style, { step, condition, known }: WhenNeed): string {
  const { input = "", operator = "in", values = [], cel = "" } = condition;
  const text = cel === "" ? `"${input}" ${operator} [${values.map((each) => JSON.stringify(each)).join(", ")}]` : cel;
  return `${step === undefined ? "" : `${step}  `}when ${text}: ${verdictText(style, known)}`;
}

function verdictText(style: Style, known: WhenNeed["known"]): string {
  if ("waitsFor" in known) return paint(style, "grey", `waits for ${known.waitsFor.join(", ")}`);
  if ("fault" in known) return paint(style, "red", known.fault);
  return known.holds ? paint(style, "green", "holds") : paint(style, "yellow", "does not hold: skipped");
}

function taskLines(style: Style, plan: RunPlan, task: PlannedTask, images: ImagesByTask): readonly string[] {
  const after = task.predecessors.length === 0 ? "" : paint(style, "grey", ` after ${task.predecessors.join(", ")}`);
  const notes = [
    ...(task.retries > 0 ? [`retries ${task.retries}`] : []),
    ...(task.onError === "continue" ? ["onError continue"] : []),
  ];
  const child = task.kind === "pipeline" ? previewChild(plan, task) : undefined;
  return [
    `  ${paint(style, "cyan", task.name)} (${definitionText(task)})${after}${notes.length === 0 ? "" : ` [${notes.join(", ")}]`}`,
    ...whenNeeds(plan, task).map((need) => `    ${whenText(style, need)}`),
    ...(images.get(task.taskRunName) ?? []).map(({ step, image }) => `    ${step}  ${paint(style, "grey", image)}`),
    ...task.workspaces.map(
      (workspace) =>
        `    workspace ${workspace.name}: ${sourceText(workspace.source)}${workspace.subPath === undefined ? "" : ` (${workspace.subPath})`}`,
    ),
    ...(child === undefined ? [] : tasksLines(style, child, images).map((line) => `  ${line}`)),
  ];
}

function definitionText(task: PlannedTask): string {
  if (task.kind === "task") {
    const { custom, name } = task.task;
    if (custom !== undefined) return `custom task ${custom.apiVersion} ${custom.kind}`;
    return name === undefined ? "embedded" : `Task ${name}`;
  }
  const name = task.pipelineTask.pipelineRef?.name;
  return name === undefined ? "embedded Pipeline" : `Pipeline ${name}`;
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

/** The plan as a Mermaid flow chart; a Pipeline in a Pipeline is a chart of its own in it. */
export function planMermaid(plan: RunPlan): string {
  return `${["flowchart TD", ...mermaidLines(plan, "")].join("\n")}\n`;
}

function mermaidLines(plan: RunPlan, way: string): readonly string[] {
  const id = (name: string): string =>
    `t_${`${way}${name}`.replace(/[^A-Za-z0-9]/gu, (character) => `_${character.charCodeAt(0)}_`)}`;
  const node = (task: PlannedTask): readonly string[] => {
    const child = task.kind === "pipeline" ? previewChild(plan, task) : undefined;
    if (child === undefined) return [`  ${id(task.name)}["${task.name}"]`];
    const inner = mermaidLines(child, `${way}${task.name}/`).map((line) => `  ${line}`);
    return [`  subgraph ${id(task.name)}["${task.name}"]`, ...inner, "  end"];
  };
  const tasks = plan.tasks.flatMap((task) => [
    ...node(task),
    ...task.predecessors.map((before) => `  ${id(before)} --> ${id(task.name)}`),
  ]);
  if (plan.finally.length === 0) return tasks;
  const ending = way === "" ? "finally" : `${id("")}_finally`;
  const ends = plan.tasks.filter((task) => !plan.tasks.some((other) => other.predecessors.includes(task.name)));
  return [
    ...tasks,
    way === "" ? "  subgraph finally" : `  subgraph ${ending}["finally"]`,
    ...plan.finally.flatMap((task) => node(task).map((line) => `  ${line}`)),
    "  end",
    ...ends.map((end) => `  ${id(end.name)} -.-> ${ending}`),
  ];
}

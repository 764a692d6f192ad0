import { didYouMean } from "@lapcat/diagnostic";
import { type Param } from "../param.ts";
import { type Located } from "../resource.ts";
import { type Ref } from "../task.ts";
import { type Advice, at, type Place } from "./advice.ts";
import { type GivenParam, quoted, sayMisfits, type Signature } from "./fitting.ts";
import { settingIn } from "./setting.ts";
import { type PlacedPipelineTask, pipelinesIn, pipelineTasksOf } from "./specs.ts";

/** References from one document to another: what is referred to is there, and is given what it asks for. */
export function adviseOnReferences(advice: Advice): void {
  for (const located of advice.resources) {
    for (const task of pipelinesIn(located).flatMap(pipelineTasksOf)) ofPipelineTask(advice, task);
    if (located.resource.kind === "TaskRun" || located.resource.kind === "PipelineRun") ofRun(advice, located);
  }
}

function ofPipelineTask(advice: Advice, { task, place }: PlacedPipelineTask): void {
  const workspaces = (task.workspaces ?? []).map(({ name }, index) => ({
    name,
    place: at(place, "workspaces", index),
  }));
  if (task.pipelineRef !== undefined || task.pipelineSpec !== undefined) {
    // What a matrix would give is not passed on, and an embedded Pipeline takes what it declares only.
    const field = task.pipelineRef === undefined ? "pipelineSpec" : "pipelineRef";
    const { params = [], workspaces: declared = [] } = task.pipelineSpec ?? {};
    const signatures =
      field === "pipelineRef"
        ? find(advice, "Pipeline", task.pipelineRef, at(place, field))
        : [{ who: `the Pipeline in ${task.name}`, params, workspaces: declared }];
    const call = { place: at(place, field), params: given(task.params, at(place, "params")), workspaces };
    if (signatures !== undefined) sayMisfits(advice.say, call, signatures);
    return;
  }
  const signatures = find(advice, "Task", task.taskRef, at(place, "taskRef"));
  if (signatures === undefined) return;
  const params = [
    ...given(task.params, at(place, "params")),
    ...given(task.matrix?.params, at(place, "matrix", "params"), true),
    ...(task.matrix?.include ?? []).flatMap((include, index) =>
      given(include.params, at(place, "matrix", "include", index, "params")),
    ),
  ];
  sayMisfits(advice.say, { place: at(place, "taskRef"), params, workspaces }, signatures);
}

function ofRun(advice: Advice, { resource, origin }: Located): void {
  if (resource.kind !== "TaskRun" && resource.kind !== "PipelineRun") return;
  const [kind, field, ref] =
    resource.kind === "TaskRun"
      ? (["Task", "taskRef", resource.spec.taskRef] as const)
      : (["Pipeline", "pipelineRef", resource.spec.pipelineRef] as const);
  const place = { origin, path: ["spec", field] };
  const signatures = find(advice, kind, ref, place);
  if (signatures === undefined) return;
  const spec: Place = { origin, path: ["spec"] };
  // A param that a Pipeline does not declare reaches the Tasks written in it.
  const texts = kind === "Pipeline" ? JSON.stringify(advice.known.pipelines.get(ref?.name ?? "")) : "";
  const params = given(resource.spec.params, at(spec, "params")).filter(
    ({ name }) =>
      !texts.includes(`params.${name}`) || signatures.some((each) => each.params.some((param) => param.name === name)),
  );
  const workspaces = (resource.spec.workspaces ?? []).map(({ name }, index) => ({
    name,
    place: at(spec, "workspaces", index),
  }));
  // What a PipelineRun binds beyond its Pipeline's workspaces reaches the Tasks written in it too.
  const bound =
    kind === "Task"
      ? workspaces
      : workspaces.filter(({ name }) =>
          signatures.some((each) => each.workspaces.some((declared) => declared.name === name)),
        );
  sayMisfits(advice.say, { place, params, workspaces: bound }, signatures);
}

function given(params: readonly Param[] | undefined, place: Place, spread = false): readonly GivenParam[] {
  return (params ?? []).map((param, index) => ({ ...param, place: at(place, index), spread }));
}

/** What a cluster binds to workspaces that a run leaves out, where it is told to. */
function bindsByDefault(advice: Advice): boolean {
  return settingIn(advice.resources, "config-defaults", "default-task-run-workspace-binding") !== undefined;
}

/** The definitions with a reference's name. Says it where there are none; undefined where there is nothing to compare with. */
function find(
  advice: Advice,
  kind: "Task" | "Pipeline",
  ref: Ref | undefined,
  place: Place,
): readonly Signature[] | undefined {
  const { known, say } = advice;
  const name = ref?.name ?? "";
  const isOurs = ref?.apiVersion === undefined || ref.apiVersion === "" || ref.apiVersion.startsWith("tekton.dev/");
  if (ref === undefined || (ref.resolver ?? "") !== "" || name === "" || name.includes("$(") || !isOurs)
    return undefined;
  if (kind === "Task" && !["", "Task", "ClusterTask"].includes(ref.kind ?? "")) return undefined;
  const all = kind === "Task" ? known.tasks : known.pipelines;
  const found = all.get(name) ?? [];
  if (found.length === 0) {
    if (known.elsewhere(kind, name)) return undefined;
    const meant = didYouMean(name, all.keys());
    say(
      at(place, "name"),
      kind === "Task" ? "task.missing" : "pipeline.missing",
      `there is no ${kind} ${quoted(name)} among the documents`,
      {
        hint: meant === undefined ? "give its file with -f too, unless it is in the cluster" : `did you mean ${meant}?`,
      },
    );
    return undefined;
  }
  const optional = bindsByDefault(advice);
  return found.map(({ spec }): Signature => ({
    who: `the ${kind} ${name}`,
    params: spec.params ?? [],
    workspaces: (spec.workspaces ?? []).map((each) => (optional ? { ...each, optional } : each)),
  }));
}

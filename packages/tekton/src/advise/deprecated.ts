import { classify, findReferences } from "@lapcat/substitution";
import { type Located } from "../resource.ts";
import { type Ref } from "../task.ts";
import { type Advice, at, type Place } from "./advice.ts";
import { textsIn } from "./results.ts";
import { pipelinesIn, pipelineTasksOf, tasksIn } from "./specs.ts";
import { spanOfText, toldOfOneText } from "./text-span.ts";

const annotation = "tekton.dev/deprecated";

/** What says of itself that it is deprecated, what refers to it, and fields that upstream keeps only for old documents. */
export function adviseOnDeprecated(advice: Advice): void {
  for (const located of advice.resources) {
    const { resource, origin } = located;
    if (isDeprecated(resource)) {
      const { kind, metadata } = resource;
      advice.say(
        { origin, path: ["metadata", "annotations", annotation] },
        "document.deprecated",
        `the ${kind} ${metadata.name ?? ""} says that it is deprecated`,
        { atKey: true },
      );
    }
    ofReferences(advice, located);
    ofFields(advice, located);
  }
}

function ofReferences(advice: Advice, located: Located): void {
  const check = (ref: Ref | undefined, place: Place): void => {
    if (ref?.name === undefined || (ref.resolver ?? "") !== "") return;
    if (ref.kind === "ClusterTask")
      advice.say(at(place, "kind"), "field.deprecated", "ClusterTasks were removed in Tekton 1.0", {
        hint: "use kind: Task, or the cluster resolver",
      });
    const candidates = advice.known.tasks.get(ref.name) ?? [];
    if (candidates.length === 0 || !candidates.every(isDeprecated)) return;
    advice.say(at(place, "name"), "document.deprecated", `the Task ${ref.name} says that it is deprecated`);
  };
  for (const { task, place } of pipelinesIn(located).flatMap(pipelineTasksOf))
    check(task.taskRef, at(place, "taskRef"));
  const { resource, origin } = located;
  if (resource.kind === "TaskRun") check(resource.spec.taskRef, { origin, path: ["spec", "taskRef"] });
}

function ofFields(advice: Advice, located: Located): void {
  const { resource, origin } = located;
  if (resource.kind === "PipelineRun") {
    const path = ["spec", "timeouts", "pipeline"];
    if (origin.written?.(path).at(-1) === "timeout")
      advice.say({ origin, path }, "field.deprecated", "timeout is deprecated", {
        atKey: true,
        hint: "write timeouts: {pipeline: …}",
      });
  }
  for (const { spec, place } of tasksIn(located)) {
    for (const { text, path } of textsIn(spec, [])) {
      if (!text.includes("$(inputs.params")) continue;
      let told = 0;
      for (const reference of findReferences(text)) {
        const variable = classify(reference);
        if (variable.kind !== "param" || !variable.legacy) continue;
        const where = at(place, ...path);
        const span = spanOfText(where, text, reference);
        advice.say(where, "field.deprecated", `${reference.raw} is spelt as in v1alpha1`, {
          span,
          hint: `write ${reference.raw.replace("inputs.", "")}`,
        });
        if (++told === toldOfOneText) break;
      }
    }
  }
}

function isDeprecated({ metadata }: Located["resource"]): boolean {
  return metadata.annotations?.[annotation] === "true";
}

import { notations, replace, type Replacements } from "@lapcat/substitution";
import { type EmbeddedTask, type Param, type PipelineTask } from "@lapcat/tekton";
import { replaceOptional, replaceParams, replaceWhen } from "./replacements.ts";
import { given, replaceInTaskSpec } from "./task-spec-replacement.ts";

/** One pass over the fields of a PipelineTask that take references (SUB-9); params, contexts and workspaces reach into an embedded task too. */
export function replaceInPipelineTask(task: PipelineTask, replacements: Replacements): PipelineTask {
  const replaced = replaceOutside(task, replacements);
  return given(replaced, {
    onError: replaceOptional(task.onError, replacements),
    displayName: task.matrix === undefined ? replaced.displayName : task.displayName,
    taskSpec: task.taskSpec && propagateInto(task.taskSpec, replaced.params ?? [], replacements),
  });
}

/** The same for contexts, which a displayName takes in a matrix too (ApplyContexts). */
export function replaceContexts(task: PipelineTask, contexts: Replacements): PipelineTask {
  return replaceInPipelineTask(given(task, { displayName: replaceOptional(task.displayName, contexts) }), contexts);
}

/** The same without the embedded task, as results and execution status reach it (ApplyTaskResults). */
export function replaceOutside(task: PipelineTask, replacements: Replacements): PipelineTask {
  return given(task, {
    displayName: replaceOptional(task.displayName, replacements),
    params: task.params && replaceParams(task.params, replacements),
    matrix:
      task.matrix &&
      given(task.matrix, {
        params: task.matrix.params && replaceParams(task.matrix.params, { ...replacements, objects: new Map() }),
        include: task.matrix.include?.map((each) =>
          given(each, {
            params:
              each.params &&
              replaceParams(each.params, { strings: replacements.strings, arrays: new Map(), objects: new Map() }),
          }),
        ),
      }),
    when: task.when && replaceWhen(task.when, replacements),
    workspaces: task.workspaces?.map((each) => given(each, { subPath: replaceOptional(each.subPath, replacements) })),
    taskRef:
      task.taskRef &&
      given(task.taskRef, {
        name: task.taskRef.name && replace(task.taskRef.name, replacements),
        params: task.taskRef.params && replaceParams(task.taskRef.params, replacements),
      }),
  });
}

/** A param that the PipelineTask passes beats the run's of that name (propagateParams). */
function propagateInto(spec: EmbeddedTask, passed: readonly Param[], replacements: Replacements): EmbeddedTask {
  const strings = new Map(replacements.strings);
  const arrays = new Map(replacements.arrays);
  const objects = new Map(replacements.objects);
  for (const { name, value } of passed) {
    for (const key of notations("params", name)) {
      if (strings.has(key)) strings.set(key, typeof value === "string" ? value : "");
      if (arrays.has(key)) arrays.set(key, Array.isArray(value) ? value : []);
      if (!objects.has(key)) continue;
      const object =
        typeof value === "object" && !Array.isArray(value) ? (value as Readonly<Record<string, string>>) : {};
      objects.set(key, object);
      for (const [property, each] of Object.entries(object)) strings.set(`params.${name}.${property}`, each);
    }
  }
  return { ...spec, ...replaceInTaskSpec(spec, { strings, arrays, objects }) };
}

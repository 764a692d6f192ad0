import { fail, type Result, succeed } from "@lapcat/diagnostic";
import { formatPath } from "@lapcat/manifest";
import { paramsPassed, type ReferringRun, replaceInRef, taskRefVariables } from "@lapcat/plan";
import {
  type CustomTask,
  type Located,
  type Param,
  type PipelineTask,
  type Ref,
  type ResolvedTask,
  type ResolvedTaskRun,
  type TaskRun,
} from "@lapcat/tekton";
import { provenanceOf } from "./find-in-catalogs.ts";
import { resolvedTask } from "./find-task.ts";
import { type Finders } from "./finders.ts";
import { type Place } from "./needed-objects.ts";
import { objectsOf } from "./objects.ts";
import { refusedRef } from "./refused-refs.ts";
import { isRemote } from "./remote/is-remote.ts";

/** `replaced` is the entry with the run's variables in their places. */
export async function resolvePipelineTask(
  task: PipelineTask,
  replaced: () => PipelineTask,
  { origin, path }: Place,
  finders: Finders,
): Promise<Result<ResolvedTask>> {
  const custom = customTask(task);
  if (custom !== undefined) return succeed(resolvedCustomTask(task, custom, origin, path));
  if (task.taskSpec !== undefined) {
    const at = [...path, "taskSpec"];
    const { apiVersion: _apiVersion, kind: _kind, spec: _spec, metadata, ...spec } = task.taskSpec;
    const { labels = {}, annotations = {} } = metadata ?? {};
    const embedded = {
      name: undefined,
      spec,
      embedded: true,
      labels,
      annotations,
      origin,
      path: at,
      provenance: provenanceOf(origin.document.source),
    };
    return finders.stepActions.close(embedded, () => paramsPassed(replaced()));
  }
  const isOpen = isRemote(task.taskRef) || task.taskRef?.name?.includes("$(") === true;
  const found = await findTask(
    isOpen ? replaced().taskRef : task.taskRef,
    { origin, path: [...path, "taskRef"] },
    finders,
  );
  return closed(found, () => paramsPassed(replaced()), finders);
}

/** A reference or an embedded Task with both an apiVersion and a kind is some other program's, whatever they say (tektoncd/pipeline#6457). */
function customTask({ taskRef, taskSpec }: PipelineTask): CustomTask | undefined {
  const { apiVersion = "", kind = "" } = taskRef ?? taskSpec ?? {};
  return apiVersion === "" || kind === "" ? undefined : { apiVersion, kind };
}

function resolvedCustomTask(
  { taskRef, taskSpec }: PipelineTask,
  custom: CustomTask,
  origin: Place["origin"],
  path: Place["path"],
): ResolvedTask {
  return {
    name: taskRef?.name,
    spec: {},
    embedded: taskSpec !== undefined,
    custom,
    labels: taskSpec?.metadata?.labels ?? {},
    annotations: taskSpec?.metadata?.annotations ?? {},
    origin,
    path: [...path, taskSpec === undefined ? "taskRef" : "taskSpec"],
    provenance: provenanceOf(origin.document.source),
  };
}

/** A TaskRun's Task, its steps as they are written; `referring` is the run, as far as it is known without it. */
export function resolveTask(
  run: Located<TaskRun>,
  referring: ReferringRun,
  finders: Finders,
): Promise<Result<ResolvedTask>> {
  const { origin, resource } = run;
  const { taskRef, taskSpec } = resource.spec;
  if (taskSpec === undefined) {
    const ref = isRemote(taskRef) ? replaceInRef(taskRef, taskRefVariables(referring)) : taskRef;
    return findTask(ref, { origin, path: ["spec", "taskRef"] }, finders);
  }
  const embedded = {
    name: undefined,
    spec: taskSpec,
    embedded: true,
    labels: {},
    annotations: {},
    origin,
    path: ["spec", "taskSpec"],
    provenance: provenanceOf(origin.document.source),
  };
  return Promise.resolve(succeed(embedded));
}

/** A TaskRun with its Task, and the StepActions of that. */
export async function resolveTaskRun(
  run: Located<TaskRun>,
  task: ResolvedTask,
  near: readonly Located[],
  { stepActions }: Finders,
): Promise<Result<ResolvedTaskRun>> {
  const found = await stepActions.close(task, () => run.resource.spec.params ?? []);
  if (!found.ok) return found;
  return succeed({ kind: "TaskRun", run, task: found.value, objects: objectsOf(near) }, found.diagnostics);
}

async function findTask(
  ref: Ref | undefined,
  { origin, path }: Place,
  finders: Finders,
): Promise<Result<ResolvedTask>> {
  if (isRemote(ref)) {
    const found = await finders.remote.find("Task", ref, { origin, path });
    if (!found.ok) return found;
    const { located, provenance } = found.value;
    return succeed({ ...resolvedTask(located, provenance), remote: true }, found.diagnostics);
  }
  const refused = ref === undefined ? undefined : refusedRef(ref, "Task", origin, path);
  if (refused !== undefined) return fail([refused]);
  const place = { span: origin.spanOf([...path, "name"]), path: formatPath([...path, "name"]) };
  if (ref?.name === undefined)
    return fail([
      {
        code: "field.missing",
        severity: "error",
        message: "no Task is named: taskRef.name or taskSpec is needed",
        ...place,
      },
    ]);
  return finders.tasks.find(ref.name, place);
}

async function closed(
  found: Result<ResolvedTask>,
  passed: () => readonly Param[],
  { stepActions }: Finders,
): Promise<Result<ResolvedTask>> {
  if (!found.ok) return found;
  const task = await stepActions.close(found.value, passed);
  const diagnostics = [...found.diagnostics, ...task.diagnostics];
  return task.ok ? succeed(task.value, diagnostics) : fail(diagnostics);
}

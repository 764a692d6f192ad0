import { type Diagnostic } from "@lapcat/diagnostic";
import { setDefaults } from "../defaults.ts";
import { type Param } from "../param.ts";
import { type Pipeline } from "../pipeline.ts";
import { type Located, type Origin } from "../resource.ts";
import { type PipelineRun, type TaskRun, type WorkspaceBinding } from "../runs.ts";
import { type Task } from "../task.ts";

/** What the command line says of a run, whoever wrote it. */
export interface RunFlags {
  readonly params?: readonly Param[];
  readonly workspaces?: readonly WorkspaceBinding[];
  readonly serviceAccount?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Go durations. A TaskRun has one timeout, which is `pipeline`. */
  readonly timeouts?: { readonly pipeline?: string; readonly tasks?: string; readonly finally?: string };
}

/** A PipelineRun of a Pipeline that came without one, named `<pipeline>-run-…` as `tkn pipeline start` does. */
export function runForPipeline(pipeline: Located<Pipeline>, flags: RunFlags = {}): Located<PipelineRun> {
  const { name = "", namespace } = pipeline.resource.metadata;
  const run: PipelineRun = {
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: { generateName: `${name}-run-`, ...(namespace !== undefined && { namespace }) },
    spec: { pipelineRef: { name } },
  };
  return applyRunFlags({ resource: setDefaults(run), origin: madeFrom(pipeline.origin) }, flags);
}

/** A TaskRun of a Task that came without one, named `<task>-run-…` as `tkn task start` does. */
export function runForTask(task: Located<Task>, flags: RunFlags = {}): Located<TaskRun> {
  const { name = "", namespace } = task.resource.metadata;
  const run: TaskRun = {
    apiVersion: "tekton.dev/v1",
    kind: "TaskRun",
    metadata: { generateName: `${name}-run-`, ...(namespace !== undefined && { namespace }) },
    spec: { taskRef: { name, kind: "Task" } },
  };
  return applyRunFlags({ resource: setDefaults(run), origin: madeFrom(task.origin) }, flags);
}

/** A run with what the command line says: params and workspaces of the same name are replaced, others added. */
export function applyRunFlags<R extends PipelineRun | TaskRun>(run: Located<R>, flags: RunFlags): Located<R>;
export function applyRunFlags(run: Located<PipelineRun> | Located<TaskRun>, flags: RunFlags): Located {
  const { resource, origin } = run;
  const { labels, params, workspaces, serviceAccount, timeouts } = flags;
  const metadata =
    labels === undefined
      ? resource.metadata
      : { ...resource.metadata, labels: { ...resource.metadata.labels, ...labels } };
  const named = {
    ...(params && { params: replaced(resource.spec.params, params) }),
    ...(workspaces && { workspaces: replaced(resource.spec.workspaces, workspaces) }),
  };
  if (resource.kind === "TaskRun") {
    const spec = {
      ...resource.spec,
      ...named,
      ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
      ...(timeouts?.pipeline !== undefined && { timeout: timeouts.pipeline }),
    };
    return { resource: { ...resource, metadata, spec }, origin };
  }
  const template = resource.spec.taskRunTemplate;
  const spec = {
    ...resource.spec,
    ...named,
    ...(serviceAccount !== undefined && { taskRunTemplate: { ...template, serviceAccountName: serviceAccount } }),
    ...(timeouts && { timeouts: { ...resource.spec.timeouts, ...timeouts } }),
  };
  return { resource: { ...resource, metadata, spec }, origin };
}

function replaced<T extends { readonly name: string }>(
  old: readonly T[] | undefined,
  given: readonly T[],
): readonly T[] {
  const latest = new Map(given.map((each) => [each.name, each]));
  const kept = (old ?? []).map((each) => latest.get(each.name) ?? each);
  const known = new Set(kept.map(({ name }) => name));
  return [...kept, ...[...latest.values()].filter(({ name }) => !known.has(name))];
}

/** Nobody wrote this run: whatever is said of it points at the name of what it runs. */
function madeFrom(origin: Origin): Origin {
  const span: NonNullable<Diagnostic["span"]> = origin.spanOf(["metadata", "name"]);
  return { document: origin.document, spanOf: () => span, keySpanOf: () => span };
}

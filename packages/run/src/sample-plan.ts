import { sourceFile } from "@lapcat/diagnostic";
import { planRun, type PlanOptions, type RunPlan } from "@lapcat/plan";
import {
  type Origin,
  type PipelineRunSpec,
  type PipelineSpec,
  type ResolvedChild,
  type ResolvedPipelineRun,
  type ResolvedTask,
} from "@lapcat/tekton";

const span = { file: sourceFile("run.yaml", ""), start: 0, end: 0 };
const origin: Origin = {
  document: {
    source: span.file,
    index: 0,
    value: {},
    spanOf: () => span,
    keySpanOf: () => span,
    jsonTextAt: () => undefined,
  },
  spanOf: () => span,
  keySpanOf: () => span,
};
const provenance = { uri: "run.yaml", digest: {} };

/** For tests: the plan of a PipelineRun with embedded Tasks and Pipelines. */
export function samplePlan(
  spec: PipelineSpec,
  run: PipelineRunSpec = { timeouts: { pipeline: "1h" } },
  options: PlanOptions = {},
): RunPlan {
  const resolvedRun: ResolvedPipelineRun = {
    kind: "PipelineRun",
    run: {
      resource: {
        apiVersion: "tekton.dev/v1",
        kind: "PipelineRun",
        metadata: { name: "run", namespace: "default", uid: "u" },
        spec: { pipelineSpec: spec, ...run },
      },
      origin,
    },
    ...resolved("run", spec),
    objects: { secrets: new Map(), configMaps: new Map(), serviceAccounts: new Map(), claims: new Map() },
  };
  const plan = planRun(resolvedRun, options);
  if (!plan.ok) throw new Error(JSON.stringify(plan.diagnostics.map(({ message }) => message)));
  return plan.value;
}

function resolved(name: string, spec: PipelineSpec): Pick<ResolvedPipelineRun, "pipeline" | "tasks" | "children"> {
  const common = { embedded: true, labels: {}, annotations: {}, origin, provenance };
  const tasks = new Map<string, ResolvedTask>();
  const children = new Map<string, ResolvedChild>();
  [...(spec.tasks ?? []), ...(spec.finally ?? [])].forEach((task, index) => {
    const path = ["spec", "pipelineSpec", "tasks", index];
    const { taskSpec = {}, taskRef, pipelineSpec } = task;
    const { apiVersion, kind } = taskRef ?? {};
    const custom = apiVersion === undefined || kind === undefined ? undefined : { apiVersion, kind };
    if (pipelineSpec !== undefined) children.set(task.name, { kind: "pipeline", ...resolved("", pipelineSpec) });
    else
      tasks.set(task.name, {
        ...common,
        name: undefined,
        spec: taskSpec,
        path: [...path, "taskSpec"],
        ...(custom !== undefined && { custom, embedded: false }),
      });
  });
  return { pipeline: { ...common, name, spec, path: ["spec", "pipelineSpec"] }, tasks, children };
}

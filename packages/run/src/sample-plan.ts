import { sourceFile } from "@lapcat/diagnostic";
import { planRun, type RunPlan } from "@lapcat/plan";
import {
  type Origin,
  type PipelineRunSpec,
  type PipelineSpec,
  type PipelineTask,
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

/** For tests: the plan of a PipelineRun with embedded Tasks. */
export function samplePlan(spec: PipelineSpec, run: PipelineRunSpec = { timeouts: { pipeline: "1h" } }): RunPlan {
  const common = { labels: {}, annotations: {}, origin, provenance };
  const taskOf = (task: PipelineTask, index: number): [string, ResolvedTask] => [
    task.name,
    {
      ...common,
      name: undefined,
      spec: task.taskSpec ?? {},
      embedded: true,
      path: ["spec", "pipelineSpec", "tasks", index, "taskSpec"],
    },
  ];
  const plan = planRun({
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
    pipeline: { ...common, name: "run", spec, embedded: true, path: ["spec", "pipelineSpec"] },
    tasks: new Map([...(spec.tasks ?? []), ...(spec.finally ?? [])].map(taskOf)),
    objects: { secrets: new Map(), configMaps: new Map(), serviceAccounts: new Map(), claims: new Map() },
  });
  if (!plan.ok) throw new Error(JSON.stringify(plan.diagnostics.map(({ message }) => message)));
  return plan.value;
}

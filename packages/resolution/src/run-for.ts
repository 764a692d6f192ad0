import { type Located, type PipelineRun, setDefaults, type TaskRun } from "@lapcat/tekton";
import { type Runnable } from "./choose-run.ts";

/** The run itself; for a Pipeline or Task a run that does nothing but refer to it. */
export function runFor({ resource, origin }: Located<Runnable>): Located<PipelineRun | TaskRun> {
  switch (resource.kind) {
    case "PipelineRun":
    case "TaskRun":
      return { resource, origin };
    case "Pipeline": {
      const { name = "", namespace } = resource.metadata;
      const run: PipelineRun = { apiVersion: "tekton.dev/v1", kind: "PipelineRun", metadata: { generateName: `${name}-run-`, ...(namespace !== undefined && { namespace }) }, spec: { pipelineRef: { name } } };
      return { resource: setDefaults(run), origin };
    }
    case "Task": {
      const { name = "", namespace } = resource.metadata;
      const run: TaskRun = { apiVersion: "tekton.dev/v1", kind: "TaskRun", metadata: { generateName: `${name}-run-`, ...(namespace !== undefined && { namespace }) }, spec: { taskRef: { name } } };
      return { resource: setDefaults(run), origin };
    }
  }
}

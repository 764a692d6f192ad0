import { asContainerName, type ContainerSpec } from "@lapcat/engine";
import {
  internalPaths,
  parseDuration,
  sidecarContainerName,
  stepContainerName,
  type Sidecar,
  type Step,
  type TaskSpec,
} from "@lapcat/tekton";
import { type Complaints } from "./complaints.ts";
import { exitCodePath } from "./implicit-volumes.ts";
import { internalVolumes } from "./internal-volumes.ts";
import { type PlannedSidecar, type PlannedStep, type ResultFile } from "./pod-plan.ts";

/** The steps as the Pod's driver runs them. */
export function plannedSteps(steps: readonly Step[], complaints: Complaints): readonly PlannedStep[] {
  return steps.map((step, index): PlannedStep => {
    const onError = step.onError ?? "";
    if (onError !== "" && onError !== "continue" && onError !== "stopAndFail")
      complaints.error("field.value", `onError is continue or stopAndFail, not ${JSON.stringify(onError)}`, [
        "steps",
        index,
        "onError",
      ]);
    const timeout = step.timeout === undefined || step.timeout === "" ? 0 : parseDuration(step.timeout);
    if (timeout === undefined || timeout < 0)
      complaints.error("field.value", `${JSON.stringify(step.timeout)} is no duration`, ["steps", index, "timeout"]);
    return {
      name: step.name === undefined || step.name === "" ? `unnamed-${index}` : step.name,
      container: asContainerName(stepContainerName(step.name, index)),
      onError: onError === "continue" ? "continue" : "stopAndFail",
      timeout: timeout === 0 ? undefined : timeout,
      exitCode: { volume: internalVolumes.run, path: exitCodePath(index) },
    };
  });
}

export function plannedSidecars(sidecars: readonly Sidecar[]): readonly PlannedSidecar[] {
  return sidecars.map(({ name }) => ({ name, container: asContainerName(sidecarContainerName(name)) }));
}

/** The declared results, in the volume that stands at `/tekton/results`: the Task's own, if it mounts one there. */
export function plannedResults(spec: TaskSpec, containers: readonly ContainerSpec[]): readonly ResultFile[] {
  const mount = containers
    .find(({ role }) => role === "step")
    ?.mounts.find(({ path }) => path === internalPaths.results);
  const prefix = mount?.subPath === undefined ? "" : `${mount.subPath}/`;
  return (spec.results ?? [])
    .filter(({ value }) => value === undefined)
    .map((result) => ({
      name: result.name,
      type: result.type ?? "string",
      properties: result.properties ?? {},
      volume: mount?.volume ?? internalVolumes.results,
      path: `${prefix}${result.name}`,
    }));
}

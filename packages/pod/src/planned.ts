import { asContainerName, type ContainerSpec, type PodSpec, type VolumeSpec } from "@lapcat/engine";
import {
  internalPaths,
  parseDuration,
  stepContainerName,
  stepPathName,
  type Step,
  type StepResult,
  type TaskRunDebug,
  type TaskSpec,
  type WhenExpression,
} from "@lapcat/tekton";
import { breakpointsOf } from "./breakpoints.ts";
import { type Complaints } from "./complaints.ts";
import { stepDirectory } from "./implicit-volumes.ts";
import { internalVolumes } from "./internal-volumes.ts";
import { isLate, type LateTexts } from "./late.ts";
import { type PlacedFile, type PlannedStep, type ResultFile } from "./pod-plan.ts";

/** The steps as the Pod's driver runs them. */
export function plannedSteps(
  steps: readonly Step[],
  debug: TaskRunDebug | undefined,
  { containers, volumes }: Pick<PodSpec, "containers" | "volumes">,
  complaints: Complaints,
): readonly PlannedStep[] {
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
    const breakpoints = breakpointsOf(step, index, debug);
    return {
      name: step.name === undefined || step.name === "" ? `unnamed-${index}` : step.name,
      container: asContainerName(stepContainerName(step.name, index)),
      // Whoever is asked at a breakpoint decides.
      onError: onError === "continue" && breakpoints?.onFailure !== true ? "continue" : "stopAndFail",
      timeout: timeout === 0 ? undefined : timeout,
      directory: { volume: internalVolumes.run, path: stepDirectory(index) },
      results: (step.results ?? []).map((result) => ({
        ...declared(result),
        volume: internalVolumes.run,
        path: `${stepDirectory(index)}/results/${result.name}`,
      })),
      breakpoints,
      copies: copiesOf(step, steps),
      when: step.when ?? [],
      late: lateTexts(containers[index], volumes, step.when ?? []),
    };
  });
}

/** `/tekton/steps` is made of links into `/tekton/run`, which engines do not follow from outside. */
function copiesOf({ stdoutConfig, stderrConfig }: Step, steps: readonly Step[]): PlannedStep["copies"] {
  const written = (config: Step["stdoutConfig"]): string | undefined => {
    if (config?.path === undefined || config.path === "") return undefined;
    const at = steps.findIndex((each, index) => {
      return config.path?.startsWith(`${internalPaths.step(stepPathName(each.name, index))}/`) === true;
    });
    const linked = internalPaths.step(stepPathName(steps[at]?.name, at));
    return at === -1 ? config.path : `${internalPaths.run}/${stepDirectory(at)}${config.path.slice(linked.length)}`;
  };
  const [stdout, stderr] = [written(stdoutConfig), written(stderrConfig)];
  return { ...(stdout !== undefined && { stdout }), ...(stderr !== undefined && { stderr }) };
}

function declared({ name, type, properties = {} }: StepResult): Pick<ResultFile, "name" | "type" | "properties"> {
  return { name, type: type ?? (Object.keys(properties).length === 0 ? "string" : "object"), properties };
}

function lateTexts(
  container: ContainerSpec | undefined,
  volumes: readonly VolumeSpec[],
  when: readonly WhenExpression[],
): LateTexts | undefined {
  if (container === undefined) return undefined;
  const { command = [], args = [], env } = container;
  const texts: LateTexts = { command, args, env, script: args.length === 0 ? scriptOf(command, volumes) : undefined };
  return isLate(texts, when) ? texts : undefined;
}

function scriptOf([program]: readonly string[], volumes: readonly VolumeSpec[]): LateTexts["script"] {
  for (const volume of volumes) {
    if (volume.kind !== "files" || volume.name !== internalVolumes.scripts) continue;
    for (const { path, content } of volume.files)
      if (`${internalPaths.scripts}/${path}` === program && content.kind === "text")
        return { volume: volume.name, path, text: content.text };
  }
  return undefined;
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
      ...declared(result),
      volume: mount?.volume ?? internalVolumes.results,
      path: `${prefix}${result.name}`,
    }));
}

/** The task's own provenance.json, in the volume that stands at `/tekton/artifacts`. */
export function plannedProvenance(containers: readonly ContainerSpec[]): PlacedFile {
  const mount = containers
    .find(({ role }) => role === "step")
    ?.mounts.find(({ path }) => path === internalPaths.artifacts);
  const prefix = mount?.subPath === undefined ? "" : `${mount.subPath}/`;
  return { volume: mount?.volume ?? internalVolumes.artifacts, path: `${prefix}provenance.json` };
}

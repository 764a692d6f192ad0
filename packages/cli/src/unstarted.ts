import { type Code, type Diagnostic } from "@lapcat/diagnostic";
import { type Choice } from "@lapcat/resolution";
import { lostFailure, type RunFailure } from "@lapcat/plan";
import { formatInstant, type Instant, type RunList } from "@lapcat/run";
import {
  type Condition,
  formatDuration,
  generateName,
  type Located,
  parseDuration,
  type PipelineRun,
  type TaskRun,
} from "@lapcat/tekton";

type Run = PipelineRun | TaskRun;

/** A run of which nothing is started, as it would be in a cluster. */
export function unstarted(run: Run, condition: Omit<Condition, "type">, at: Instant): RunList["items"][number] {
  const time = formatInstant(at);
  const ended = condition.status === "Unknown" ? {} : { startTime: time, completionTime: time };
  const status = { conditions: [{ type: "Succeeded" as const, ...condition, lastTransitionTime: time }], ...ended };
  if (run.kind === "TaskRun") return { ...run, status };
  const { timeouts } = run.spec;
  return { ...run, spec: { ...run.spec, ...(timeouts !== undefined && { timeouts: asShown(timeouts) }) }, status };
}

function asShown(timeouts: NonNullable<PipelineRun["spec"]["timeouts"]>): typeof timeouts {
  const texts = Object.entries(timeouts).map(([part, text]) => [part, formatDuration(parseDuration(text) ?? 0)]);
  return Object.fromEntries(texts) as typeof timeouts;
}

/** A run that was written to be cancelled is so, whether what it needs is there or not. */
export function cancelledCondition({ kind, metadata, spec }: Run): Omit<Condition, "type"> | undefined {
  if (kind === "PipelineRun" && spec.status === "Cancelled")
    return { status: "False", reason: spec.status, message: `PipelineRun "${metadata.name ?? ""}" was cancelled` };
  if (kind !== "TaskRun" || spec.status !== "TaskRunCancelled") return undefined;
  const why = "statusMessage" in spec ? (spec.statusMessage ?? "") : "";
  return { status: "False", reason: spec.status, message: `TaskRun "${metadata.name ?? ""}" was cancelled. ${why}` };
}

/** A run that waits until somebody clears its `spec.status`. */
export function pendingCondition({ kind, metadata, spec }: Run): Omit<Condition, "type"> | undefined {
  if (spec.status !== `${kind}Pending`) return undefined;
  return { status: "Unknown", reason: spec.status, message: `${kind} "${metadata.name ?? ""}" is pending` };
}

/** With what Tekton would fail a run whose Pipeline or Tasks are not there. */
export function unresolvedFailure(resources: readonly Located[], run: Run): RunFailure | undefined {
  const { name: runName = "", namespace = "default" } = run.metadata;
  const named = (kind: string, name: string | undefined): Located["resource"] | undefined =>
    resources.map(({ resource }) => resource).find((each) => each.kind === kind && each.metadata.name === name);
  if (run.kind === "TaskRun") {
    const task = run.spec.taskRef?.name;
    if (task === undefined || named("Task", task) !== undefined) return undefined;
    const message = `error when listing tasks for taskRun ${runName}: tasks.tekton.dev "${task}" not found`;
    return { reason: "TaskRunResolutionFailed", message };
  }
  const wanted = run.spec.pipelineRef?.name;
  const found = wanted === undefined ? undefined : named("Pipeline", wanted);
  if (wanted !== undefined && found === undefined) {
    const message = `Error retrieving pipeline for pipelinerun ${namespace}/${runName}: error when getting Pipeline for PipelineRun ${runName}: tekton client cannot get pipeline ${wanted} from local cluster: pipelines.tekton.dev "${wanted}" not found`;
    return { reason: "CouldntGetPipeline", message };
  }
  const spec = found?.kind === "Pipeline" ? found.spec : run.spec.pipelineSpec;
  const lost = [...(spec?.tasks ?? []), ...(spec?.finally ?? [])].find(({ taskRef, pipelineRef }) => {
    if (pipelineRef?.name !== undefined) return named("Pipeline", pipelineRef.name) === undefined;
    const isCustom = taskRef?.apiVersion !== undefined && taskRef.kind !== undefined;
    return taskRef?.name !== undefined && !isCustom && named("Task", taskRef.name) === undefined;
  });
  return lost && lostFailure(`${namespace}/${wanted ?? runName}`, lost);
}

const unanswered: ReadonlySet<Code> = new Set(["resolver.unreachable", "resolver.unauthorized", "resolver.unasked"]);

/** What a run's resolvers had no answer to is asked for again and again, and the run waits. */
export function awaitingCondition(run: Run, diagnostics: readonly Diagnostic[]): Omit<Condition, "type"> | undefined {
  const open = diagnostics.find(
    // Of a resolver that is not Tekton's own nobody knows what it would answer.
    ({ code, path }) => unanswered.has(code) || (code === "field.unsupported" && path?.endsWith(".resolver") === true),
  );
  if (open === undefined) return undefined;
  const of = `${run.kind} ${run.metadata.namespace ?? "default"}/${run.metadata.name ?? ""}`;
  const awaiting = (reason: string, what: string): Omit<Condition, "type"> => ({
    status: "Unknown",
    reason,
    message: `${of} awaiting remote ${what}`,
  });
  if (open.path === "spec.pipelineRef.resolver") return awaiting("ResolvingPipelineRef", "resource");
  if (run.kind === "PipelineRun" || open.path === "spec.taskRef.resolver")
    return awaiting("ResolvingTaskRef", "resource");
  return awaiting("ResolvingStepActionRef", "StepAction");
}

/** With what Tekton fails a run whose resolvers say that there is nothing, or are asked wrongly. */
export function remoteFailure(run: Run, diagnostics: readonly Diagnostic[]): RunFailure | undefined {
  const fault = diagnostics.find(({ code }) => code === "resolver.missing" || code === "resolver.param");
  if (fault === undefined) return undefined;
  const { name = "", namespace = "default" } = run.metadata;
  const why = `error requesting remote resource: ${fault.message}`;
  if (run.kind === "TaskRun") return { reason: "TaskRunResolutionFailed", message: why };
  if (fault.path === "spec.pipelineRef.resolver") {
    const message = `Error retrieving pipeline for pipelinerun ${namespace}/${name}: resolver failed to get Pipeline : ${why}`;
    return { reason: "CouldntGetPipeline", message };
  }
  const pipeline = run.spec.pipelineRef?.name ?? name;
  const message = `Pipeline ${namespace}/${pipeline} can't be Run; it contains Tasks that don't exist: Couldn't retrieve Task "": ${why}`;
  return { reason: "CouldntGetTask", message };
}

/** The run that a choice names, where it names one, with the name that it gets. */
export function chosenRun(
  resources: readonly Located[],
  choice: Choice | undefined,
  random: () => number,
): Run | undefined {
  for (const { resource } of resources) {
    if (resource.kind !== "PipelineRun" && resource.kind !== "TaskRun") continue;
    if (choice === undefined || (choice.kind ?? resource.kind) !== resource.kind) continue;
    const { name, generateName: prefix } = resource.metadata;
    if (name === choice.name) return resource;
    if (name !== undefined || prefix === undefined || prefix !== choice.name) continue;
    const metadata = { ...resource.metadata, name: generateName(prefix, random) };
    return resource.kind === "PipelineRun" ? { ...resource, metadata } : { ...resource, metadata };
  }
  return undefined;
}

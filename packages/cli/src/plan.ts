import { type Diagnostic } from "@lapcat/diagnostic";
import { type PlannedTask, previewChild, type RunPlan, whenNeeds } from "@lapcat/plan";
import { planLines, planMermaid } from "@lapcat/report";
import { formatDuration } from "@lapcat/tekton";
import { exitCodeOf } from "./exit-code.ts";
import { type InputOptions, planInputs } from "./inputs.ts";
import { maskedValue } from "./masked-value.ts";
import { partOfRun, type PartOptions } from "./part-of-run.ts";
import { podOptions, type PodSettingOptions, podSettings } from "./pod-settings.ts";
import { imagesByTask, type PreviewedPod, previewedPods } from "./previewed-pods.ts";
import { printValue } from "./print-value.ts";
import { asAsked } from "./strict.ts";
import { refuse, tell } from "./tell.ts";
import { type Command } from "./world.ts";

export interface PlanOptions extends InputOptions, PodSettingOptions, PartOptions {
  readonly output: "text" | "json" | "yaml" | "mermaid" | "name";
  readonly pods: boolean;
  readonly strict: boolean;
}

/** What a run would do: tasks in order, images, workspaces; with `--pods` the very Pods. */
export const plan: Command<PlanOptions, readonly [string | undefined]> = async (world, options, name) => {
  const [closed, settings] = await Promise.all([planInputs(world, options, name), podSettings(world, options)]);
  const part = closed.ok ? await partOfRun(world, closed.value.plan, options) : closed;
  const met = asAsked(
    [...closed.diagnostics, ...(closed.ok ? part.diagnostics : []), ...settings.diagnostics],
    options,
  );
  if (!closed.ok || !part.ok || !settings.ok) return refuse(world, met);
  const { plan: planned } = part.value;
  const { gates } = closed.value;
  const pods = previewedPods(planned, podOptions(settings.value, gates));
  const diagnostics = [
    ...met,
    ...unless(
      met,
      asAsked(
        pods.flatMap((each) => each.diagnostics),
        options,
      ),
    ),
  ];
  tell(world, diagnostics);
  const secrets = pods.flatMap((each) => each.secrets);
  switch (options.output) {
    case "text":
      if (options.pods) await printValue(world, "yaml", maskedValue(podsData(pods), secrets));
      else world.out.print(...planLines(world.out.style, planned, imagesByTask(pods)));
      break;
    case "name":
      world.out.print(...namesIn(planned, ""));
      break;
    case "mermaid":
      await world.out.write(planMermaid(planned));
      break;
    case "json":
    case "yaml":
      await printValue(
        world,
        options.output,
        maskedValue(options.pods ? podsData(pods) : planData(planned, pods), secrets),
      );
      break;
  }
  return exitCodeOf(diagnostics);
};

/** What has not been told already. */
function unless(told: readonly Diagnostic[], more: readonly Diagnostic[]): readonly Diagnostic[] {
  const messages = new Set(told.map(({ message }) => message));
  return more.filter(({ message }) => !messages.has(message) && messages.add(message));
}

function podsData(pods: readonly PreviewedPod[]): unknown {
  return pods.map(({ name, pod }) => ({ task: name, pod: pod ?? null }));
}

/** Those of a Pipeline in a Pipeline after it, with the way to them. */
function namesIn(plan: RunPlan, way: string): readonly string[] {
  return [...plan.tasks, ...plan.finally].flatMap((task) => {
    const child = task.kind === "pipeline" ? previewChild(plan, task) : undefined;
    const name = `${way}${task.name}`;
    return [name, ...(child === undefined ? [] : namesIn(child, `${name}/`))];
  });
}

function planData(plan: RunPlan, pods: readonly PreviewedPod[]): unknown {
  const images = imagesByTask(pods);
  const duration = (milliseconds: number | undefined): string | undefined =>
    milliseconds === undefined ? undefined : formatDuration(milliseconds);
  const common = (each: PlannedTask): object => ({
    name: each.name,
    after: each.predecessors,
    resultsFrom: each.resultsFrom,
    params: each.pipelineTask.params,
    matrix: each.pipelineTask.matrix,
    when: each.pipelineTask.when,
    whenNeeds: whenNeeds(plan, each),
    workspaces: each.workspaces,
    onError: each.onError,
  });
  const task = (each: PlannedTask): unknown => {
    if (each.kind === "pipeline") {
      const child = previewChild(plan, each);
      return { ...common(each), pipelineRun: child && planData(child, pods) };
    }
    return {
      ...common(each),
      taskRef: each.task.name,
      source: each.task.provenance.uri,
      taskRun: each.taskRunName,
      steps: images.get(each.taskRunName) ?? [],
      serviceAccountName: each.serviceAccountName,
      timeout: duration(each.timeout),
      retries: each.retries,
    };
  };
  return {
    kind: plan.kind,
    name: plan.identity.name,
    namespace: plan.identity.namespace,
    pipeline: plan.pipeline?.name,
    timeouts: {
      pipeline: duration(plan.timeouts.pipeline),
      tasks: duration(plan.timeouts.tasks),
      finally: duration(plan.timeouts.finally),
    },
    ...(plan.omitted !== undefined && {
      omitted: [...plan.omitted].map(([name, { outcome }]) => ({
        name,
        given: outcome?.taskRuns.flatMap(({ results }) => results),
      })),
    }),
    tasks: plan.tasks.map(task),
    finally: plan.finally.map(task),
    results: plan.results,
  };
}

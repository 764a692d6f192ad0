import { type CancelSignal, type Engine, type Pod, type PodSpec } from "@lapcat/engine";
import {
  type BoundTaskRun,
  type PipelineTaskName,
  type PlannedTask,
  type PlannedTaskRun,
  previewTask,
  type RunPlan,
} from "@lapcat/plan";
import { podOf, type PodOptions } from "@lapcat/pod";

/**
 * Pods opened while the tasks before them still run, so that nobody waits for containers and networks to be made: a pod that is open runs
 * nothing. Only pods whose every value is known by then, and which leave no trace in a volume that others use.
 */
export interface PreparedPods {
  /** A task has been started: its successors may be prepared once it has work to wait for. */
  started(task: PipelineTaskName): void;
  /** Opens what can be. */
  prepare(): void;
  /** The pod as prepared, else as the engine opens it now. */
  open(bound: BoundTaskRun, spec: PodSpec, signal: CancelSignal): Promise<Pod>;
  /** Removes what was never asked for. */
  release(): Promise<void>;
}

interface Prepared {
  /** The very description it was made from. */
  readonly description: string;
  /** Undefined when it could not be opened: the task's own attempt will tell why. */
  readonly pod: Promise<Pod | undefined>;
}

/** What a preview leaves as it stands: the numbers of a matrix, and the PipelineTask's own. */
const knownLater = /\$\((?:tasks|context\.pipelineTask)\./u;

/** More are not opened ahead: containers that wait cost memory. */
const most = 8;

export function preparedPods(plan: RunPlan, engine: Engine, options: PodOptions): PreparedPods {
  const successors = new Map<PipelineTaskName, PlannedTask[]>(plan.tasks.map(({ name }) => [name, []]));
  for (const planned of plan.tasks) for (const task of planned.predecessors) successors.get(task)?.push(planned);
  /** How many predecessors were not started yet. */
  const unstarted = new Map(plan.tasks.map(({ name, predecessors }) => [name, predecessors.length]));
  const started = new Set<PipelineTaskName>();
  /** Whose turn may be next, and whose Pods were not thought of yet. */
  const next = new Set<PlannedTask>(plan.tasks.filter(({ predecessors }) => predecessors.length === 0));
  const prepared = new Map<string, Prepared>();
  const released = new AbortController();
  const openAhead = (planned: PlannedTaskRun): void => {
    const bound = previewTask(plan, planned);
    const pod = podOf(bound, options);
    if (!pod.ok || !leavesNoTrace(pod.value.spec)) return;
    const { spec } = pod.value;
    const description = JSON.stringify(spec);
    if (knownLater.test(description)) return;
    const opening = engine.open(spec, released.signal).catch(() => undefined);
    prepared.set(bound.name, { description, pod: opening });
  };
  return {
    started(task) {
      if (started.has(task)) return;
      started.add(task);
      for (const planned of successors.get(task) ?? []) {
        const left = (unstarted.get(planned.name) ?? 0) - 1;
        unstarted.set(planned.name, left);
        if (left === 0) next.add(planned);
      }
    },
    prepare() {
      for (const planned of next) {
        if (prepared.size >= most) return;
        next.delete(planned);
        if (!started.has(planned.name) && planned.kind === "task" && isSettled(planned)) openAhead(planned);
      }
    },
    async open(bound, spec, signal) {
      const early = bound.attempt === 0 ? prepared.get(bound.name) : undefined;
      if (early === undefined) return engine.open(spec, signal);
      prepared.delete(bound.name);
      const pod = await early.pod;
      if (pod === undefined) return engine.open(spec, signal);
      if (early.description === JSON.stringify(spec)) return pod;
      await pod[Symbol.asyncDispose]();
      return engine.open(spec, signal);
    },
    async release() {
      released.abort();
      await Promise.all([...prepared.values()].map(async ({ pod }) => (await pod)?.[Symbol.asyncDispose]()));
      prepared.clear();
    },
  };
}

/** Nothing that still happens can change whether it runs, or with what. */
function isSettled({ task, resultsFrom, pipelineTask: { when, matrix } }: PlannedTaskRun): boolean {
  return task.custom === undefined && resultsFrom.length === 0 && (when ?? []).length === 0 && matrix === undefined;
}

/**
 * Whatever opening makes in a claim would be seen, or removed, by the task that still uses it. A claim that outlives the run is not made
 * for a task that may never run.
 */
function leavesNoTrace({ volumes, containers }: PodSpec): boolean {
  const claims = new Set(volumes.flatMap((each) => (each.kind === "claim" ? [each.name] : [])));
  if (volumes.some((each) => each.kind === "host")) return false;
  if (volumes.some((each) => each.kind === "claim" && (each.scope === "kept" || each.directories.length > 0)))
    return false;
  return containers.every(({ mounts, files, homeFiles, env, defaultEnv }) => {
    const shared = mounts.filter(({ volume }) => claims.has(volume));
    if (shared.some(({ subPath }) => subPath !== undefined)) return false;
    if (files.length === 0 && homeFiles.length === 0) return true;
    const homes = [...env, ...defaultEnv].flatMap(({ name, value }) => (name === "HOME" ? [value] : []));
    return shared.every(({ path }) => path.startsWith("/workspace/") && !homes.some((home) => home.startsWith(path)));
  });
}

import { type Diagnostic, LapcatError } from "@lapcat/diagnostic";
import { type CancelSignal, type Clock, type Engine, type RunId, type SweepExtent } from "@lapcat/engine";
import { type BoundTaskRun, previewTask, type RunPlan, withoutTask } from "@lapcat/plan";
import { podOf, type PodOptions, secretsIn } from "@lapcat/pod";
import {
  begin,
  evolve,
  type Recorded,
  resumption,
  type RunEvent,
  type RunState,
  type TaskOmitted,
  within,
} from "@lapcat/run";
import { type RunMask, runMask } from "./run-mask.ts";
import { begunTasks, checkResumable, openTasks, runsIn } from "./can-resume.ts";
import { type CustomRuns } from "./custom-runs.ts";
import { driveCustomRun } from "./drive-custom-run.ts";
import { drivePod } from "./drive-pod.ts";
import { imagesOf, neededBy } from "./images-of.ts";
import { imagesOfRun } from "./images.ts";
import { inbox } from "./inbox.ts";
import { onAbort } from "./on-abort.ts";
import { type PodPorts, type Stop } from "./pod-ports.ts";
import { loop, type Observation } from "./loop.ts";
import { type EventSink, type LogSink, type ProgressSink } from "./ports.ts";
import { preparedPods } from "./prepared-pods.ts";

export interface ExecuteInput {
  readonly plan: RunPlan;
  readonly runId: RunId;
  readonly engine: Engine;
  readonly events: EventSink;
  readonly logs: LogSink;
  readonly progress?: ProgressSink;
  readonly clock: Clock;
  /** Needed where the plan has custom tasks. */
  readonly customRuns?: CustomRuns;
  readonly podOptions: Omit<PodOptions, "run" | "objects">;
  /** The first asking: the run is cancelled, as Tekton's `Cancelled`. */
  readonly cancel: CancelSignal;
  /** The second: what still runs is killed at once. */
  readonly hurry: CancelSignal;
  /** TaskRuns at a time; without it, as many as the plan allows. */
  readonly maxParallel?: number;
  /** Milliseconds from SIGTERM to SIGKILL. */
  readonly grace: number;
  /** lapcat's version, for the log. */
  readonly version: string;
  /** Things a user was told before the run that belong into its log. */
  readonly notices?: readonly Diagnostic[];
  /** Tasks of the plan that are left out. */
  readonly omitted?: readonly TaskOmitted[];
  /** The run was interrupted: its facts so far. What was left of its Pods is removed first. */
  readonly resumed?: { readonly log: readonly Recorded[]; readonly retry: boolean };
}

/**
 * Runs a plan to its end and returns what became of it, as the log tells it; whether it succeeded is in the state.
 * Every image that is known beforehand is there before the run starts. What the run made in the engine is gone when this settles;
 * where the world failed it rejects with `LapcatError`, and the log has no `run.finished`: then the volumes of its claims are left,
 * for the run can be gone on with.
 */
export async function execute(input: ExecuteInput): Promise<RunState> {
  const { plan, engine, clock, events } = input;
  const podOptions: PodOptions = { ...input.podOptions, run: input.runId, objects: plan.objects };
  const observations = inbox<Observation>();
  const observe: PodPorts["observe"] = (event, at) => observations.put({ event, at: at ?? clock.now() });
  const log = input.resumed?.log ?? [];
  const begun = log.reduce(evolve, begin(plan));
  const omitted = (input.omitted ?? []).filter(({ task }) => begun.plan.omitted?.has(task) !== true);
  const ahead = omitted.reduce((left, { task, given }) => withoutTask(left, task, given), begun.plan);
  const told = new Set<string>(log.flatMap(({ event }) => (event.type === "warning.noticed" ? [wordsOf(event)] : [])));
  const warn = ({ code, severity, message, hint }: Diagnostic): void => {
    const words = wordsOf({ code, message });
    if (told.has(words)) return;
    told.add(words);
    observe({ type: "warning.noticed", code, severity, message, ...(hint === undefined ? {} : { hint }) });
  };
  const giveUp = new AbortController();
  const mask = runMask();
  // What Pods of before had, others may have from them.
  for (const state of runsIn(begun)) {
    for (const planned of begunTasks(state)) {
      if (planned.kind === "pipeline") continue;
      const made = podOf(previewTask(state.plan, planned), podOptions);
      if (planned.task.custom !== undefined) mask.know(secretsIn(plan.objects));
      else if (made.ok) mask.know(made.value.secrets);
    }
  }
  const images = imagesOfRun(engine, clock, anyOf([input.cancel, giveUp.signal]), input.progress, (event) =>
    observe(event),
  );

  try {
    if (input.resumed !== undefined) {
      await checkResumable(engine, begun, log, input.runId);
      await engine.sweep(input.runId, "pods");
    }
    await images.ensureAll(imagesOf(ahead, openTasks({ ...begun, plan: ahead }), podOptions));
  } catch (error) {
    // Cancelled while pulling: the run is one in which nothing ran.
    if (!input.cancel.aborted) {
      giveUp.abort();
      throw error;
    }
  }
  const first = [...firstFacts(input, begun), ...omitted].map((event): Observation => ({ event, at: clock.now() }));
  for (const each of input.notices ?? []) warn(each);

  const prepared = preparedPods(ahead, engine, podOptions);
  for (const { task } of begun.taskRuns.values()) prepared.started(task);
  const background = new Set<Promise<void>>();
  const attempts = new Map<
    string,
    { stop(because: "TaskRunCancelled" | "TaskRunTimeout"): void; readonly done: Promise<void> }
  >();
  const ports: PodPorts = {
    openPod: (bound, spec, signal) => prepared.open(bound, spec, signal),
    pullFor: (bound, containers) => images.ensureAll(neededBy(bound, containers, podOptions)),
    logs: input.logs,
    newMasker: () => mask.newMasker(),
    clock,
    makePod: (bound) => {
      const made = podOf(bound, podOptions);
      if (made.ok) mask.know(made.value.secrets);
      return made;
    },
    evaluateCel: plan.options.evaluateCel,
    resultLimit: plan.options.resultLimit,
    observe: (event, at) => {
      observe(event, at);
      // From here on somebody waits for a step: time to make what comes next.
      if (event.type === "step.started") prepared.prepare();
    },
    warn,
    inBackground: (work) => {
      // Not a failure of the run: what stays behind is swept, now or by a later command.
      const settled = work.catch((error: unknown) => warn(asDiagnostic(error)));
      background.add(settled);
      void settled.finally(() => background.delete(settled));
    },
    grace: input.grace,
    hurry: anyOf([input.hurry, giveUp.signal]),
  };
  const drive = (bound: BoundTaskRun, own: PodPorts, stop: Stop): Promise<void> => {
    if (bound.task.custom === undefined) return drivePod(bound, own, stop);
    if (input.customRuns === undefined) throw new Error("a plan with custom tasks needs somebody who runs them");
    mask.know(secretsIn(plan.objects));
    return driveCustomRun(bound, input.customRuns, own, stop);
  };
  const release = onAbort(input.cancel, () => observe({ type: "cancel.requested", mode: "Cancelled" }));
  const sweep = async (extent: SweepExtent): Promise<void> => {
    await Promise.all([prepared.release(), ...background]);
    await engine.sweep(input.runId, extent);
  };

  try {
    return await loop(begun, first, {
      events,
      keptAs: (event) => mask.masked(event),
      clock,
      observations,
      since: log.at(-1)?.at,
      maxParallel: input.maxParallel ?? Number.POSITIVE_INFINITY,
      start: ({ in: path, bound }) => {
        if (path.length === 0) prepared.started(bound.planned.name);
        const key = `${bound.name} ${bound.attempt}`;
        const stopping = new AbortController();
        let because: "TaskRunCancelled" | "TaskRunTimeout" | undefined;
        const portsOfRun: PodPorts =
          path.length === 0 ? ports : { ...ports, observe: (event, at) => ports.observe(within(path, event), at) };
        const done = drive(bound, portsOfRun, { signal: stopping.signal, because: () => because })
          .catch((error: unknown) => observations.break(error))
          .finally(() => attempts.delete(key));
        const stop = (reason: "TaskRunCancelled" | "TaskRunTimeout"): void => {
          because ??= reason;
          stopping.abort();
        };
        attempts.set(key, { stop, done });
      },
      stop: ({ taskRun, attempt, because }) => attempts.get(`${taskRun} ${attempt}`)?.stop(because),
      beforeEnd: () => sweep("all").catch((error: unknown) => warn(asDiagnostic(error))),
    });
  } catch (error) {
    giveUp.abort();
    for (const each of attempts.values()) each.stop("TaskRunCancelled");
    await Promise.all([...attempts.values()].map(({ done }) => done));
    // The first failure is the one to tell; what could not be removed now, a later command sweeps.
    await sweep("pods").catch(() => undefined);
    recordFailure(events, mask, error, clock);
    throw error;
  } finally {
    release();
  }
}

function firstFacts({ plan, version, clock, resumed }: ExecuteInput, begun: RunState): readonly RunEvent[] {
  const { name, namespace, uid } = plan.identity;
  if (begun.startedAt === undefined)
    return [{ type: "run.started", kind: plan.kind, name, namespace, uid, lapcat: version }];
  return resumption(begun, resumed?.log.at(-1), clock.now(), { retry: resumed?.retry === true, lapcat: version });
}

/** By which a warning is told once. */
function wordsOf({ code, message }: Pick<Diagnostic, "code" | "message">): string {
  return `${code} ${message}`;
}

/** The log says why it has no end, if it can still be written. */
function recordFailure(events: EventSink, mask: RunMask, error: unknown, clock: Clock): void {
  if (
    !(error instanceof LapcatError) ||
    error.diagnostic.code === "disk.full" ||
    error.diagnostic.code === "store.damaged"
  )
    return;
  const { code, severity, message, hint } = error.diagnostic;
  try {
    const event = {
      type: "warning.noticed",
      code,
      severity,
      message,
      ...(hint === undefined ? {} : { hint }),
    } as const;
    events.append(mask.masked(event), clock.now());
  } catch {
    // The first failure is the one to tell.
  }
}

function asDiagnostic(error: unknown): Diagnostic {
  if (error instanceof LapcatError) return { ...error.diagnostic, severity: "warning" };
  throw error;
}

function anyOf(signals: readonly CancelSignal[]): AbortSignal {
  const any = new AbortController();
  for (const each of signals) onAbort(each, () => any.abort());
  return any.signal;
}

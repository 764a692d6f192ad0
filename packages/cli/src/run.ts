import { access, constants, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Diagnostic, LapcatError } from "@lapcat/diagnostic";
import { asRunId, type Clock, type Engine } from "@lapcat/engine";
import { execute, type ExecuteInput } from "@lapcat/executor";
import { type PlannedTask, type RunPlan } from "@lapcat/plan";
import { githubRunAnnotations, junitReport, planLines, summaryLines } from "@lapcat/report";
import { listOf, type RunState } from "@lapcat/run";
import { claimUses, type RunWriter, type Store } from "@lapcat/store";
import { customCommandRuns } from "./custom-process.ts";
import { customCommandsOf } from "./custom-tasks.ts";
import { exitCodes } from "./exit-code.ts";
import { type InputOptions, planInputs } from "./inputs.ts";
import { type Interrupts, interrupts } from "./interrupts.ts";
import { podOptions, type PodSettingOptions, podSettings, type PodSettings } from "./pod-settings.ts";
import { imagesByTask, isCertain, previewedPods } from "./previewed-pods.ts";
import { printValue } from "./print-value.ts";
import { closedManifest } from "./record.ts";
import { engineOfRun } from "./run-engine.ts";
import { type Story, storyOf } from "./story.ts";
import { storeOf } from "./stored-run.ts";
import { openChosen, sweepInterrupted } from "./sweep.ts";
import { refuse, tell, tellFailure } from "./tell.ts";
import { version } from "./version.ts";
import { type Command, type World } from "./world.ts";

export interface RunOptions extends InputOptions, PodSettingOptions {
  readonly engine: string;
  readonly maxParallel?: number;
  /** Seconds. */
  readonly grace: number;
  readonly keepWorkspaces: boolean;
  readonly dryRun: boolean;
  readonly output: "text" | "json" | "yaml" | "name";
  readonly quiet: boolean;
  readonly junit?: string;
}

/** Runs what the documents hold, tells its story, and ends with its exit code. */
export const run: Command<RunOptions, readonly [string | undefined]> = async (world, options, name) => {
  const opening = options.dryRun ? undefined : settled(openChosen(world, options.engine));
  const [closed, settings, unwritable] = await Promise.all([
    planInputs(world, options, name),
    podSettings(world, options),
    unwritableReport(options.junit),
  ]);
  const diagnostics = [...closed.diagnostics, ...settings.diagnostics, ...unwritable];
  if (!closed.ok || !settings.ok || unwritable.length > 0) {
    const code = refuse(world, diagnostics);
    await closeAll(opening);
    return code;
  }
  tell(world, diagnostics);
  if (opening === undefined) {
    await printValue(world, options.output === "json" ? "json" : "yaml", closed.value.resolved.run.resource);
    return exitCodes.succeeded;
  }
  const plan = options.keepWorkspaces ? withKeptClaims(closed.value.plan) : closed.value.plan;
  const podSetup = podOptions(settings.value, closed.value.gates);
  const pods = previewedPods(plan, podSetup);
  const hopeless = pods
    .filter(isCertain)
    .flatMap((each) => each.diagnostics.filter(({ severity }) => severity === "error"));
  if (hopeless.length > 0) {
    const code = refuse(world, hopeless);
    await closeAll(opening);
    return code;
  }
  if (!options.quiet) world.err.print(...planLines(world.err.style, plan, imagesByTask(pods)), "");
  const engine = await opened(opening);
  try {
    const store = storeOf(world);
    await sweepInterrupted(world, store);
    const manifest = closedManifest(closed.value.resolved, plan);
    const notices = diagnostics.filter(({ severity }) => severity === "warning");
    return await perform({ world, options, engine, store, manifest, plan, settings: podSetup, notices });
  } finally {
    // What it could not remove is noted, and swept by the next command.
    await engine.close().catch((error: unknown) => tellFailure(world, error));
  }
};

interface Performance {
  readonly world: World;
  readonly options: RunOptions;
  readonly engine: Engine;
  readonly store: Store;
  readonly manifest: string;
  readonly plan: RunPlan;
  readonly settings: PodSettings;
  readonly notices: readonly Diagnostic[];
}

const clock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      // Longer sleeps than a timer can have are asked for again.
      const timer = setTimeout(done, Math.min(milliseconds, 2 ** 31 - 1));
      signal.addEventListener("abort", done, { once: true });
    }),
};

async function perform(performance: Performance): Promise<number> {
  const { world, options, store, manifest, plan, settings, notices } = performance;
  const engine = engineOfRun(world, performance.engine);
  const shown = options.output === "text" ? world.out : options.quiet ? undefined : world.err;
  const writer = await store.create(plan.identity.name, manifest, options.engine);
  await claimUses(store.root).note(claimsOf(plan, "kept"), writer.id);
  const story = storyOf(world, writer, shown, notices);
  using asked = interrupts((count) => {
    const how = `cancelling: steps have ${options.grace} s to end; Ctrl-C again kills them at once`;
    world.err.status(undefined);
    world.err.print(count === 1 ? how : "killing what still runs");
  });
  try {
    const state = await execute({
      plan,
      runId: asRunId(writer.id),
      engine,
      events: story.events,
      logs: story.logs,
      progress: story.progress,
      clock,
      ...customRunsOf(world, options, plan),
      podOptions: settings,
      cancel: asked.cancel,
      hurry: asked.hurry,
      ...(options.maxParallel === undefined ? {} : { maxParallel: options.maxParallel }),
      grace: options.grace * 1000,
      version,
      notices,
    });
    await conclude(performance, story, state, writer);
    return exitCodeOfRun(state, asked);
  } catch (error) {
    world.err.status(undefined);
    if (asked.cancel.aborted && error instanceof LapcatError) {
      tell(world, [error.diagnostic]);
      return exitCodes.interrupted;
    }
    throw error;
  } finally {
    await writer[Symbol.asyncDispose]();
    if (engine.wasSwept()) await store.markSwept(writer.id);
    // A run that never began is no run: the refusal has been told, and there is nothing to read in it.
    if (story.timeline().startedAt === undefined) {
      await store.remove(writer.id);
      await store.markSwept(writer.id);
    }
  }
}

/** Whoever the plan relies on: those of which nobody was named were refused. */
function customRunsOf(world: World, options: RunOptions, plan: RunPlan): Pick<ExecuteInput, "customRuns"> {
  const commands = customCommandsOf(options);
  if (!commands.ok || commands.value.size === 0) return {};
  const { name } = plan.identity;
  return { customRuns: customCommandRuns(world, commands.value, { run: name, grace: options.grace }) };
}

function exitCodeOfRun(state: RunState, asked: Interrupts): number {
  if (asked.cancel.aborted) return exitCodes.interrupted;
  return state.finished?.status === "True" ? exitCodes.succeeded : exitCodes.failed;
}

async function conclude(
  { world, options, plan }: Performance,
  story: Story,
  state: RunState,
  writer: RunWriter,
): Promise<void> {
  const timeline = story.timeline();
  switch (options.output) {
    case "text":
      world.out.print(...summaryLines(world.out.style, timeline));
      break;
    case "name":
      world.out.print(writer.id);
      break;
    case "json":
    case "yaml":
      await printValue(world, options.output, listOf(state));
      break;
  }
  if (options.keepWorkspaces) {
    for (const claim of claimsOf(plan))
      world.err.print(`kept the volume of claim ${claim}: -w name=…,claimName=${claim} uses it again`);
  }
  if (world.env["GITHUB_ACTIONS"] === "true") world.err.print(...githubRunAnnotations(timeline));
  if (options.junit !== undefined) await writeFile(options.junit, junitReport(timeline));
}

/** Volumes of volumeClaimTemplates as the user's own, which no sweep removes. */
function withKeptClaims(plan: RunPlan): RunPlan {
  const kept = (task: PlannedTask): PlannedTask => ({
    ...task,
    workspaces: task.workspaces.map((workspace) =>
      workspace.source.kind === "claim" ? { ...workspace, source: { ...workspace.source, scope: "kept" } } : workspace,
    ),
  });
  return { ...plan, tasks: plan.tasks.map(kept), finally: plan.finally.map(kept) };
}

function claimsOf(plan: RunPlan, scope?: "kept"): ReadonlySet<string> {
  const sources = [...plan.tasks, ...plan.finally].flatMap(({ workspaces }) => workspaces.map(({ source }) => source));
  return new Set(
    sources.flatMap((source) =>
      source.kind === "claim" && (scope ?? source.scope) === source.scope ? [source.claimName] : [],
    ),
  );
}

/** Told before anything runs rather than after. */
async function unwritableReport(file: string | undefined): Promise<readonly Diagnostic[]> {
  if (file === undefined) return [];
  try {
    await access(dirname(file), constants.W_OK);
    return [];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return [{ code: "usage", severity: "error", message: `--junit ${file} cannot be written: ${why}` }];
  }
}

type Settled<T> = Promise<PromiseSettledResult<T>>;

/** Begun early and looked at late: until then its failure is nobody's. */
async function settled<T>(work: Promise<T>): Settled<T> {
  const [result] = await Promise.allSettled([work]);
  return result;
}

async function opened(opening: Settled<Engine>): Promise<Engine> {
  const result = await opening;
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

async function closeAll(opening: Settled<Engine> | undefined): Promise<void> {
  const result = await opening;
  if (result?.status === "fulfilled") await result.value.close();
}

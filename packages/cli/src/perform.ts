import { access, constants, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Diagnostic, LapcatError } from "@lapcat/diagnostic";
import { asRunId, type Clock, type Engine } from "@lapcat/engine";
import { execute, type ExecuteInput } from "@lapcat/executor";
import { type RunPlan } from "@lapcat/plan";
import { githubRunAnnotations, junitReport, summaryLines } from "@lapcat/report";
import { listOf, type Recorded, type RunState, type TaskOmitted } from "@lapcat/run";
import { claimUses, type RunWriter, type Store } from "@lapcat/store";
import { exitCodes } from "./exit-code.ts";
import { type Interrupts, interrupts } from "./interrupts.ts";
import { claimsOf } from "./plan-claims.ts";
import { type PodSettings } from "./pod-settings.ts";
import { printValue } from "./print-value.ts";
import { engineOfRun } from "./run-engine.ts";
import { type Story, storyOf } from "./story.ts";
import { tell } from "./tell.ts";
import { version } from "./version.ts";
import { type World } from "./world.ts";

/** How a run is carried out and shown; as commander gives it. */
export interface PerformOptions {
  readonly maxParallel?: number;
  /** Seconds. */
  readonly grace: number;
  readonly keepWorkspaces: boolean;
  readonly output: "text" | "json" | "yaml" | "name";
  readonly quiet: boolean;
  readonly junit?: string;
}

export interface Performance {
  readonly world: World;
  readonly options: PerformOptions;
  readonly engine: Engine;
  readonly store: Store;
  readonly writer: RunWriter;
  readonly plan: RunPlan;
  readonly settings: PodSettings;
  readonly customRuns: Pick<ExecuteInput, "customRuns">;
  /** Tasks of the plan that are left out. */
  readonly omitted: readonly TaskOmitted[];
  readonly notices: readonly Diagnostic[];
  /** Of a run that was interrupted, and goes on. */
  readonly resumed?: { readonly log: readonly Recorded[]; readonly retry: boolean };
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

/** Carries a run out, or on; tells its story, and ends with its exit code. */
export async function perform(performance: Performance): Promise<number> {
  const { world, options, store, writer, plan, settings, notices, resumed } = performance;
  const engine = engineOfRun(world, performance.engine);
  const shown = options.output === "text" ? world.out : options.quiet ? undefined : world.err;
  await claimUses(store.root).note(claimsOf(plan, "kept"), writer.id);
  const story = storyOf(world, writer, shown, notices, resumed?.log);
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
      ...performance.customRuns,
      omitted: performance.omitted,
      podOptions: settings,
      cancel: asked.cancel,
      hurry: asked.hurry,
      ...(options.maxParallel === undefined ? {} : { maxParallel: options.maxParallel }),
      grace: options.grace * 1000,
      version,
      notices,
      ...(resumed === undefined ? {} : { resumed }),
    });
    await conclude(performance, story, state);
    return exitCodeOfRun(state, asked);
  } catch (error) {
    world.err.status(undefined);
    if (asked.cancel.aborted && error instanceof LapcatError) {
      tell(world, error.diagnostics);
      return exitCodes.interrupted;
    }
    throw error;
  } finally {
    // While it is ours: whoever takes it up next notes anew what may be in the engine.
    try {
      const swept = engine.swept();
      if (swept !== undefined) await store.markSwept(writer.id, swept);
      // A run that never began is no run: the refusal has been told, and there is nothing to read in it.
      if (resumed === undefined && story.timeline().startedAt === undefined) {
        await store.remove(writer.id);
        await store.markSwept(writer.id, "all");
      }
    } finally {
      await writer[Symbol.asyncDispose]();
    }
  }
}

function exitCodeOfRun(state: RunState, asked: Interrupts): number {
  if (asked.cancel.aborted) return exitCodes.interrupted;
  return state.finished?.status === "True" ? exitCodes.succeeded : exitCodes.failed;
}

async function conclude({ world, options, plan, writer }: Performance, story: Story, state: RunState): Promise<void> {
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

/** Told before anything runs rather than after. */
export async function unwritableReport(file: string | undefined): Promise<readonly Diagnostic[]> {
  if (file === undefined) return [];
  try {
    await access(dirname(file), constants.W_OK);
    return [];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return [{ code: "usage", severity: "error", message: `--junit ${file} cannot be written: ${why}` }];
  }
}

import { rm } from "node:fs/promises";
import { type Diagnostic, LapcatError } from "@lapcat/diagnostic";
import { asRunId, type Engine } from "@lapcat/engine";
import { timelineOf } from "@lapcat/report";
import { type Store } from "@lapcat/store";
import { parseDuration } from "@lapcat/tekton";
import { exitCodeOf } from "./exit-code.ts";
import { resolutionCacheOf } from "./remote-source.ts";
import { storeOf } from "./stored-run.ts";
import { openChosen, reportText, sweepInterrupted } from "./sweep.ts";
import { tell } from "./tell.ts";
import { type Command, type World } from "./world.ts";

export interface PruneOptions {
  readonly engine: string;
  /** Of the newest runs, so many stay. */
  readonly keep: number;
  /** A Go duration; runs that ended since then stay. */
  readonly olderThan?: string;
  /** Also what runs left that this store knows nothing of. */
  readonly all: boolean;
  /** Also what resolvers fetched. */
  readonly cache: boolean;
}

/** Removes records of runs that are over, what runs left in the engine, and the image that lapcat made there. */
export const prune: Command<PruneOptions> = async (world, options) => {
  const before = endedBefore(options.olderThan);
  const store = storeOf(world);
  const { removed, running, interrupted } = await pruneRecords(world, store, options.keep, before);
  world.out.print(...removed.map((id) => `run ${id}`));
  if (options.cache) await rm(resolutionCacheOf(world), { recursive: true, force: true });
  // Also what was kept for the sake of those just removed.
  await sweepInterrupted(world, store);
  const problems: Diagnostic[] = [];
  try {
    const engine = await openChosen(world, options.engine);
    try {
      await pruneEngine(world, engine, {
        running,
        interrupted,
        known: new Set(await store.list()),
        removed,
        all: options.all,
      });
    } finally {
      await engine.close();
    }
  } catch (error) {
    if (!(error instanceof LapcatError)) throw error;
    problems.push(error.diagnostic);
  }
  tell(world, problems);
  return exitCodeOf(problems);
};

/** Milliseconds since 1970: what ended later stays. */
function endedBefore(olderThan: string | undefined): number {
  if (olderThan === undefined) return Number.POSITIVE_INFINITY;
  const age = parseDuration(olderThan);
  if (age !== undefined && age >= 0) return Date.now() - age;
  const message = `--older-than ${JSON.stringify(olderThan)} is not a duration`;
  throw new LapcatError({ code: "usage", message, hint: "write 90m or 24h" });
}

/** It may be another lapcat's, of a version that can read it. */
function damaged(id: string): Diagnostic {
  return {
    code: "store.damaged",
    severity: "warning",
    message: `the record of run ${id} cannot be read, and was left`,
    hint: `\`lapcat describe ${id}\` says why; \`lapcat rm ${id}\` removes it`,
  };
}

async function pruneRecords(
  world: World,
  store: Store,
  keep: number,
  before: number,
): Promise<Pick<Kept, "removed" | "running" | "interrupted">> {
  const removed: string[] = [];
  const running = new Set<string>();
  const interrupted = new Set<string>();
  for (const [index, id] of (await store.list()).entries()) {
    const reader = await store.read(id);
    const state = await reader.state();
    if (state === "running") {
      running.add(id);
      continue;
    }
    if (state === "damaged") {
      tell(world, [damaged(id)]);
      continue;
    }
    const { startedAt = 0, finishedAt = startedAt } = timelineOf(await reader.events());
    if (index < keep || finishedAt > before) {
      if (state === "interrupted") interrupted.add(id);
      continue;
    }
    await store.remove(id);
    removed.push(id);
  }
  return { removed, running, interrupted };
}

interface Kept {
  readonly running: ReadonlySet<string>;
  /** And not removed: they can be resumed. */
  readonly interrupted: ReadonlySet<string>;
  readonly known: ReadonlySet<string>;
  readonly removed: readonly string[];
  readonly all: boolean;
}

async function pruneEngine(world: World, engine: Engine, kept: Kept): Promise<void> {
  const left = (await engine.leftovers()).filter((id) => !kept.running.has(id));
  const isOurs = (id: string): boolean => kept.known.has(id) || kept.removed.includes(id);
  const strange = left.filter((id) => !isOurs(id));
  for (const id of kept.all ? left : left.filter(isOurs)) {
    const report = await engine.sweep(asRunId(id), kept.interrupted.has(id) ? "pods" : "all");
    if (report.containers + report.volumes + report.networks > 0) world.out.print(`${reportText(report)} of run ${id}`);
  }
  if (strange.length > 0 && !kept.all) {
    world.err.print(
      `there is more of runs that are not recorded here, and may be going on: ${strange.join(", ")}`,
      " hint: lapcat prune --all removes it; make sure that no other lapcat is at work",
    );
  }
  if (kept.running.size > 0 || (strange.length > 0 && !kept.all)) return;
  const { DockerEngine } = await import("@lapcat/engine-docker");
  if (!(engine instanceof DockerEngine)) return;
  try {
    if (await engine.removeAnchorImage()) world.out.print("the image lapcat.dev/anchor");
  } catch (error) {
    // Another lapcat began to use it just now.
    if (!(error instanceof LapcatError) || error.diagnostic.code !== "engine.refused") throw error;
    tell(world, [{ ...error.diagnostic, severity: "note" }]);
  }
}

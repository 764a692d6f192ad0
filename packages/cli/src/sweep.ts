import { LapcatError } from "@lapcat/diagnostic";
import { asRunId, type Engine, type SweepReport } from "@lapcat/engine";
import { type Store } from "@lapcat/store";
import { tell } from "./tell.ts";
import { type World } from "./world.ts";

/**
 * Removes what runs left whose lapcat was killed, or lost its engine: all but the volumes with which they can be resumed, and these too once
 * the run's record is removed. Costs a look at two directories when there is nothing to do.
 * What cannot be removed now stays noted for the next command; the user is told, and the command goes on.
 */
export async function sweepInterrupted(world: World, store: Store): Promise<void> {
  const left = await store.unswept();
  if (left.length === 0) return;
  for (const choice of new Set(left.map(({ engine }) => engine))) {
    try {
      const engine = await openChosen(world, choice);
      try {
        for (const { id, extent } of left.filter((each) => each.engine === choice)) {
          await using held = await store.holdForSweep(id);
          // Another lapcat has taken it up, or sweeps it.
          if (held === undefined) continue;
          const report = await engine.sweep(asRunId(id), extent);
          await store.markSwept(id, extent);
          const what = extent === "all" ? `the run ${id} left` : `the interrupted run ${id} left running`;
          world.err.print(`removed what ${what}: ${reportText(report)}`);
        }
      } finally {
        await engine.close();
      }
    } catch (error) {
      if (!(error instanceof LapcatError)) throw error;
      tell(world, [
        {
          ...error.diagnostic,
          severity: "warning",
          message: `what interrupted runs left could not be removed: ${error.diagnostic.message}`,
        },
      ]);
    }
  }
}

export async function openChosen(world: World, choice: string): Promise<Engine> {
  const { openEngine } = await import("@lapcat/engine-docker");
  return openEngine(choice === "" ? "auto" : choice, { env: world.env, home: world.home });
}

export function reportText({ containers, volumes, networks }: SweepReport): string {
  const parts = [
    [containers, "container"],
    [volumes, "volume"],
    [networks, "network"],
  ] as const;
  const found = parts.flatMap(([count, noun]) => (count === 0 ? [] : [`${count} ${noun}${count === 1 ? "" : "s"}`]));
  return found.length === 0 ? "nothing" : found.join(", ");
}

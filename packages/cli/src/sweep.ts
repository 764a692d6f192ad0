import { LapcatError } from "@lapcat/diagnostic";
import { asRunId, type Engine, type SweepReport } from "@lapcat/engine";
import { type Store } from "@lapcat/store";
import { tell } from "./tell.ts";
import { type World } from "./world.ts";

/**
 * Removes what runs left whose lapcat was killed, or lost its engine. Costs one look at one directory when there is nothing to do.
 * What cannot be removed now stays noted for the next command; the user is told, and the command goes on.
 */
export async function sweepInterrupted(world: World, store: Store): Promise<void> {
  const left = await store.unswept();
  if (left.length === 0) return;
  for (const choice of new Set(left.map(({ engine }) => engine))) {
    try {
      const engine = await openChosen(world, choice);
      try {
        for (const { id } of left.filter((each) => each.engine === choice)) {
          const report = await engine.sweep(asRunId(id));
          await store.markSwept(id);
          world.err.print(`removed what the interrupted run ${id} left: ${reportText(report)}`);
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

import { LapcatError } from "@lapcat/diagnostic";
import { exitCodes } from "./exit-code.ts";
import { storedRun, storeOf } from "./stored-run.ts";
import { sweepInterrupted } from "./sweep.ts";
import { tellFailure } from "./tell.ts";
import { type Command } from "./world.ts";

/** Removes the records of runs, and what an interrupted one left. One that is going on is left alone. All are tried. */
export const rm: Command<unknown, readonly [readonly string[]]> = async (world, _options, ids) => {
  const store = storeOf(world);
  let code: number = exitCodes.succeeded;
  for (const id of new Set(ids)) {
    try {
      const reader = await storedRun(store, id);
      if ((await reader.state()) === "running") {
        throw new LapcatError({
          code: "usage",
          message: `the run ${reader.id} is going on`,
          hint: "end it first: Ctrl-C where it runs",
        });
      }
      await store.remove(reader.id);
      world.out.print(reader.id);
    } catch (error) {
      code = Math.max(code, tellFailure(world, error));
    }
  }
  // Also what was kept for the sake of those just removed.
  await sweepInterrupted(world, store);
  return code;
};

import { LapcatError } from "@lapcat/diagnostic";
import { openStore, type RunReader, type Store, storeRoot } from "@lapcat/store";
import { type World } from "./world.ts";

export function storeOf(world: World): Store {
  return openStore(storeRoot(world.env, world.home));
}

/** A run by its id; `last` is the newest. Rejects with `run.unknown`. */
export async function storedRun(store: Store, id: string): Promise<RunReader> {
  if (id !== "last") return store.read(id);
  const [newest] = await store.list();
  if (newest === undefined) {
    throw new LapcatError({
      code: "run.unknown",
      message: "there is no last run: none is kept",
      hint: "`lapcat run -f FILE` makes one",
    });
  }
  return store.read(newest);
}

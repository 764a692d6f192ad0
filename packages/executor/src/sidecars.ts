import { type PodPlan } from "@lapcat/pod";
import { type Attempt } from "./run-containers.ts";
import { type Sidecar, startSidecar } from "./sidecar.ts";

export interface Sidecars {
  /** Settles when the first step may start. */
  readonly ready: Promise<void>;
  /** Ends all of them, when the steps are done. */
  stop(): Promise<void>;
}

/** Kubernetes' own one after the other, then all others side by side; where the Task wants it so, the steps wait until these are ready. */
export function startSidecars(
  { sidecars, awaitsSidecars }: Pick<PodPlan, "sidecars" | "awaitsSidecars">,
  attempt: Attempt,
): Sidecars {
  const native: Sidecar[] = [];
  let others: readonly Sidecar[] = [];
  let stopped = false;
  const begin = async (): Promise<void> => {
    for (const each of sidecars.filter((sidecar) => sidecar.native)) {
      if (stopped) return;
      const sidecar = startSidecar(each, attempt);
      native.push(sidecar);
      await sidecar.up;
    }
    if (stopped) return;
    others = sidecars.filter((sidecar) => !sidecar.native).map((each) => startSidecar(each, attempt));
    await Promise.all(others.map((each) => (awaitsSidecars ? each.ready : each.begun)));
  };
  const ready = begin();
  // Awaited by who starts the steps, unless the attempt is stopped before.
  ready.catch(() => undefined);
  return {
    ready,
    async stop() {
      stopped = true;
      for (const each of native) each.settle();
      await Promise.all(others.map((each) => each.stop()));
      for (const each of native.toReversed()) await each.stop();
    },
  };
}

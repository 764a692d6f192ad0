import { LapcatError } from "@lapcat/diagnostic";
import {
  type CancelSignal,
  type Engine,
  type ImageInfo,
  type ImageRef,
  parseImageName,
  type PullOptions,
  type RegistryCredential,
  type SweepExtent,
} from "@lapcat/engine";
import { ownLogins } from "./own-logins.ts";
import { tell } from "./tell.ts";
import { type World } from "./world.ts";

/** An engine as one run sees it: images are pulled with the laptop's own logins too, and it is known what of its things was removed. */
export interface RunEngine extends Engine {
  /** How far; undefined when it was not. */
  swept(): SweepExtent | undefined;
}

export function engineOfRun(world: World, engine: Engine): RunEngine {
  const known = new Map<string, Promise<readonly RegistryCredential[]>>();
  let swept: SweepExtent | undefined;
  const loginsFor = (registry: string): Promise<readonly RegistryCredential[]> => {
    const asked = known.get(registry) ?? toldLogins(world, registry);
    known.set(registry, asked);
    return asked;
  };
  return {
    probe: (signal) => engine.probe(signal),
    open: (pod, signal) => engine.open(pod, signal),
    hasClaim: (claim, run) => engine.hasClaim(claim, run),
    leftovers: () => engine.leftovers(),
    close: () => engine.close(),
    async sweep(run, extent = "all") {
      const report = await engine.sweep(run, extent);
      swept = extent;
      return report;
    },
    async pull(image, options, signal) {
      const present = await whatIsPresent(engine, image, options, signal);
      if (present !== undefined) return present;
      const registry = parseImageName(image)?.registry;
      const logins = registry === undefined || options.policy === "Never" ? [] : await loginsFor(registry);
      return engine.pull(image, { ...options, credentials: [...options.credentials, ...logins] }, signal);
    },
    swept: () => swept,
  };
}

/** Credential helpers are slow and may ask their user: not for an image that is there already. */
async function whatIsPresent(
  engine: Engine,
  image: ImageRef,
  options: PullOptions,
  signal: CancelSignal,
): Promise<ImageInfo | undefined> {
  if (options.policy !== "IfNotPresent") return undefined;
  try {
    return await engine.pull(image, { ...options, policy: "Never" }, signal);
  } catch (error) {
    if (error instanceof LapcatError && error.diagnostic.code === "image.unavailable") return undefined;
    throw error;
  }
}

async function toldLogins(world: World, registry: string): Promise<readonly RegistryCredential[]> {
  const { credentials, diagnostics } = await ownLogins(world, registry);
  tell(world, diagnostics);
  return credentials;
}

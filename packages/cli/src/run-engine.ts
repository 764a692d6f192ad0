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
    const asked = known.get(registry) ?? ownLogins(world, registry);
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

async function ownLogins(world: World, registry: string): Promise<readonly RegistryCredential[]> {
  const { dockerLogins } = await import("@lapcat/engine-docker");
  try {
    const { credentials, diagnostics } = await dockerLogins({
      env: world.env,
      home: world.home,
      registries: [registry],
    });
    tell(world, diagnostics);
    return credentials;
  } catch (error) {
    if (!(error instanceof LapcatError)) throw error;
    // Most images need no login; one that does will say so itself.
    tell(world, [{ ...error.diagnostic, severity: "warning" }]);
    return [];
  }
}

import { stat } from "node:fs/promises";
import { basename, join, posix, resolve } from "node:path";
import { didYouMean, LapcatError } from "@lapcat/diagnostic";
import { type KeptVolumes } from "@lapcat/engine-docker";
import { type VolumeRow, volumeTable } from "@lapcat/report";
import { claimUses } from "@lapcat/store";
import { exitCodes } from "./exit-code.ts";
import { interrupts } from "./interrupts.ts";
import { type ListFormat, printValue } from "./print-value.ts";
import { storeOf } from "./stored-run.ts";
import { openChosen } from "./sweep.ts";
import { tell, tellFailure } from "./tell.ts";
import { type Command, type World } from "./world.ts";

export interface VolumeOptions {
  readonly engine: string;
}

export interface VolumeLsOptions extends VolumeOptions {
  readonly size: boolean;
  readonly output: ListFormat;
}

/** The volumes of claims that outlive runs: what runs with `persistentVolumeClaim` have written. */
export const volumeLs: Command<VolumeLsOptions> = (world, options) =>
  withVolumes(world, options, async (volumes) => {
    const found = await volumes.list(options.size);
    const uses = claimUses(storeOf(world).root);
    const rows = await Promise.all(
      found.map(async ({ claim, volume, createdAt, bytes }): Promise<VolumeRow> => {
        const last = await uses.last(claim);
        return { claim, volume, bytes, createdAt: timeOf(createdAt), usedAt: last?.at, usedBy: last?.run };
      }),
    );
    if (options.output === "name") world.out.print(...rows.map(({ claim }) => claim));
    else if (options.output !== "text") await printValue(world, options.output, rows.map(asData));
    else if (rows.length === 0)
      world.err.print("No claim has a volume yet. `lapcat run -w name=W,claimName=C` makes one.");
    else world.out.print(...volumeTable(world.out.style, rows, Date.now()));
    return exitCodes.succeeded;
  });

/** Removes the volumes of claims. All are tried. */
export const volumeRm: Command<VolumeOptions, readonly [readonly string[]]> = (world, options, claims) =>
  withVolumes(world, options, async (volumes) => {
    const uses = claimUses(storeOf(world).root);
    let code: number = exitCodes.succeeded;
    for (const claim of new Set(claims)) {
      try {
        if (!(await volumes.remove(claim))) throw await unknown(volumes, claim);
        await uses.forget(claim);
        world.out.print(claim);
      } catch (error) {
        code = Math.max(code, tellFailure(world, error));
      }
    }
    return code;
  });

/** Copies between a claim's volume and this machine: `claim:/path DEST`, or `SRC claim:/path`. */
export const volumeCp: Command<VolumeOptions, readonly [string, string]> = (world, options, from, to) => {
  const [source, target] = [inClaim(from), inClaim(to)];
  if ((source === undefined) === (target === undefined)) {
    throw new LapcatError({
      code: "usage",
      message: "one of the two has to be in a claim's volume, and the other on this machine",
      hint: "lapcat volume cp source:/app ./app, or lapcat volume cp ./app source:/",
    });
  }
  return withVolumes(world, options, async (volumes) => {
    using asked = interrupts(() => world.err.print("removing what was begun"));
    const { cancel } = asked;
    let leftOut: readonly string[];
    try {
      leftOut =
        source === undefined
          ? await copyIn(volumes, from, target ?? { claim: "", path: "" }, cancel)
          : await copyOut(volumes, source, to, cancel);
    } catch (error) {
      if (cancel.aborted) return exitCodes.interrupted;
      throw error;
    }
    tell(
      world,
      leftOut.map((each) => ({ code: "path.escape", severity: "warning", message: `left out ${each}` })),
    );
    return exitCodes.succeeded;
  });
};

interface InClaim {
  readonly claim: string;
  /** Absolute, within the volume. */
  readonly path: string;
}

/** `claim:/path`. A path of this machine with a colon in it is written with `./` before it. */
function inClaim(text: string): InClaim | undefined {
  const groups = /^(?<claim>[^/.:][^/:]*):(?<path>.*)$/su.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const path = groups["path"] ?? "";
  if (path.split("/").includes("..")) {
    throw new LapcatError({
      code: "path.escape",
      message: `${path} leads out of the volume`,
      hint: "write it without ..",
    });
  }
  return { claim: groups["claim"] ?? "", path: posix.join("/", path) };
}

async function copyOut(
  volumes: KeptVolumes,
  { claim, path }: InClaim,
  to: string,
  cancel: AbortSignal,
): Promise<readonly string[]> {
  const own = path === "/" ? claim : posix.basename(path);
  return volumes.copyOut(claim, path, (await isDirectory(to)) ? join(to, own) : resolve(to), cancel);
}

async function copyIn(
  volumes: KeptVolumes,
  from: string,
  { claim, path }: InClaim,
  cancel: AbortSignal,
): Promise<readonly string[]> {
  try {
    await stat(from);
  } catch (cause) {
    throw new LapcatError({ code: "usage", message: `there is no ${from}` }, cause);
  }
  // As `cp` and `docker cp` have it: of `DIR/.` what is in it.
  const name = /(?:^|\/)\.\/?$/u.test(from) ? "" : basename(resolve(from));
  return volumes.copyIn(from, name, claim, path, cancel);
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function withVolumes(
  world: World,
  { engine: choice }: VolumeOptions,
  use: (volumes: KeptVolumes) => Promise<number>,
): Promise<number> {
  const engine = await openChosen(world, choice);
  try {
    const { DockerEngine } = await import("@lapcat/engine-docker");
    if (!(engine instanceof DockerEngine)) throw new Error("an engine without volumes");
    return await use(await engine.keptVolumes());
  } finally {
    await engine.close();
  }
}

async function unknown(volumes: KeptVolumes, claim: string): Promise<LapcatError> {
  const known = (await volumes.list(false)).map((each) => each.claim);
  const near = didYouMean(claim, known);
  return new LapcatError({
    code: "usage",
    message: `there is no volume of a claim ${JSON.stringify(claim)}`,
    hint: near === undefined ? "`lapcat volume ls` lists them" : `Did you mean ${near}?`,
  });
}

function timeOf(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? undefined : at;
}

function asData({ claim, volume, bytes, createdAt, usedAt, usedBy }: VolumeRow): unknown {
  const time = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : new Date(at).toISOString();
  return { claim, volume, bytes, created: time(createdAt), lastUsed: time(usedAt), lastUsedBy: usedBy };
}

import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { type default as Docker, type Container } from "dockerode";
import { posix } from "node:path";
import { type Readable } from "node:stream";
import { LapcatError } from "@lapcat/diagnostic";
import { asRunId, asVolumeName, type RunId } from "@lapcat/engine";
import { keptVolumeName } from "./claims.ts";
import { engineError, isMissing, leadsNowhere } from "./errors.ts";
import { type Host } from "./host.ts";
import { makeIdle } from "./idle-container.ts";
import { claimLabel, runLabel } from "./labels.ts";
import { copyInLocally, copyOutLocally } from "./local-copies.ts";
import { packTree } from "./pack-tree.ts";
import { removeContainer } from "./end-container.ts";
import { type LeftOut, unpackTree } from "./unpack-tree.ts";

/** The volume of a claim that outlives runs. */
export interface KeptVolume {
  readonly claim: string;
  /** The engine's name of it. */
  readonly volume: string;
  /** As the engine says it; older ones do not. */
  readonly createdAt: string | undefined;
  /** Only when asked for: the engine has to look at every file. */
  readonly bytes: number | undefined;
}

/** The volumes of persistentVolumeClaims: all that have our label and belong to no run. */
export interface KeptVolumes {
  list(withSizes: boolean): Promise<readonly KeptVolume[]>;
  /** False when there is none. Rejects with `engine.refused` when a container uses it. */
  remove(claim: string): Promise<boolean>;
  /** Copies a file or a directory of it to a path where nothing is. */
  copyOut(claim: string, path: string, destination: string, signal: AbortSignal): Promise<LeftOut>;
  /** Copies a file or a directory into it: to `path`, or below it where that is a directory. Makes the claim when absent. */
  copyIn(source: string, name: string, claim: string, path: string, signal: AbortSignal): Promise<LeftOut>;
}

export function keptVolumes(host: Host): KeptVolumes {
  const { docker } = host;
  const found = async (): Promise<readonly VolumeAnswer[]> => {
    try {
      const { Volumes } = await docker.listVolumes({ filters: { label: [claimLabel] } });
      return ((Volumes ?? []) as readonly VolumeAnswer[]).filter(isOurs);
    } catch (cause) {
      throw engineError(cause, "list volumes");
    }
  };
  const volumeOf = async (claim: string): Promise<string | undefined> =>
    (await found()).find((each) => each.Labels?.[claimLabel] === claim)?.Name;
  return {
    async list(withSizes) {
      const [volumes, sizes] = await Promise.all([found(), withSizes ? sizesOf(docker) : new Map<string, number>()]);
      return volumes
        .map(({ Name, Labels, CreatedAt }) => ({
          claim: Labels?.[claimLabel] ?? "",
          volume: Name,
          createdAt: CreatedAt,
          bytes: sizes.get(Name),
        }))
        .toSorted((a, b) => (a.claim < b.claim ? -1 : 1));
    },
    async remove(claim) {
      const volume = await volumeOf(claim);
      if (volume === undefined) return false;
      try {
        await docker.getVolume(volume).remove();
        return true;
      } catch (cause) {
        if (isMissing(cause)) return false;
        throw engineError(cause, `remove the volume of claim ${claim}`);
      }
    },
    async copyOut(claim, path, destination, signal) {
      const volume = await volumeOf(claim);
      if (volume === undefined) throw unknown(claim);
      if (host.directories !== undefined) {
        const copied = await copyOutLocally(await mountpointOf(docker, volume), path, destination, signal);
        if (copied === undefined) throw absent(claim, path);
        return copied;
      }
      return withVolume(host, volume, async (keeper) => {
        let archive: Readable;
        try {
          // Engines differ in how they name the members of a volume as a whole.
          archive = (await keeper.getArchive({
            path: path === "/" ? `${root}/.` : posix.join(root, path),
          })) as Readable;
        } catch (cause) {
          if (!isMissing(cause)) throw engineError(cause, `read the volume of claim ${claim}`);
          throw absent(claim, path, cause);
        }
        onAbort(signal, archive);
        return unpackTree(archive, destination, path === "/" ? "of a directory" : "of one");
      });
    },
    async copyIn(source, name, claim, path, signal) {
      const run = copyRun();
      const spec = { kind: "claim", name: asVolumeName("v"), claim, scope: "kept", directories: [] } as const;
      const isLocal = host.directories !== undefined;
      const { volume, mountpoint } = await host.claims.prepare(spec, run, isLocal);
      if (isLocal) {
        const copied = await copyInLocally(source, name, mountpoint, path, signal);
        if (copied !== undefined) return copied;
        const message = `${path} leads out of the volume of claim ${claim}, or through a file`;
        throw new LapcatError({ code: "path.escape", message });
      }
      return withVolume(host, volume, async (keeper) => {
        const at = posix
          .join(path, (await isDirectory(keeper, posix.join(root, path))) ? name : "")
          .replace(/^\/+/u, "");
        const leftOut: string[] = [];
        const archive = await packTree(source, at.replace(/\/+$/u, ""), (each) =>
          leftOut.push(`${JSON.stringify(each)}: neither a file nor a directory`),
        );
        onAbort(signal, archive);
        try {
          await keeper.putArchive(archive, { path: root });
        } catch (cause) {
          throw engineError(archive.errored ?? cause, `write to the volume of claim ${claim}`);
        }
        return leftOut;
      });
    },
  };
}

function absent(claim: string, path: string, cause?: unknown): LapcatError {
  return new LapcatError({ code: "usage", message: `the volume of claim ${claim} has no ${path}` }, cause);
}

function onAbort(signal: AbortSignal, archive: Readable): void {
  signal.addEventListener("abort", () => archive.destroy(new Error("cancelled")), { once: true });
}

async function mountpointOf(docker: Docker, volume: string): Promise<string> {
  try {
    return (await docker.getVolume(volume).inspect()).Mountpoint;
  } catch (cause) {
    throw engineError(cause, `look for the volume ${volume}`);
  }
}

/** Where a volume is mounted to be copied from and to. */
const root = "/v";

interface VolumeAnswer {
  readonly Name: string;
  readonly CreatedAt?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/** Made by us for a claim, and of no run: the label alone anybody can give, the name too, but not both by chance. */
function isOurs({ Name, Labels }: VolumeAnswer): boolean {
  const claim = Labels?.[claimLabel];
  return claim !== undefined && Labels?.[runLabel] === undefined && Name === keptVolumeName(claim);
}

function unknown(claim: string): LapcatError {
  return new LapcatError({
    code: "usage",
    message: `there is no volume of a claim ${JSON.stringify(claim)}`,
    hint: "`lapcat volume ls` lists them",
  });
}

async function sizesOf(docker: Docker): Promise<ReadonlyMap<string, number>> {
  try {
    const { Volumes = [] } = (await docker.df()) as { Volumes?: { Name: string; UsageData?: { Size: number } }[] };
    return new Map(Volumes.flatMap(({ Name, UsageData }) => (UsageData === undefined ? [] : [[Name, UsageData.Size]])));
  } catch (cause) {
    throw engineError(cause, "learn how large volumes are");
  }
}

async function isDirectory(keeper: Container, path: string): Promise<boolean> {
  try {
    // The slash asks for a directory.
    await keeper.infoArchive({ path: `${path}/` });
    return true;
  } catch (cause) {
    if (isMissing(cause) || leadsNowhere(cause)) return false;
    throw engineError(cause, `look at ${path} in a volume`);
  }
}

const copyPrefix = `volume-copy-${createHash("sha256").update(hostname()).digest("hex").slice(0, 8)}`;

/** Copies on this machine are runs of their own, named after their process: so a later one finds what a killed one left. */
function copyRun(): RunId {
  return asRunId(`${copyPrefix}-${process.pid}`);
}

async function withVolume<T>(host: Host, volume: string, use: (keeper: Container) => Promise<T>): Promise<T> {
  await removeAbandoned(host.docker);
  const pod = { run: copyRun(), name: randomBytes(4).toString("hex"), labels: {} };
  let keeper: Container;
  try {
    keeper = await makeIdle(host, pod, "keeper", [{ source: volume, at: root }]);
  } catch (cause) {
    throw engineError(cause, "reach a volume");
  }
  try {
    return await use(keeper);
  } finally {
    await removeContainer(keeper);
  }
}

async function removeAbandoned(docker: Docker): Promise<void> {
  const containers = await docker.listContainers({ all: true, filters: { label: [runLabel] } });
  const abandoned = containers.filter(({ Labels }) => {
    const run = Labels[runLabel] ?? "";
    return run.startsWith(`${copyPrefix}-`) && !isAlive(Number(run.slice(copyPrefix.length + 1)));
  });
  await Promise.all(abandoned.map(({ Id }) => removeContainer(docker.getContainer(Id))));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}

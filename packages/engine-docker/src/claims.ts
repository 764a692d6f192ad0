import { chmodSync, readdirSync } from "node:fs";
import { type default as Docker } from "dockerode";
import { LapcatError } from "@lapcat/diagnostic";
import { type RunId, type VolumeSpec } from "@lapcat/engine";
import { anchorProcess, type AnchorImage } from "./anchor.ts";
import { rootOwner } from "./archive.ts";
import { engineError, isMissing } from "./errors.ts";
import { claimLabel, runLabel } from "./labels.ts";
import { putIntoVolumes } from "./volume-archive.ts";

type ClaimSpec = Extract<VolumeSpec, { kind: "claim" }>;

export interface PreparedClaim {
  /** The engine's name of the volume. */
  readonly volume: string;
  /** Where it lies on the engine's machine. */
  readonly mountpoint: string;
}

export interface Claims {
  /** The claim's volume, made and opened to every uid when it did not exist. Done once per claim, whoever asks first. */
  prepare(spec: ClaimSpec, run: RunId, sameFilesystem: boolean): Promise<PreparedClaim>;
  exists(claim: string, run: RunId | undefined): Promise<boolean>;
  /** After a sweep the run's claims have to be looked for again. */
  forget(run: RunId): void;
}

export function claimVolumeName({ claim, scope }: Pick<ClaimSpec, "claim" | "scope">, run: RunId): string {
  return scope === "run" ? `lapcat-${run}-${claim}` : keptVolumeName(claim);
}

/** What engines take for a volume's name. Anything else would be a path to something else in a request. */
const volumeForm = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/u;

export function keptVolumeName(claim: string): string {
  return `lapcat-claim-${claim}`;
}

export function engineClaims(docker: Docker, product: "docker" | "podman", anchor: AnchorImage): Claims {
  const prepared = new Map<string, { readonly run: RunId; readonly work: Promise<PreparedClaim> }>();

  const mountpointOf = async (volume: string): Promise<string | undefined> => {
    try {
      return (await docker.getVolume(volume).inspect()).Mountpoint;
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw engineError(cause, `look for the volume ${volume}`);
    }
  };

  const openToAll = async (volume: string, mountpoint: string, run: RunId, sameFilesystem: boolean): Promise<void> => {
    if (sameFilesystem) chmodSync(mountpoint, 0o777);
    else await openThroughArchive(docker, product, await anchor.ready(), volume, run);
  };

  const make = async (spec: ClaimSpec, run: RunId, volume: string, sameFilesystem: boolean): Promise<PreparedClaim> => {
    const known = await mountpointOf(volume);
    if (known !== undefined) {
      // Whoever made it may have been killed before he opened it: of a run that goes on nobody knows, another has nothing in it then.
      if (spec.scope === "run") await openToAll(volume, known, run, sameFilesystem);
      else if (sameFilesystem && readdirSync(known).length === 0) chmodSync(known, 0o777);
      return { volume, mountpoint: known };
    }
    const labels = { [claimLabel]: spec.claim, ...(spec.scope === "run" ? { [runLabel]: run } : {}) };
    try {
      await docker.createVolume({ Name: volume, Labels: labels });
      const { Mountpoint } = await docker.getVolume(volume).inspect();
      await openToAll(volume, Mountpoint, run, sameFilesystem);
      return { volume, mountpoint: Mountpoint };
    } catch (cause) {
      // A volume that nobody but root can write must not look prepared to the next run.
      await docker
        .getVolume(volume)
        .remove({ force: true })
        .catch(() => undefined);
      throw engineError(cause, `make the volume ${volume}`);
    }
  };

  return {
    prepare(spec, run, sameFilesystem) {
      const volume = claimVolumeName(spec, run);
      if (!volumeForm.test(volume)) {
        const message = `no volume can be named after the claim ${JSON.stringify(spec.claim)}`;
        return Promise.reject(new LapcatError({ code: "engine.refused", message }));
      }
      let entry = prepared.get(volume);
      if (entry === undefined) {
        const work = make(spec, run, volume, sameFilesystem).catch((cause: unknown) => {
          prepared.delete(volume);
          throw cause;
        });
        entry = { run, work };
        prepared.set(volume, entry);
      }
      return entry.work;
    },
    exists: async (claim, run) =>
      (await mountpointOf(
        run === undefined ? keptVolumeName(claim) : claimVolumeName({ claim, scope: "run" }, run),
      )) !== undefined,
    forget(run) {
      for (const [volume, entry] of prepared) if (entry.run === run) prepared.delete(volume);
    },
  };
}

async function openThroughArchive(
  docker: Docker,
  product: "docker" | "podman",
  image: string,
  volume: string,
  run: RunId,
): Promise<void> {
  const keeper = await docker.createContainer({
    Image: image,
    Entrypoint: [...anchorProcess],
    Labels: { [runLabel]: run },
    NetworkDisabled: true,
    HostConfig: { Mounts: [{ Type: "volume", Source: volume, Target: "/v", ReadOnly: false, VolumeOptions: noCopy }] },
  });
  try {
    const entries = [{ path: "", kind: "directory", mode: 0o777, ...rootOwner }] as const;
    await putIntoVolumes(product, keeper, [{ at: "/v", entries }]);
  } finally {
    await keeper.remove({ force: true });
  }
}

/** The image's content under a mount path must not leak into an empty volume, nor its owner and mode. */
export const noCopy = { NoCopy: true, Labels: {}, DriverConfig: { Name: "local", Options: {} } };

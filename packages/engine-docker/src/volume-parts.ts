import { closeSync } from "node:fs";
import { join } from "node:path";
import { type MountSettings } from "dockerode";
import { LapcatError } from "@lapcat/diagnostic";
import { type MountSpec, type PodSpec } from "@lapcat/engine";
import { noCopy } from "./claims.ts";
import { containerName, labelsOf } from "./container-config.ts";
import { isMissing } from "./errors.ts";
import { type Host } from "./host.ts";
import { freshDirectory, type HeldInside, holdInside } from "./rooted-files.ts";
import { escapeError } from "./volumes.ts";

type Shared = Pick<MountSettings, "Target" | "ReadOnly">;

/**
 * Parts of volumes (`subPath`), mounted as what they are when the pod is opened. A name would be looked up when a container starts, and by
 * then an earlier step may have put a link to anywhere on the machine in its place. So the engine is given our open directory, as a
 * volume: it mounts that in its own mount namespace, which is ours.
 */
export interface VolumeParts {
  /** `volume` is its directory, `beside` one of ours for second names of its files. */
  mountSettings(mount: MountSpec, volume: string, beside: string, shared: Shared): Promise<MountSettings>;
  remove(): Promise<void>;
}

export function volumeParts({ docker }: Host, pod: PodSpec): VolumeParts {
  const made: string[] = [];
  const open: number[] = [];
  let links = 0;
  return {
    async mountSettings(mount, volume, beside, shared) {
      const found = hold(mount, () =>
        holdInside(volume, mount.subPath ?? "", 0o777, () => join(freshDirectory(beside, 0o700), `f${links++}`)),
      );
      if (found.kind === "file") return { Type: "bind", Source: found.path, ...shared };
      open.push(found.descriptor);
      const source = containerName(pod, `s${made.length}`);
      made.push(source);
      await docker.createVolume({
        Name: source,
        Labels: labelsOf(pod, "volume"),
        DriverOpts: { type: "none", o: "bind", device: `/proc/${process.pid}/fd/${found.descriptor}` },
      });
      return { Type: "volume", Source: source, VolumeOptions: noCopy, ...shared };
    },
    async remove() {
      await Promise.all(
        made.map(async (volume) => {
          try {
            await docker.getVolume(volume).remove({ force: true });
          } catch (cause) {
            if (!isMissing(cause)) throw cause;
          }
        }),
      );
      for (const each of open.splice(0)) closeSync(each);
    },
  };
}

function hold(mount: MountSpec, take: () => HeldInside | undefined): HeldInside {
  try {
    const found = take();
    if (found !== undefined) return found;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EXDEV") throw cause;
    throw new LapcatError(
      {
        code: "engine.refused",
        message: `the single file ${mount.subPath} of the volume ${mount.volume} cannot be mounted: it lies on another filesystem than lapcat's directories`,
        hint: "mount the whole volume, or set TMPDIR to a directory of the engine's filesystem",
      },
      cause,
    );
  }
  throw escapeError(mount);
}

import { existsSync, mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type MountSettings } from "dockerode";
import { LapcatError } from "@lapcat/diagnostic";
import { type ContainerName, type MountSpec, type PodSpec, type VolumeName, type VolumeSpec } from "@lapcat/engine";
import { volumeFiles, volumeOwner } from "./archive.ts";
import { noCopy } from "./claims.ts";
import { engineError } from "./errors.ts";
import { type BindDirectories, type Host } from "./host.ts";
import {
  appendInside,
  freshDirectory,
  locateInside,
  makeDirectoryInside,
  putInside,
  readInside,
} from "./rooted-files.ts";
import { type VolumeParts, volumeParts } from "./volume-parts.ts";
import { escapeError, escapes, volumeOf, type Placement } from "./volumes.ts";

/** A volume's directory on this machine, and the engine's name for it where it has one. */
interface Placed {
  readonly spec: VolumeSpec;
  readonly directory: string;
  readonly engineVolume: string | undefined;
  /** A directory of ours alone: on the same filesystem, where the volume is ours. */
  readonly beside: string;
}

/** Volumes as directories of this machine. Everything lies below a 0700 directory: only the engine can hand the 0777 ones on. */
export async function placeByBind(host: Host, directories: BindDirectories, pod: PodSpec): Promise<Placement> {
  const roots = [directories.disk, ...(directories.memory === undefined ? [] : [directories.memory])].map((base) =>
    join(base, pod.run, pod.name),
  );
  const [disk = "", memory = disk] = roots;
  const parts = volumeParts(host, pod);
  const remove = async (): Promise<void> => {
    await parts.remove();
    await Promise.all(roots.map((root) => rm(root, { recursive: true, force: true })));
  };
  try {
    const volumes = new Map<VolumeName, Placed>();
    for (const [index, spec] of pod.volumes.entries()) {
      volumes.set(
        spec.name,
        await placeVolume(host, pod, spec, { disk: join(disk, `v${index}`), memory: join(memory, `v${index}`) }),
      );
    }
    const mountsOf = new Map<ContainerName, readonly MountSettings[]>();
    for (const { name, mounts } of pod.containers) {
      const settings = mounts.map(async (mount) => mountSettings(mount, placed(volumes, pod, mount.volume), parts));
      mountsOf.set(name, await Promise.all(settings));
    }
    return {
      mounts: (container) => mountsOf.get(container.name) ?? [],
      copies: () => [],
      put: async (volume, entries) => {
        for (const entry of entries) {
          if (!putInside(placed(volumes, pod, volume).directory, entry)) throw leadsOut(entry.path, volume);
        }
      },
      append: async (volume, path, content, owner) => {
        if (!appendInside(placed(volumes, pod, volume).directory, path, content, owner)) throw leadsOut(path, volume);
      },
      read: async (volume, path, limit) => readInside(placed(volumes, pod, volume).directory, path, limit),
      remove,
    };
  } catch (cause) {
    await remove();
    throw engineError(cause, `make the volumes of ${pod.name}`);
  }
}

function placed(volumes: ReadonlyMap<VolumeName, Placed>, pod: PodSpec, name: VolumeName): Placed {
  const found = volumes.get(name);
  if (found === undefined) throw new Error(`pod ${pod.name} has no volume ${volumeOf(pod, name).name}`);
  return found;
}

async function placeVolume(
  host: Host,
  pod: PodSpec,
  spec: VolumeSpec,
  paths: { readonly disk: string; readonly memory: string },
): Promise<Placed> {
  const beside = dirname(paths.disk);
  const { owner, openMode } = volumeOwner(pod.volumeGroup);
  const opened = (directory: string): void => {
    if (pod.volumeGroup !== undefined) putInside(directory, { path: "", kind: "directory", mode: openMode, ...owner });
  };
  switch (spec.kind) {
    case "scratch": {
      const directory = freshDirectory(spec.medium === "memory" ? paths.memory : paths.disk, 0o777);
      opened(directory);
      makeAll(directory, spec.directories, spec.name, openMode);
      return { spec, directory, engineVolume: undefined, beside: dirname(directory) };
    }
    case "files": {
      const secret = spec.files.some((file) => file.secret);
      const directory = freshDirectory(secret ? paths.memory : paths.disk, 0o755);
      for (const entry of volumeFiles(spec.files, pod.volumeGroup)) {
        if (!putInside(directory, entry)) throw leadsOut(entry.path, spec.name);
      }
      return { spec, directory, engineVolume: undefined, beside };
    }
    case "claim": {
      const { volume, mountpoint } = await host.claims.prepare(spec, pod.run, true);
      opened(mountpoint);
      makeAll(mountpoint, spec.directories, spec.name, openMode);
      return { spec, directory: mountpoint, engineVolume: volume, beside };
    }
    case "host":
      if (spec.make) mkdirSync(spec.path, { recursive: true, mode: 0o755 });
      // Podman would make it.
      else if (!existsSync(spec.path)) {
        const message = `the hostPath ${spec.path} of the volume ${spec.name} does not exist`;
        throw new LapcatError({ code: "engine.refused", message, hint: "type: DirectoryOrCreate makes a directory" });
      }
      return { spec, directory: spec.path, engineVolume: undefined, beside };
  }
}

function leadsOut(path: string, volume: VolumeName): LapcatError {
  return new LapcatError({ code: "path.escape", message: `${path} leads out of the volume ${volume}` });
}

function makeAll(root: string, directories: readonly string[], volume: VolumeName, mode: number): void {
  for (const directory of directories) {
    if (escapes(directory) || makeDirectoryInside(root, directory, mode) === undefined) {
      throw new LapcatError({
        code: "path.escape",
        message: `the directory ${JSON.stringify(directory)} cannot be made inside the volume ${volume}`,
      });
    }
  }
}

function mountSettings(
  mount: MountSpec,
  { spec, directory, engineVolume, beside }: Placed,
  parts: VolumeParts,
): MountSettings | Promise<MountSettings> {
  const shared = { Target: mount.path, ReadOnly: mount.readOnly || spec.kind === "files" };
  if (mount.subPath !== undefined && mount.subPath !== "") {
    if (escapes(mount.subPath)) throw escapeError(mount);
    if (spec.kind !== "files") return parts.mountSettings(mount, directory, beside, shared);
    // Nobody but us writes there.
    const found = locateInside(directory, mount.subPath) ?? makeDirectoryInside(directory, mount.subPath, 0o777);
    if (found === undefined) throw escapeError(mount);
    return { Type: "bind", Source: found, ...shared };
  }
  if (engineVolume === undefined) return { Type: "bind", Source: directory, ...shared };
  return { Type: "volume", Source: engineVolume, VolumeOptions: noCopy, ...shared };
}

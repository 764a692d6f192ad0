import { type Container, type MountSettings } from "dockerode";
import { LapcatError } from "@lapcat/diagnostic";
import { type PodSpec, type VolumeName, type VolumeSpec } from "@lapcat/engine";
import { type ArchiveEntry, volumeFiles, volumeOwner } from "./archive.ts";
import { ArchiveMounts } from "./archive-mounts.ts";
import { containerName, labelsOf } from "./container-config.ts";
import { createVolume, type Kept } from "./engine-volume.ts";
import { engineError, isMissing } from "./errors.ts";
import { makeHostDirectory } from "./host-directory.ts";
import { type Host } from "./host.ts";
import { makeIdle } from "./idle-container.ts";
import { VolumeReach } from "./volume-reach.ts";
import { escapes, prefixes, type Placement } from "./volumes.ts";

/**
 * Volumes as the engine's own, reached by archives through a container that mounts them all and need not run. Only where a volume lives
 * in memory does it run: such a volume is lost when nobody holds it.
 */
export async function placeByArchive(host: Host, pod: PodSpec): Promise<Placement> {
  const made: string[] = [];
  let keeper: Container | undefined;
  let holder: Container | undefined;
  const remove = async (): Promise<void> => {
    await Promise.all(
      [keeper, holder].map(async (each) => each?.remove({ force: true, v: true }).catch(unlessMissing)),
    );
    await Promise.all(made.map((volume) => host.docker.getVolume(volume).remove({ force: true }).catch(unlessMissing)));
  };
  try {
    const kept = new Map<VolumeName, Kept>();
    const prepared = await Promise.all(pod.volumes.map((spec, index) => makeVolume(host, pod, spec, index, made)));
    for (const each of prepared) kept.set(each.spec.name, each);
    keeper = await makeKeeper(host, pod, prepared);
    const reach = new VolumeReach(host, keeper, pod, kept);
    await reach.putAll(prepared.map((each) => ({ at: each.at, entries: initialEntries(each.spec, pod) })));
    const mounts = new ArchiveMounts({ host, keeper, pod, kept, made, putAll: (volumes) => reach.putAll(volumes) });
    const mountsOf = new Map<string, readonly MountSettings[]>();
    const copiesOf = new Map<string, readonly ArchiveEntry[]>();
    for (const container of pod.containers) {
      const copied = container.mounts.filter((mount) => mounts.fileOf(mount) !== undefined);
      const mounted = container.mounts.filter((mount) => !copied.includes(mount));
      copiesOf.set(
        container.name,
        copied.flatMap((mount) => mounts.fileOf(mount) ?? []),
      );
      mountsOf.set(container.name, await Promise.all(mounted.map((mount) => mounts.settingsOf(mount))));
    }
    holder = await mounts.holdParts();
    return {
      mounts: (container) => mountsOf.get(container.name) ?? [],
      copies: (container) => copiesOf.get(container.name) ?? [],
      put: (volume, files) => reach.put(volume, files),
      read: (volume, path, limit) => reach.read(volume, path, limit),
      append: (volume, path, content, owner) => reach.append(volume, path, content, owner),
      remove,
    };
  } catch (cause) {
    await remove();
    throw engineError(cause, `make the volumes of ${pod.name}`);
  }
}

function unlessMissing(cause: unknown): void {
  if (!isMissing(cause)) throw cause;
}

const inMemory = (spec: VolumeSpec): boolean => spec.kind === "scratch" && spec.medium === "memory";

async function makeVolume(host: Host, pod: PodSpec, spec: VolumeSpec, index: number, made: string[]): Promise<Kept> {
  const at = `/v/${index}`;
  if (spec.kind === "host") {
    if (spec.make) await makeHostDirectory(host, pod, spec.path, `maker${index}`);
    return { spec, source: spec.path, mountpoint: undefined, at };
  }
  if (spec.kind === "claim") {
    const { volume, mountpoint } = await host.claims.prepare(spec, pod.run, false);
    return { spec, source: volume, mountpoint, at };
  }
  const source = containerName(pod, `v${index}`);
  const size = spec.kind === "scratch" && spec.sizeLimit !== undefined ? `,${sizeOption(host, spec.sizeLimit)}` : "";
  made.push(source);
  const mountpoint = await createVolume(
    host.docker,
    source,
    labelsOf(pod, "volume"),
    inMemory(spec) ? { type: "tmpfs", device: "tmpfs", o: `mode=0777${size}` } : {},
  );
  return { spec, source, mountpoint, at };
}

/** Podman takes `size` for a quota of its own, whatever the type; the kernel knows the same in pages. */
function sizeOption({ product }: Host, bytes: number): string {
  return product === "podman" ? `nr_blocks=${Math.ceil(bytes / 4096)}` : `size=${bytes}`;
}

async function makeKeeper(host: Host, pod: PodSpec, kept: readonly Kept[]): Promise<Container> {
  const keeper = await makeIdle(
    host,
    pod,
    "keeper",
    kept.filter(({ spec }) => spec.kind !== "host"),
  );
  if (kept.some(({ spec }) => inMemory(spec))) {
    try {
      await keeper.start();
    } catch (cause) {
      await keeper.remove({ force: true });
      throw cause;
    }
  }
  return keeper;
}

/** What a fresh pod puts into a volume; paths are relative to it. */
function initialEntries(spec: VolumeSpec, pod: PodSpec): readonly ArchiveEntry[] {
  const { owner, openMode } = volumeOwner(pod.volumeGroup);
  const open = (path: string): ArchiveEntry => ({ path, kind: "directory", mode: openMode, ...owner });
  switch (spec.kind) {
    case "host":
      return [];
    case "files":
      return volumeFiles(spec.files, pod.volumeGroup);
    case "claim":
    case "scratch": {
      for (const directory of spec.directories) {
        if (escapes(directory)) {
          throw new LapcatError({
            code: "path.escape",
            message: `the directory ${JSON.stringify(directory)} of ${pod.name} leads out of the volume ${spec.name}`,
          });
        }
      }
      const all = spec.directories.flatMap((directory) => prefixes(directory).map(open));
      return spec.kind === "scratch" || pod.volumeGroup !== undefined ? [open(""), ...all] : all;
    }
  }
}

import { type default as Docker } from "dockerode";
import { type PodSpec, type VolumeName, type VolumeSpec } from "@lapcat/engine";
import { volumeOf } from "./volumes.ts";

/** A volume of the engine, mounted into the keeper at `at`. `mountpoint` is its place on the engine's machine. */
export interface Kept {
  readonly spec: VolumeSpec;
  readonly source: string;
  readonly mountpoint: string | undefined;
  readonly at: string;
}

export function keptVolume(kept: ReadonlyMap<VolumeName, Kept>, pod: PodSpec, name: VolumeName): Kept {
  const found = kept.get(name);
  if (found === undefined) throw new Error(`pod ${pod.name} has no volume ${volumeOf(pod, name).name}`);
  return found;
}

export async function createVolume(
  docker: Docker,
  name: string,
  labels: Record<string, string>,
  options: Record<string, string>,
): Promise<string> {
  const created = (await docker.createVolume({ Name: name, Labels: labels, DriverOpts: options })) as unknown as {
    readonly Mountpoint?: string;
  };
  return created.Mountpoint ?? (await docker.getVolume(name).inspect()).Mountpoint;
}

import { asVolumeName, type ContainerSpec, type VolumeSpec } from "@lapcat/engine";
import { internalPaths } from "@lapcat/tekton";

interface Parts {
  readonly volumes: readonly VolumeSpec[];
  readonly containers: readonly ContainerSpec[];
}

/**
 * Tekton gives every step a volume in memory for its credentials. Here they lie in the container itself, which costs nothing, but where
 * nothing may be written there.
 */
export function withCredentialVolumes({ volumes, containers }: Parts): Parts {
  const made: VolumeSpec[] = [];
  const mounted = containers.map((container, index): ContainerSpec => {
    const { files, mounts, security } = container;
    const own = mounts.some(({ path }) => path === internalPaths.creds);
    if (files.length === 0 || !security.readOnlyRootFilesystem || own) return container;
    const name = asVolumeName(`tekton-creds-init-home-${index}`);
    made.push({ kind: "scratch", name, medium: "memory", directories: [] });
    return { ...container, mounts: [...mounts, { volume: name, path: internalPaths.creds, readOnly: false }] };
  });
  return { volumes: [...volumes, ...made], containers: mounted };
}

import { internalPaths } from "@lapcat/tekton";
import { type FileSpec, type MountSpec, type VolumeSpec } from "@lapcat/engine";
import { cleanPath } from "./paths.ts";
import { internalVolumes } from "./internal-volumes.ts";

/**
 * The volumes Tekton gives every step, for steps of these names in paths. Where Tekton has one volume a step for `/tekton/run/<i>`, this is one volume with a directory a step:
 * a step writes into its own and reads the others'. `/tekton/bin` and `/tekton/downward` serve Tekton's entrypoint only; there is none.
 */
export function implicitVolumes(steps: readonly string[]): readonly VolumeSpec[] {
  const scratch = (name: VolumeSpec["name"], directories: readonly string[] = []): VolumeSpec => ({
    kind: "scratch",
    name,
    medium: "disk",
    directories,
  });
  const link = (path: string, index: number): FileSpec => ({
    path,
    content: { kind: "link", target: `${internalPaths.run}/${index}/status` },
    mode: 0o777,
    secret: false,
  });
  return [
    scratch(internalVolumes.workspace),
    scratch(internalVolumes.home),
    scratch(internalVolumes.results),
    {
      kind: "files",
      name: internalVolumes.steps,
      files: steps.flatMap((name, index) => [link(name, index), link(String(index), index)]),
    },
    scratch(internalVolumes.artifacts),
    scratch(
      internalVolumes.run,
      steps.flatMap((_, index) => [`${index}/status/results`, `${index}/status/artifacts`]),
    ),
  ];
}

/** What a step gets without asking, but where it mounts something of its own at the same path. */
export function implicitMounts(step: number, steps: number, own: readonly MountSpec[]): readonly MountSpec[] {
  const mount = (volume: MountSpec["volume"], path: string, readOnly = false): MountSpec => ({
    volume,
    path,
    readOnly,
  });
  // The only step's directory needs no wall around it.
  const run: readonly MountSpec[] =
    steps === 1
      ? [mount(internalVolumes.run, internalPaths.run)]
      : [
          mount(internalVolumes.run, internalPaths.run, true),
          { volume: internalVolumes.run, path: `${internalPaths.run}/${step}`, subPath: String(step), readOnly: false },
        ];
  const all = [
    mount(internalVolumes.workspace, internalPaths.workspace),
    mount(internalVolumes.home, internalPaths.home),
    mount(internalVolumes.results, internalPaths.results),
    mount(internalVolumes.steps, internalPaths.steps, true),
    mount(internalVolumes.artifacts, internalPaths.artifacts),
    ...run,
  ];
  const taken = new Set(own.map(({ path }) => cleanPath(path)));
  return all.filter(({ path }) => !taken.has(path));
}

/** What a step sees at `/tekton/steps/<container>`, as a path in `internalVolumes.run`. */
export function stepDirectory(step: number): string {
  return `${step}/status`;
}

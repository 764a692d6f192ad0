import { asVolumeName, type EnvVar, type MountSpec, type VolumeName } from "@lapcat/engine";
import { expandKubernetes } from "@lapcat/substitution";
import { type VolumeMount } from "@lapcat/tekton";
import { type Place } from "./complaints.ts";
import { cleanPath, joinPath, staysInside } from "./paths.ts";
import { type PodContext } from "./pod-context.ts";
import { type PodVolume } from "./volumes.ts";

export type Volumes = ReadonlyMap<VolumeName, PodVolume>;

/** A container's own mounts. `env` is for `subPathExpr`. */
export function mountsOf(
  mounts: readonly VolumeMount[],
  volumes: Volumes,
  env: readonly EnvVar[],
  at: Place,
  pod: PodContext,
): readonly MountSpec[] {
  const taken = new Set<string>();
  return mounts.flatMap((mount, index): readonly MountSpec[] => {
    const place = [...at, "volumeMounts", index];
    const path = joinPath("/", mount.mountPath);
    if (taken.has(path)) {
      pod.complaints.error("field.duplicate", `two volumes are mounted at ${JSON.stringify(path)}`, place);
      return [];
    }
    taken.add(path);
    const name = asVolumeName(mount.name);
    const volume = volumes.get(name);
    if (volume === undefined) {
      pod.complaints.error("field.value", `there is no volume ${JSON.stringify(mount.name)}`, [...place, "name"]);
      return [];
    }
    for (const field of ["mountPropagation", "recursiveReadOnly"] as const) {
      if (mount[field] !== undefined && mount[field] !== "None" && mount[field] !== "Disabled")
        pod.complaints.warning("field.no-effect", `${field} is not used here`, [...place, field]);
    }
    const written =
      mount.subPathExpr === undefined || mount.subPathExpr === ""
        ? (mount.subPath ?? "")
        : expandKubernetes(mount.subPathExpr, new Map(env.map((each) => [each.name, each.value])));
    if (!staysInside(written)) {
      pod.complaints.error(
        "path.escape",
        `subPath ${JSON.stringify(written)} leads out of volume ${JSON.stringify(mount.name)}`,
        [...place, mount.subPath === undefined ? "subPathExpr" : "subPath"],
        "write a relative path without ..",
      );
      return [];
    }
    const subPath = cleanPath(written);
    if (
      volume.spec.kind === "files" &&
      subPath !== "." &&
      !volume.spec.files.some((file) => file.path === subPath || file.path.startsWith(`${subPath}/`))
    ) {
      pod.complaints.error(
        "key.missing",
        `volume ${JSON.stringify(mount.name)} has no file ${JSON.stringify(subPath)}`,
        place,
      );
      return [];
    }
    return [
      {
        volume: name,
        path,
        ...(subPath === "." ? {} : { subPath }),
        readOnly: mount.readOnly === true || volume.readOnly,
      },
    ];
  });
}

/** Parents before what is mounted into them. */
export function inDepthOrder(mounts: readonly MountSpec[]): readonly MountSpec[] {
  const depth = (path: string): number => (path === "/" ? 0 : cleanPath(path).split("/").length);
  return mounts.toSorted((one, other) => depth(one.path) - depth(other.path));
}

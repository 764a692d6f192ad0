import { asVolumeName, type VolumeSpec } from "@lapcat/engine";
import { parseQuantity, type EmptyDirVolumeSource, type Volume } from "@lapcat/tekton";
import { type Place } from "./complaints.ts";
import { type PodContext } from "./pod-context.ts";
import { configMapFiles, downwardFiles, projectedFiles, secretFiles } from "./volume-files.ts";

/** A volume of the Pod, and whether its own source makes every mount of it read-only. */
export interface PodVolume {
  readonly spec: VolumeSpec;
  readonly readOnly: boolean;
}

/** What stands behind a claim is found by its name: `run` when the run made it, otherwise the user's own. */
export type ClaimScope = (claimName: string) => "run" | "kept";

/** Undefined when it cannot be had, which is complained about. */
export function podVolume(volume: Volume, at: Place, scopeOf: ClaimScope, pod: PodContext): PodVolume | undefined {
  const name = asVolumeName(volume.name);
  const files = (given: Extract<VolumeSpec, { kind: "files" }>["files"]): PodVolume => ({
    spec: { kind: "files", name, files: given },
    readOnly: true,
  });
  if (volume.configMap !== undefined) return files(configMapFiles(volume.configMap, [...at, "configMap"], pod));
  if (volume.secret !== undefined) return files(secretFiles(volume.secret, [...at, "secret"], pod));
  if (volume.projected !== undefined) return files(projectedFiles(volume.projected, [...at, "projected"], pod));
  if (volume.downwardAPI !== undefined) {
    const { items, defaultMode } = volume.downwardAPI;
    return files(downwardFiles(items ?? [], defaultMode ?? 0o644, [...at, "downwardAPI"], pod));
  }
  if (volume.persistentVolumeClaim !== undefined) {
    const { claimName, readOnly } = volume.persistentVolumeClaim;
    return {
      spec: { kind: "claim", name, claim: claimName, scope: scopeOf(claimName), directories: [] },
      readOnly: readOnly === true,
    };
  }
  const sources = Object.keys(volume).filter((key) => key !== "name");
  const [other] = sources.filter((key) => key !== "emptyDir");
  if (other !== undefined) {
    const hint = other === "hostPath" ? "use a workspace, a persistentVolumeClaim or an emptyDir" : undefined;
    pod.complaints.error(
      "field.unsupported",
      `a ${other} volume (${JSON.stringify(volume.name)}) is not executed here`,
      [...at, other],
      hint,
    );
    return undefined;
  }
  // A volume without a source is an emptyDir to Kubernetes' defaulting.
  return { spec: scratch(name, volume.emptyDir ?? {}, at, pod), readOnly: false };
}

function scratch(name: VolumeSpec["name"], source: EmptyDirVolumeSource, at: Place, pod: PodContext): VolumeSpec {
  const medium = source.medium ?? "";
  if (medium !== "" && medium !== "Memory")
    pod.complaints.warning("field.no-effect", `medium ${JSON.stringify(medium)} is served from disk`, [
      ...at,
      "emptyDir",
      "medium",
    ]);
  const size = source.sizeLimit === undefined ? undefined : parseQuantity(source.sizeLimit);
  if (source.sizeLimit !== undefined && size === undefined)
    pod.complaints.error("field.value", `${JSON.stringify(source.sizeLimit)} is no quantity`, [
      ...at,
      "emptyDir",
      "sizeLimit",
    ]);
  if (size !== undefined && medium !== "Memory")
    pod.complaints.warning("field.no-effect", "an emptyDir on disk is not kept below its sizeLimit here", [
      ...at,
      "emptyDir",
      "sizeLimit",
    ]);
  return {
    kind: "scratch",
    name,
    medium: medium === "Memory" ? "memory" : "disk",
    ...(size === undefined ? {} : { sizeLimit: size }),
    directories: [],
  };
}

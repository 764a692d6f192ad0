import { asVolumeName, type VolumeSpec } from "@lapcat/engine";
import { parseQuantity, type EmptyDirVolumeSource, type Volume } from "@lapcat/tekton";
import { type Place } from "./complaints.ts";
import { below, cleanPath } from "./paths.ts";
import { type PodContext } from "./pod-context.ts";
import { configMapFiles, downwardFiles, projectedFiles, secretFiles } from "./volume-files.ts";

/** A volume of the Pod, and whether its own source makes every mount of it read-only. */
export interface PodVolume {
  readonly spec: VolumeSpec;
  readonly readOnly: boolean;
}

/** What stands behind a claim is found by its name: `run` when the run made it, otherwise the user's own. */
export type ClaimScope = (claimName: string) => "run" | "kept";

/** A Kubernetes object's name. The engine's volume is named after it. */
const claimForm = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/u;

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
    if (!claimForm.test(claimName)) {
      const hint = "small letters, digits, - and ., at most 253; it begins and ends with a letter or digit";
      pod.complaints.error("field.value", `a claim cannot be called ${JSON.stringify(claimName)}`, at, hint);
      return undefined;
    }
    return {
      spec: { kind: "claim", name, claim: claimName, scope: scopeOf(claimName), directories: [] },
      readOnly: readOnly === true,
    };
  }
  if (volume.hostPath !== undefined) return hostVolume(name, volume.hostPath, [...at, "hostPath"], pod);
  const sources = Object.keys(volume).filter((key) => key !== "name");
  const [other] = sources.filter((key) => key !== "emptyDir" && key !== "ephemeral");
  if (other !== undefined) {
    pod.complaints.error(
      "field.unsupported",
      `a ${other} volume (${JSON.stringify(volume.name)}) is not executed here`,
      [...at, other],
      "a persistentVolumeClaim outlives the run, an emptyDir does not",
    );
    return undefined;
  }
  // A volume without a source is an emptyDir to Kubernetes' defaulting; an ephemeral one lives as long as the Pod, as that does.
  return { spec: scratch(name, volume.emptyDir ?? {}, at, pod), readOnly: false };
}

const hostPathTypes = [
  "",
  "DirectoryOrCreate",
  "Directory",
  "FileOrCreate",
  "File",
  "Socket",
  "CharDevice",
  "BlockDevice",
];

function hostVolume(
  name: VolumeSpec["name"],
  { path, type = "" }: NonNullable<Volume["hostPath"]>,
  at: Place,
  pod: PodContext,
): PodVolume | undefined {
  const clean = cleanPath(path);
  if (!path.startsWith("/") || path.split("/").includes("..")) {
    pod.complaints.error("field.value", `a hostPath is absolute, without .., and this is ${JSON.stringify(path)}`, [
      ...at,
      "path",
    ]);
    return undefined;
  }
  if (!hostPathTypes.includes(type)) {
    pod.complaints.error("field.value", `${JSON.stringify(type)} is no type of hostPath`, [...at, "type"]);
    return undefined;
  }
  if (!pod.hostPaths.some((allowed) => below(cleanPath(allowed), clean) !== undefined)) {
    pod.complaints.error(
      "volume.forbidden",
      `the volume ${JSON.stringify(name)} is ${clean} of this machine, which nobody allowed`,
      at,
      `--allow-host-path ${clean} allows it; a persistentVolumeClaim or an emptyDir needs no such leave`,
    );
    return undefined;
  }
  if (type === "FileOrCreate") {
    pod.complaints.error(
      "field.unsupported",
      "a hostPath of type FileOrCreate is not made here",
      [...at, "type"],
      "make the file and say File",
    );
    return undefined;
  }
  return { spec: { kind: "host", name, path: clean, make: type === "DirectoryOrCreate" }, readOnly: false };
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

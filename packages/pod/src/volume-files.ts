import { type FileSpec } from "@lapcat/engine";
import {
  type ConfigMapVolumeSource,
  type DownwardItem,
  type KeyToPath,
  type ProjectedVolumeSource,
  type SecretVolumeSource,
} from "@lapcat/tekton";
import { base64Of, textOf } from "./bytes.ts";
import { type Place } from "./complaints.ts";
import { type ObjectKind } from "./object-store.ts";
import { staysInside } from "./paths.ts";
import { type PodContext } from "./pod-context.ts";
import { podField, resourceField } from "./pod-facts.ts";

const usualMode = 0o644;

interface KeyedSource {
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

export function configMapFiles(source: ConfigMapVolumeSource, at: Place, pod: PodContext): readonly FileSpec[] {
  return objectFiles("configMap", source.name ?? "", source, source.defaultMode ?? usualMode, at, pod);
}

export function secretFiles(source: SecretVolumeSource, at: Place, pod: PodContext): readonly FileSpec[] {
  return objectFiles("secret", source.secretName ?? "", source, source.defaultMode ?? usualMode, at, pod);
}

/** The files of several sources in one volume; of two at one path the later stands. */
export function projectedFiles(source: ProjectedVolumeSource, at: Place, pod: PodContext): readonly FileSpec[] {
  const mode = source.defaultMode ?? usualMode;
  const files = (source.sources ?? []).flatMap((each, index): readonly FileSpec[] => {
    const place = [...at, "sources", index];
    const parts: FileSpec[] = [];
    for (const kind of Object.keys(each)) {
      if (!["secret", "configMap", "downwardAPI"].includes(kind))
        pod.complaints.error(
          "field.unsupported",
          `a projected ${kind} has no equal outside a cluster`,
          [...place, kind],
          kind === "serviceAccountToken"
            ? "put a token of your own into a Secret: --secret NAME.token=FILE"
            : undefined,
        );
    }
    if (each.secret !== undefined)
      parts.push(...objectFiles("secret", each.secret.name ?? "", each.secret, mode, [...place, "secret"], pod));
    if (each.configMap !== undefined)
      parts.push(
        ...objectFiles("configMap", each.configMap.name ?? "", each.configMap, mode, [...place, "configMap"], pod),
      );
    if (each.downwardAPI !== undefined)
      parts.push(...downwardFiles(each.downwardAPI.items ?? [], mode, [...place, "downwardAPI"], pod));
    return parts;
  });
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

export function downwardFiles(
  items: readonly DownwardItem[],
  defaultMode: number,
  at: Place,
  pod: PodContext,
): readonly FileSpec[] {
  return items.flatMap((item, index): readonly FileSpec[] => {
    const place = [...at, "items", index];
    if (!isInside(item.path, [...place, "path"], pod)) return [];
    const answer = downwardAnswer(item, place, pod);
    if (answer?.known !== true) return [];
    return [
      { path: item.path, content: { kind: "text", text: answer.value }, mode: item.mode ?? defaultMode, secret: false },
    ];
  });
}

function downwardAnswer(
  { fieldRef, resourceFieldRef }: DownwardItem,
  at: Place,
  pod: PodContext,
): ReturnType<typeof podField> | undefined {
  if (fieldRef !== undefined) {
    const answer = podField(fieldRef.fieldPath, pod.facts);
    if (!answer.known)
      pod.complaints.error("field.unsupported", `fieldRef ${JSON.stringify(fieldRef.fieldPath)} is not known here`, at);
    return answer;
  }
  if (resourceFieldRef === undefined) {
    pod.complaints.error("field.missing", "an item of a downwardAPI volume needs fieldRef or resourceFieldRef", at);
    return undefined;
  }
  const { containerName = "", resource } = resourceFieldRef;
  if (!pod.facts.resources.has(containerName)) {
    pod.complaints.error("field.value", `there is no container ${JSON.stringify(containerName)} in the Pod`, at);
    return undefined;
  }
  const answer = resourceField(resourceFieldRef, pod.facts.resources.get(containerName));
  if (!answer.known)
    pod.complaints.error(
      "field.unsupported",
      `resourceFieldRef ${JSON.stringify(resource)} asks for what ${containerName} does not state`,
      at,
    );
  return answer;
}

function objectFiles(
  kind: ObjectKind,
  name: string,
  source: KeyedSource,
  defaultMode: number,
  at: Place,
  pod: PodContext,
): readonly FileSpec[] {
  const object = pod.objects.find(kind, name, { optional: source.optional === true, at });
  if (object === undefined) return [];
  const items: readonly KeyToPath[] = source.items ?? object.keys().map((key) => ({ key, path: key }));
  return items.flatMap((item, index): readonly FileSpec[] => {
    const place = source.items === undefined ? at : [...at, "items", index];
    const bytes = object.bytes(item.key);
    if (bytes === undefined) {
      const what = `key ${JSON.stringify(item.key)} of ${kind === "secret" ? "Secret" : "ConfigMap"} ${JSON.stringify(name)} does not exist`;
      if (source.optional !== true) pod.complaints.error("key.missing", what, place);
      return [];
    }
    if (!isInside(item.path, place, pod)) return [];
    if (kind === "secret") pod.secrets.add(bytes);
    return [{ path: item.path, content: contentOf(bytes), mode: item.mode ?? defaultMode, secret: kind === "secret" }];
  });
}

export function contentOf(bytes: Uint8Array): FileSpec["content"] {
  const text = textOf(bytes);
  return text === undefined ? { kind: "bytes", base64: base64Of(bytes) } : { kind: "text", text };
}

function isInside(path: string, at: Place, pod: PodContext): boolean {
  const inside = staysInside(path) && path !== "";
  if (!inside)
    pod.complaints.error(
      "path.escape",
      `${JSON.stringify(path)} leads out of the volume`,
      at,
      "write a relative path without ..",
    );
  return inside;
}

import { type EnvVar } from "@lapcat/engine";
import { expandKubernetes } from "@lapcat/substitution";
import { type EnvFromSource, type EnvVarDef, type ResourceRequirements } from "@lapcat/tekton";
import { type Place } from "./complaints.ts";
import { type PodContext } from "./pod-context.ts";
import { podField, resourceField } from "./pod-facts.ts";

export interface EnvironmentSources {
  readonly envFrom: readonly EnvFromSource[];
  /** In order; a later one of the same name wins. */
  readonly env: readonly EnvVarDef[];
  readonly resources: ResourceRequirements | undefined;
  /** Of the container that has them. */
  readonly at: Place;
}

/** Kubernetes' names of variables; others in a ConfigMap or Secret are passed over by `envFrom`. */
const variable = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/u;

/**
 * The container's own variables: `envFrom`, then `env`, in which `$(VAR)` names what came before (kubelet, makeEnvironmentVariables).
 * A reference to what does not exist is a complaint, unless it is optional.
 */
export function environmentOf(sources: EnvironmentSources, pod: PodContext): readonly EnvVar[] {
  const values = new Map<string, string>();
  sources.envFrom.forEach((source, index) => {
    for (const [key, value] of importedBy(source, [...sources.at, "envFrom", index], pod))
      values.set((source.prefix ?? "") + key, value);
  });
  sources.env.forEach((definition, index) => {
    const value = valueOf(definition, values, sources, [...sources.at, "env", index], pod);
    if (value !== undefined) values.set(definition.name, value);
  });
  return Array.from(values, ([name, value]) => ({ name, value }));
}

function importedBy(source: EnvFromSource, at: Place, pod: PodContext): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  const kinds = [
    ["configMap", source.configMapRef],
    ["secret", source.secretRef],
  ] as const;
  for (const [kind, reference] of kinds) {
    if (reference === undefined) continue;
    const name = reference.name ?? "";
    const object = pod.objects.find(kind, name, { optional: reference.optional === true, at });
    if (object === undefined) continue;
    for (const key of object.keys()) {
      const value = object.text(key);
      if (value === undefined || !variable.test((source.prefix ?? "") + key)) {
        pod.complaints.warning(
          "field.no-effect",
          `${JSON.stringify(key)} of ${kind === "secret" ? "Secret" : "ConfigMap"} ${JSON.stringify(name)} cannot be an environment variable and was passed over`,
          at,
        );
        continue;
      }
      if (kind === "secret") pod.secrets.add(value);
      found.push([key, value]);
    }
  }
  return found;
}

function valueOf(
  definition: EnvVarDef,
  before: ReadonlyMap<string, string>,
  sources: EnvironmentSources,
  at: Place,
  pod: PodContext,
): string | undefined {
  const place = [...at, "valueFrom"];
  const hasText = definition.value !== undefined && definition.value !== "";
  const given = Object.values(definition.valueFrom ?? {}).filter((source) => source !== undefined).length;
  if (given + (hasText ? 1 : 0) > 1)
    pod.complaints.error(
      "field.conflict",
      `the variable ${JSON.stringify(definition.name)} has a value or one source, and this one has more`,
      place,
      "a cluster makes no Pod of it; a stepTemplate's source is merged with a step's",
    );
  if (hasText) return expandKubernetes(definition.value, before);
  const { secretKeyRef, configMapKeyRef, fieldRef, resourceFieldRef } = definition.valueFrom ?? {};
  if (secretKeyRef !== undefined) {
    const value = pod.objects
      .find("secret", secretKeyRef.name ?? "", { optional: secretKeyRef.optional === true, at: place })
      ?.require(secretKeyRef);
    if (value !== undefined) pod.secrets.add(value);
    return value;
  }
  if (configMapKeyRef !== undefined) {
    return pod.objects
      .find("configMap", configMapKeyRef.name ?? "", { optional: configMapKeyRef.optional === true, at: place })
      ?.require(configMapKeyRef);
  }
  if (fieldRef !== undefined) {
    const answer = podField(fieldRef.fieldPath, pod.facts);
    if (answer.known) return answer.value;
    pod.complaints.error("field.unsupported", `fieldRef ${JSON.stringify(fieldRef.fieldPath)} is not known here`, [
      ...place,
      "fieldRef",
      "fieldPath",
    ]);
    return undefined;
  }
  if (resourceFieldRef !== undefined) {
    const answer = resourceField(resourceFieldRef, sources.resources);
    if (answer.known) return answer.value;
    pod.complaints.error(
      "field.unsupported",
      `resourceFieldRef ${JSON.stringify(resourceFieldRef.resource)} asks for what the container does not state`,
      [...place, "resourceFieldRef", "resource"],
    );
    return undefined;
  }
  return "";
}

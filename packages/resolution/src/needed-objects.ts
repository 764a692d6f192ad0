import { type Diagnostic, didYouMean } from "@lapcat/diagnostic";
import { formatPath, type Path } from "@lapcat/manifest";
import {
  type ClusterObjects,
  type EnvFromSource,
  type EnvVarDef,
  type KeyToPath,
  type Origin,
  type PodTemplate,
  type ProjectedVolumeSource,
  type TaskSpec,
  type Volume,
  type WorkspaceBinding,
} from "@lapcat/tekton";

/** A spec's place, for what is said of it. */
export interface Place {
  readonly origin: Origin;
  readonly path: Path;
}

/** Tells of every Secret, ConfigMap and key that is referred to and absent. Names made from params are known later only. */
export function objectChecker(objects: ClusterObjects): {
  readonly diagnostics: readonly Diagnostic[];
  task(spec: TaskSpec, place: Place): void;
  podTemplate(template: PodTemplate | undefined, place: Place): void;
  workspaces(bindings: readonly WorkspaceBinding[] | undefined, place: Place): void;
} {
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  const say = (code: Diagnostic["code"], { origin, path }: Place, message: string, hint: string | undefined): void => {
    const span = origin.spanOf(path);
    const place = `${code} ${span.file.name} ${span.start} ${message}`;
    if (seen.has(place)) return;
    seen.add(place);
    diagnostics.push({
      code,
      severity: "error",
      message,
      span,
      path: formatPath(path),
      ...(hint === undefined ? {} : { hint }),
    });
  };

  const need = (
    kind: "Secret" | "ConfigMap",
    name: string | undefined,
    optional: boolean | undefined,
    at: Place,
    keys: readonly { readonly key: string; readonly path: Path }[],
  ): void => {
    if (name === undefined || name === "" || name.includes("$(") || optional === true) return;
    const held = kind === "Secret" ? objects.secrets : objects.configMaps;
    const located = held.get(name);
    if (located === undefined) {
      const near = didYouMean(name, held.keys());
      const give = kind === "Secret" ? `Give it with -f, or with --secret ${name}=FILE` : "Give it with -f";
      say(
        kind === "Secret" ? "secret.missing" : "configmap.missing",
        at,
        `there is no ${kind} ${JSON.stringify(name)} among the documents`,
        near === undefined ? give : `Did you mean ${near}? ${give}`,
      );
      return;
    }
    const { resource } = located;
    const present = new Set([
      ...Object.keys(resource.data),
      ...(resource.kind === "ConfigMap" ? Object.keys(resource.binaryData) : []),
    ]);
    for (const { key, path } of keys) {
      if (present.has(key) || key.includes("$(")) continue;
      say(
        "key.missing",
        { origin: at.origin, path },
        `the ${kind} ${name} has no key ${JSON.stringify(key)}`,
        present.size === 0 ? "It has no keys" : `It has ${[...present].sort().join(", ")}`,
      );
    }
  };
  const keysOf = (
    items: readonly KeyToPath[] | undefined,
    path: Path,
  ): readonly { readonly key: string; readonly path: Path }[] =>
    (items ?? []).map(({ key }, index) => ({ key, path: [...path, "items", index, "key"] }));

  const env = (
    variables: readonly EnvVarDef[] | undefined,
    from: readonly EnvFromSource[] | undefined,
    { origin, path }: Place,
  ): void => {
    variables?.forEach(({ valueFrom }, index) => {
      for (const [kind, field] of [
        ["Secret", "secretKeyRef"],
        ["ConfigMap", "configMapKeyRef"],
      ] as const) {
        const ref = valueFrom?.[field];
        const at = [...path, "env", index, "valueFrom", field];
        if (ref !== undefined)
          need(kind, ref.name, ref.optional, { origin, path: [...at, "name"] }, [
            { key: ref.key, path: [...at, "key"] },
          ]);
      }
    });
    from?.forEach(({ secretRef, configMapRef }, index) => {
      if (secretRef !== undefined)
        need(
          "Secret",
          secretRef.name,
          secretRef.optional,
          { origin, path: [...path, "envFrom", index, "secretRef", "name"] },
          [],
        );
      if (configMapRef !== undefined)
        need(
          "ConfigMap",
          configMapRef.name,
          configMapRef.optional,
          { origin, path: [...path, "envFrom", index, "configMapRef", "name"] },
          [],
        );
    });
  };
  const projected = (source: ProjectedVolumeSource | undefined, { origin, path }: Place): void => {
    source?.sources?.forEach(({ secret, configMap }, index) => {
      const at = [...path, "sources", index];
      if (secret !== undefined)
        need(
          "Secret",
          secret.name,
          secret.optional,
          { origin, path: [...at, "secret", "name"] },
          keysOf(secret.items, [...at, "secret"]),
        );
      if (configMap !== undefined)
        need(
          "ConfigMap",
          configMap.name,
          configMap.optional,
          { origin, path: [...at, "configMap", "name"] },
          keysOf(configMap.items, [...at, "configMap"]),
        );
    });
  };
  const sources = (source: Pick<Volume, "secret" | "configMap" | "projected">, { origin, path }: Place): void => {
    const { secret, configMap } = source;
    if (secret !== undefined)
      need(
        "Secret",
        secret.secretName,
        secret.optional,
        { origin, path: [...path, "secret", "secretName"] },
        keysOf(secret.items, [...path, "secret"]),
      );
    if (configMap !== undefined)
      need(
        "ConfigMap",
        configMap.name,
        configMap.optional,
        { origin, path: [...path, "configMap", "name"] },
        keysOf(configMap.items, [...path, "configMap"]),
      );
    projected(source.projected, { origin, path: [...path, "projected"] });
  };

  return {
    diagnostics,
    task(spec, { origin, path }) {
      for (const field of ["steps", "sidecars"] as const) {
        spec[field]?.forEach((container, index) =>
          env(container.env, container.envFrom, { origin, path: [...path, field, index] }),
        );
      }
      env(spec.stepTemplate?.env, spec.stepTemplate?.envFrom, { origin, path: [...path, "stepTemplate"] });
      spec.volumes?.forEach((volume, index) => sources(volume, { origin, path: [...path, "volumes", index] }));
    },
    podTemplate(template, { origin, path }) {
      env(template?.env, undefined, { origin, path });
      template?.volumes?.forEach((volume, index) => sources(volume, { origin, path: [...path, "volumes", index] }));
    },
    workspaces(bindings, { origin, path }) {
      bindings?.forEach((binding, index) => sources(binding, { origin, path: [...path, index] }));
    },
  };
}

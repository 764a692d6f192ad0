import { replace, replaceList, type Replacements } from "@lapcat/substitution";
import {
  type EnvFromSource,
  type EnvVarDef,
  type KeyToPath,
  type Sidecar,
  type Step,
  type StepTemplate,
  type TaskSpec,
  type Volume,
  type VolumeMount,
  type VolumeProjection,
} from "@lapcat/tekton";
import { replaceOptional, replaceParams, replaceWhen } from "./replacements.ts";

/** One pass over the fields of a Task that take references, and no others (SUB-5 to SUB-7). */
export function replaceInTaskSpec(spec: TaskSpec, replacements: Replacements): TaskSpec {
  if (replacements.strings.size === 0 && replacements.arrays.size === 0 && replacements.objects.size === 0) return spec;
  const text = (value: string): string => replace(value, replacements);
  return given(spec, {
    steps: spec.steps?.map((each) => stepOf(each, replacements)),
    stepTemplate: spec.stepTemplate && containerOf(spec.stepTemplate, replacements),
    sidecars: spec.sidecars?.map((each) => sidecarOf(each, replacements)),
    volumes: spec.volumes?.map((each) => volumeOf(each, text)),
    workspaces: spec.workspaces?.map((each) =>
      given(each, { mountPath: replaceOptional(each.mountPath, replacements) }),
    ),
  });
}

function stepOf(step: Step, replacements: Replacements): Step {
  const path = (config: { readonly path?: string } | undefined): { readonly path?: string } | undefined =>
    config && given(config, { path: replaceOptional(config.path, replacements) });
  return given(containerOf(step, replacements), {
    name: replaceOptional(step.name, replacements),
    script: replaceOptional(step.script, replacements),
    onError: replaceOptional(step.onError, replacements),
    stdoutConfig: path(step.stdoutConfig),
    stderrConfig: path(step.stderrConfig),
    params: step.params && replaceParams(step.params, replacements),
    when: step.when && replaceWhen(step.when, replacements),
  });
}

function sidecarOf(sidecar: Sidecar, replacements: Replacements): Sidecar {
  return given(containerOf(sidecar, replacements), {
    name: replace(sidecar.name, replacements),
    script: replaceOptional(sidecar.script, replacements),
  });
}

function containerOf<C extends StepTemplate>(container: C, replacements: Replacements): C {
  const text = (value: string): string => replace(value, replacements);
  const fields: Partial<StepTemplate> = given(container as StepTemplate, {
    image: replaceOptional(container.image, replacements),
    imagePullPolicy: replaceOptional(container.imagePullPolicy, replacements),
    command: container.command && replaceList(container.command, replacements),
    args: container.args && replaceList(container.args, replacements),
    workingDir: replaceOptional(container.workingDir, replacements),
    env: container.env?.map((each) => envOf(each, text)),
    envFrom: container.envFrom?.map((each) => envFromOf(each, text)),
    volumeMounts: container.volumeMounts?.map((each) => mountOf(each, text)),
  });
  return { ...container, ...fields };
}

type Text = (value: string) => string;

function envOf(env: EnvVarDef, text: Text): EnvVarDef {
  const { value, valueFrom } = env;
  return given(env, {
    value: value === undefined ? undefined : text(value),
    valueFrom:
      valueFrom &&
      given(valueFrom, {
        secretKeyRef: named(valueFrom.secretKeyRef, text),
        configMapKeyRef: named(valueFrom.configMapKeyRef, text),
      }),
  });
}

function envFromOf(source: EnvFromSource, text: Text): EnvFromSource {
  return given(source, {
    prefix: source.prefix === undefined ? undefined : text(source.prefix),
    configMapRef: named(source.configMapRef, text),
    secretRef: named(source.secretRef, text),
  });
}

function mountOf(mount: VolumeMount, text: Text): VolumeMount {
  return given(mount, {
    name: text(mount.name),
    mountPath: text(mount.mountPath),
    subPath: mount.subPath === undefined ? undefined : text(mount.subPath),
  });
}

function volumeOf(volume: Volume, text: Text): Volume {
  const { configMap, secret, persistentVolumeClaim, projected } = volume;
  return given(volume, {
    name: text(volume.name),
    configMap: named(configMap, text),
    secret:
      secret &&
      given(secret, { secretName: secret.secretName && text(secret.secretName), items: itemsOf(secret.items, text) }),
    persistentVolumeClaim: persistentVolumeClaim && {
      ...persistentVolumeClaim,
      claimName: text(persistentVolumeClaim.claimName),
    },
    projected: projected && given(projected, { sources: projected.sources?.map((each) => projectionOf(each, text)) }),
    csi: volume.csi === undefined ? undefined : csiOf(volume.csi, text),
  });
}

/** The Secret's name and the attributes, and not the driver (applyVolumeReplacements). */
function csiOf(csi: unknown, text: Text): unknown {
  const { nodePublishSecretRef: secret, volumeAttributes: attributes, ...rest } = csi as Csi;
  return {
    ...rest,
    ...(secret && {
      nodePublishSecretRef: { ...secret, ...(secret.name !== undefined && { name: text(secret.name) }) },
    }),
    ...(attributes && {
      volumeAttributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, text(value)])),
    }),
  };
}

interface Csi {
  readonly nodePublishSecretRef?: { readonly name?: string };
  readonly volumeAttributes?: Readonly<Record<string, string>>;
}

function projectionOf(projection: VolumeProjection, text: Text): VolumeProjection {
  const { serviceAccountToken: token } = projection;
  return given(projection, {
    configMap:
      projection.configMap &&
      given(projection.configMap, { name: projection.configMap.name && text(projection.configMap.name) }),
    secret:
      projection.secret && given(projection.secret, { name: projection.secret.name && text(projection.secret.name) }),
    serviceAccountToken: token && given(token, { audience: token.audience && text(token.audience) }),
  });
}

interface Named {
  readonly name?: string;
  readonly key?: string;
  readonly items?: readonly KeyToPath[];
}

function named<T extends Named>(value: T | undefined, text: Text): T | undefined {
  if (value === undefined) return undefined;
  const fields = given<Named>(value, {
    name: value.name === undefined ? undefined : text(value.name),
    key: value.key === undefined ? undefined : text(value.key),
    items: itemsOf(value.items, text),
  });
  return { ...value, ...fields };
}

function itemsOf(items: readonly KeyToPath[] | undefined, text: Text): readonly KeyToPath[] | undefined {
  return items?.map((each) => ({ ...each, key: text(each.key), path: text(each.path) }));
}

/** The object with those of the fields that have a value. */
export function given<T extends object>(object: T, fields: { readonly [K in keyof T]?: T[K] | undefined }): T {
  return { ...object, ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) };
}

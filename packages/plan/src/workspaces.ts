import { type Diagnostic } from "@lapcat/diagnostic";
import { findPrefixed, replace, type Replacements } from "@lapcat/substitution";
import {
  claimName,
  type KeyToPath,
  type Sidecar,
  type Step,
  type StepTemplate,
  type TaskSpec,
  type WorkspaceBinding,
  type WorkspaceDeclaration,
} from "@lapcat/tekton";
import { error, type Path, type Place } from "./place.ts";
import { replaceDeep } from "./pod-template.ts";
import { textsOf } from "./result-reference.ts";
import { given } from "./task-spec-replacement.ts";
import { type BoundWorkspace, type WorkspaceSource } from "./run-plan.ts";

const kinds = [
  "emptyDir",
  "persistentVolumeClaim",
  "volumeClaimTemplate",
  "configMap",
  "secret",
  "projected",
  "csi",
] as const;

/** What stands in a run's way that binds a workspace so; `simulated`: not what only a cluster can give. */
export function bindingFault(
  binding: WorkspaceBinding,
  place: Place,
  path: Path,
  simulated: boolean,
): Diagnostic | undefined {
  const { name, subPath, csi } = binding;
  const present = kinds.filter((kind) => binding[kind] !== undefined);
  if (present.length !== 1) {
    const message = `workspace "${name}" needs exactly one source, found ${present.join(" and ") || "none"}`;
    return error("workspace.binding", place, path, message, `one of ${kinds.slice(0, -1).join(", ")}`);
  }
  if (csi !== undefined && !simulated) {
    const message = `workspace "${name}" is a csi volume, which needs a cluster`;
    return error("field.unsupported", place, [...path, "csi"], message);
  }
  if (subPath === undefined || !escapes(subPath)) return undefined;
  const message = `subPath "${subPath}" of workspace "${name}" leads out of the volume`;
  return error("path.escape", place, [...path, "subPath"], message);
}

/** What a binding puts behind a workspace, where it names something. */
export function sourceOf(binding: WorkspaceBinding, uid: string): WorkspaceSource | undefined {
  const { emptyDir, persistentVolumeClaim, volumeClaimTemplate, configMap, secret, projected, csi } = binding;
  if (emptyDir !== undefined) {
    const { medium, sizeLimit } = emptyDir;
    return {
      kind: "emptyDir",
      medium: medium === "Memory" ? "memory" : "disk",
      ...(sizeLimit !== undefined && { sizeLimit }),
    };
  }
  if (persistentVolumeClaim !== undefined) {
    return {
      kind: "claim",
      claimName: persistentVolumeClaim.claimName,
      scope: "kept",
      readOnly: persistentVolumeClaim.readOnly ?? false,
    };
  }
  if (volumeClaimTemplate !== undefined) {
    return {
      kind: "claim",
      claimName: claimName(volumeClaimTemplate.metadata?.name, binding.name, uid),
      scope: "run",
      readOnly: false,
    };
  }
  if (configMap !== undefined) return { kind: "configMap", configMap };
  if (secret !== undefined) return { kind: "secret", secret };
  if (projected !== undefined) return { kind: "projected", projected };
  return csi === undefined ? undefined : { kind: "csi", csi };
}

/** What a cluster binds to a workspace that nobody else binds (`default-task-run-workspace-binding`); it has a volume of its own for each TaskRun. */
export function boundByDefault(
  { name, optional }: WorkspaceDeclaration,
  given: WorkspaceBinding | undefined,
  taskRunUid: string,
): readonly BoundWorkspace[] {
  if (given === undefined || optional === true) return [];
  const { subPath, volumeClaimTemplate, persistentVolumeClaim, emptyDir, configMap, secret } = given;
  const binding = { volumeClaimTemplate, persistentVolumeClaim, emptyDir, configMap, secret };
  const known = Object.fromEntries(Object.entries(binding).filter(([, value]) => value !== undefined));
  const source = sourceOf({ ...known, name }, taskRunUid);
  return source === undefined ? [] : [{ name, source, byDefault: true, ...(subPath !== undefined && { subPath }) }];
}

/** The other way round: a binding as it is written, of a volumeClaimTemplate as the claim that was made from it. */
export function bindingOf({ name, subPath, source }: BoundWorkspace): WorkspaceBinding {
  const common = { name, ...(subPath !== undefined && { subPath }) };
  switch (source.kind) {
    case "emptyDir":
      return {
        ...common,
        emptyDir: {
          ...(source.medium === "memory" && { medium: "Memory" }),
          ...(source.sizeLimit !== undefined && { sizeLimit: source.sizeLimit }),
        },
      };
    case "claim":
      return {
        ...common,
        persistentVolumeClaim: { claimName: source.claimName, ...(source.readOnly && { readOnly: true }) },
      };
    case "configMap":
      return { ...common, configMap: source.configMap };
    case "secret":
      return { ...common, secret: source.secret };
    case "projected":
      return { ...common, projected: source.projected };
    case "csi":
      return { ...common, csi: source.csi };
  }
}

/** One pass over the fields of a run's binding that take references (SUB-8). */
export function replaceInBinding(binding: WorkspaceBinding, replacements: Replacements): WorkspaceBinding {
  const text = (value: string): string => replace(value, replacements);
  const named = <T extends { readonly name?: string; readonly items?: readonly KeyToPath[] }>(value: T): T => ({
    ...value,
    ...(value.name !== undefined && { name: text(value.name) }),
    ...(value.items !== undefined && {
      items: value.items.map((each) => ({ ...each, key: text(each.key), path: text(each.path) })),
    }),
  });
  const { subPath, persistentVolumeClaim: claim, configMap, secret, projected } = binding;
  return given(binding, {
    subPath: subPath === undefined ? undefined : text(subPath),
    persistentVolumeClaim: claim && { ...claim, claimName: text(claim.claimName) },
    configMap: configMap && named(configMap),
    secret:
      secret &&
      given(named(secret), { secretName: secret.secretName === undefined ? undefined : text(secret.secretName) }),
    projected:
      projected &&
      given(projected, {
        sources: projected.sources?.map((each) =>
          given(each, {
            configMap: each.configMap && named(each.configMap),
            secret: each.secret && named(each.secret),
          }),
        ),
      }),
    csi: replaceDeep(binding.csi, replacements),
  });
}

/** The run's and the PipelineTask's sub-paths, one below the other. */
export function joinedSubPath(outer: string | undefined, inner: string | undefined): string | undefined {
  if (outer === undefined || outer === "") return inner === "" ? undefined : inner;
  if (inner === undefined || inner === "") return outer;
  return normalised(`${outer}/${inner}`);
}

/** Whether a sub-path leads, or may lead, out of its volume. */
export function escapes(subPath: string): boolean {
  return subPath.startsWith("/") || subPath.split("/").includes("..");
}

/** Without empty and `.` parts; a `..` is left to be refused, not resolved. */
function normalised(path: string): string {
  return path
    .split("/")
    .filter((part, index) => part !== "." && (part !== "" || index === 0))
    .join("/");
}

/** Workspaces that an embedded Task uses in its scripts, arguments, environment and step params, declared or not (WS-9). */
export function workspacesUsedBy(spec: TaskSpec): readonly string[] {
  const texts = [
    ...(spec.steps ?? []).flatMap((each) => [
      ...containerTexts(each),
      ...(each.params ?? []).flatMap(({ value }) => textsOf(value)),
    ]),
    ...(spec.sidecars ?? []).flatMap(containerTexts),
    ...(spec.stepTemplate === undefined ? [] : containerTexts(spec.stepTemplate)),
  ];
  return [...new Set(texts.flatMap((text) => findPrefixed(text, "workspaces").map(({ name }) => name)))].sort();
}

function containerTexts(container: StepTemplate & Partial<Pick<Step & Sidecar, "script">>): readonly string[] {
  const { script = "", args = [], command = [], workingDir = "", env = [] } = container;
  return [script, ...args, ...command, workingDir, ...env.map(({ value = "" }) => value)];
}

import { replaceInBinding, workspacesUsedBy } from "../../packages/plan/src/workspaces.ts";
import { replaceInPodTemplate } from "../../packages/plan/src/pod-template.ts";
import { withWorkspaces } from "../../packages/plan/src/plan-task.ts";
import { taskParams } from "../../packages/plan/src/param-values.ts";
import { sourceOf } from "../../packages/plan/src/workspaces.ts";
import { type BoundTaskRun, type BoundWorkspace } from "../../packages/plan/src/index.ts";
import { substituted } from "../../packages/plan/src/task-passes.ts";
import { workspaceVolumes, withWorkspaceMounts, volumeOfSource } from "../../packages/pod/src/workspaces.ts";
import { asVolumeName } from "../../packages/engine/src/index.ts";
import { paramReplacements, stringReplacements } from "../../packages/substitution/src/index.ts";
import {
  internalPaths,
  type Param,
  type ParamSpec,
  type ResolvedTask,
  type TaskRun,
  type TaskSpec,
  type Volume,
  type WorkspaceBinding,
} from "../../packages/tekton/src/index.ts";
import { plain, same, type Judges } from "./case.ts";

interface Surroundings {
  readonly name?: string;
  readonly run?: TaskRun | undefined;
  readonly params?: readonly Param[];
  readonly workspaces?: readonly BoundWorkspace[];
}

/** All passes over a Task that has work for one of them. */
function passed(spec: TaskSpec, around: Surroundings = {}, volumes: ReadonlyMap<string, string> = new Map()): TaskSpec {
  const { name = "", namespace = "", uid = "" } = around.run?.metadata ?? {};
  const retries = (around.run as { readonly status?: { readonly retriesStatus?: readonly unknown[] } } | undefined)
    ?.status?.retriesStatus;
  const bound = {
    task: { name: around.name, spec, embedded: false },
    name,
    namespace,
    uid,
    attempt: retries?.length ?? 0,
    params: around.params ?? [],
    workspaces: around.workspaces ?? [],
  } as unknown as BoundTaskRun;
  return substituted(bound, volumes);
}

function bound(bindings: readonly WorkspaceBinding[]): readonly BoundWorkspace[] {
  return bindings.map((binding) => {
    const source = sourceOf(binding, "");
    if (source === undefined) throw new Error(`${binding.name} is bound to nothing`);
    return { name: binding.name, source, ...(binding.subPath !== undefined && { subPath: binding.subPath }) };
  });
}

const withDefaults = (spec: TaskSpec, defaults: readonly ParamSpec[] | null): TaskSpec => ({
  ...spec,
  params: [...(spec.params ?? []), ...(defaults ?? [])],
});

/** A Task's declarations are no part of what is compared. */
function withoutParams(spec: unknown): unknown {
  return { ...(spec as TaskSpec), params: undefined };
}

export const taskPassJudges: Judges = {
  "reconciler/taskrun/resources.ApplyParameters": ({ input, expected }) => {
    const spec = withDefaults(input.spec, input.defaults);
    return same(withoutParams(passed(spec, { params: input.tr.spec.params ?? [] })), withoutParams(expected));
  },
  "reconciler/taskrun/resources.ApplyContexts": ({ input, expected }) =>
    same(passed(input.spec, { name: input.taskName, run: input.tr }), expected),
  "reconciler/taskrun/resources.ApplyResults": ({ input, expected }) => same(passed(input.spec), expected),
  "reconciler/taskrun/resources.ApplyArtifacts": ({ input, expected }) => same(passed(input.spec), expected),
  "reconciler/taskrun/resources.ApplyStepExitCodePath": ({ input, expected }) => same(passed(input.spec), expected),
  "reconciler/taskrun/resources.ApplyWorkspaces": ({ input, expected }) => {
    const volumes = new Map(Object.entries(input.vols).map(([name, volume]) => [name, volume.name]));
    const spec = { ...input.spec, workspaces: input.declarations };
    const ours = passed(spec, { workspaces: bound(input.bindings ?? []) }, volumes);
    return same({ ...ours, workspaces: undefined }, { ...(expected as TaskSpec), workspaces: undefined });
  },
  "reconciler/taskrun/resources.ApplyCredentialsPath": ({ input, expected }) => {
    const text = JSON.stringify(passed(input.spec)).replaceAll(internalPaths.creds, input.path);
    return same(JSON.parse(text), expected);
  },
  "reconciler/taskrun/resources.ApplyPodTemplateReplacements": ({ input, expected }) => {
    const params = taskParams(input.defaults ?? [], input.tr.spec.params ?? []);
    return same(replaceInPodTemplate(input.podTemplate, paramReplacements(params, "task")), expected);
  },
  "reconciler/taskrun/resources.ApplyParametersToWorkspaceBindings": ({ input, expected }) => {
    const replacements = paramReplacements(taskParams(input.ts.params ?? [], input.tr.spec.params ?? []), "task");
    return same(
      (input.tr.spec.workspaces ?? []).map((each) => replaceInBinding(each, replacements)),
      (expected as TaskRun).spec.workspaces,
    );
  },
  "workspace.ReplaceWorkspaceBindingsVars": ({ input, expected }) =>
    same(
      input.wbs.map((each) => replaceInBinding(each, stringReplacements(input.replacements ?? {}))),
      expected,
    ),
  "workspace.FindWorkspacesUsedByTask": ({ input, expected }) => [
    workspacesUsedBy(input.ts),
    Object.keys((expected ?? {}) as object).toSorted(),
  ],
  "workspace.CreateVolumes": ({ input, expected }) => {
    const given = bound(input.wb ?? []);
    const names = workspaceVolumes(given);
    const ours = given.map(({ name, source }) => [name, volumeOfSource(names.get(name) ?? asVolumeName(""), source)]);
    return same(Object.fromEntries(ours), expected);
  },
  "workspace.Apply": ({ input, expected }) => {
    const given = bound(input.wb ?? []);
    const names = new Map(Object.entries(input.v).map(([name, volume]) => [name, asVolumeName(volume.name)]));
    const declared = new Set((input.ts.workspaces ?? []).map(({ name }) => name));
    const undeclared = given.map(({ name }) => name).filter((name) => !declared.has(name));
    const { spec } = withWorkspaces({ spec: input.ts } as ResolvedTask, undeclared);
    const mounted = withWorkspaceMounts(spec, given, names);
    const made = given.map(({ name, source }): Volume => volumeOfSource(names.get(name) ?? asVolumeName(""), source));
    const volumes = new Map([...(mounted.volumes ?? []), ...made].map((each) => [each.name, each]));
    const theirs = expected as TaskSpec;
    const inOrder = (all: Iterable<Volume>): readonly unknown[] =>
      [...all].toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(plain);
    return same(
      { ...mounted, volumes: inOrder(volumes.values()) },
      { ...theirs, volumes: inOrder(theirs.volumes ?? []) },
    );
  },
};

import { noReplacements, notations, stringReplacements, type Replacements } from "@lapcat/substitution";
import {
  internalPaths,
  isAfter,
  mountPathOf,
  stepPathName,
  type Sidecar,
  type Step,
  type TaskSpec,
  type WorkspaceDeclaration,
} from "@lapcat/tekton";
import { taskReplacements } from "./param-values.ts";
import { type BoundTaskRun, type BoundWorkspace } from "./run-plan.ts";
import { replaceInTaskSpec } from "./task-spec-replacement.ts";
import { workspaceVolumes } from "./workspace-volumes.ts";

type Pass = (spec: TaskSpec) => TaskSpec;
/** The volume of each workspace, by its name. */
type Volumes = ReadonlyMap<string, string>;

/** The Task after Tekton's passes, in Tekton's order; each sees the text that the ones before it put in (taskrun.go). */
export function substituted(bound: BoundTaskRun, volumeOf?: Volumes): TaskSpec {
  return everywhere(stringReplacements({ "credentials.path": internalPaths.creds }))(validated(bound, volumeOf));
}

/** The Task as Tekton looks at it once more before it makes the Pod: all passes are done but the last. */
export function validated(bound: BoundTaskRun, volumeOf: Volumes = workspaceVolumes(bound.workspaces)): TaskSpec {
  const passes: readonly Pass[] = [
    everywhere(taskReplacements(bound.task.spec.params ?? [], bound.params)),
    everywhere(contextsOf(bound)),
    stepResultPaths,
    resultPaths,
    artifactPaths,
    exitCodePaths,
    ...(bound.task.spec.workspaces ?? []).map((declaration) => workspacePath(declaration, bound.workspaces)),
    (spec) => everywhere(workspaceFacts(spec, bound.workspaces, volumeOf))(spec),
  ];
  return passes.reduce((spec, pass) => pass(spec), bound.task.spec);
}

function everywhere(replacements: Replacements): Pass {
  return (spec) => replaceInTaskSpec(spec, replacements);
}

/** A pass whose values differ from step to step; other fields of the Task are not touched. */
function inSteps(replacementsOf: (step: Step, index: number) => Replacements): Pass {
  return (spec) =>
    spec.steps === undefined
      ? spec
      : { ...spec, steps: spec.steps.map((step, index) => inStep(step, replacementsOf(step, index))) };
}

function inStep(step: Step, replacements: Replacements): Step {
  return replaceInTaskSpec({ steps: [step] }, replacements).steps?.[0] ?? step;
}

function inSidecar(sidecar: Sidecar, replacements: Replacements): Sidecar {
  return replaceInTaskSpec({ sidecars: [sidecar] }, replacements).sidecars?.[0] ?? sidecar;
}

function contextsOf(bound: BoundTaskRun): Replacements {
  return stringReplacements({
    "context.taskRun.name": bound.name,
    "context.taskRun.namespace": bound.namespace,
    "context.taskRun.uid": bound.uid,
    // An embedded Task is named after its TaskRun.
    "context.task.name": bound.task.name ?? bound.name,
    ...(isAfter("retry-variables", bound.tekton) && {
      "context.task.retry-count": String(bound.retryCount ?? bound.attempt),
    }),
  });
}

const stepResultPaths: Pass = inSteps((step, index) =>
  named(
    (step.results ?? []).map(({ name }) => name),
    "step.results",
    (name) => `${internalPaths.step(stepPathName(step.name, index))}/results/${name}`,
  ),
);

const resultPaths: Pass = (spec) =>
  everywhere(
    named(
      (spec.results ?? []).map(({ name }) => name),
      "results",
      (name) => `${internalPaths.results}/${name}`,
    ),
  )(spec);

const artifactPaths: Pass = inSteps((step, index) =>
  stringReplacements({
    "step.artifacts.path": `${internalPaths.step(stepPathName(step.name, index))}/artifacts/provenance.json`,
    "artifacts.path": `${internalPaths.artifacts}/provenance.json`,
  }),
);

const exitCodePaths: Pass = (spec) => {
  const names = (spec.steps ?? []).map((step, index) => stepPathName(step.name, index));
  return everywhere(
    stringReplacements(
      Object.fromEntries(names.map((name) => [`steps.${name}.exitCode.path`, `${internalPaths.step(name)}/exitCode`])),
    ),
  )(spec);
};

/** A step or sidecar that lists the workspace with a mountPath of its own sees that one; all else the declaration's. */
function workspacePath(declaration: WorkspaceDeclaration, workspaces: readonly BoundWorkspace[]): Pass {
  const key = `workspaces.${declaration.name}.path`;
  const isBound = isBoundWorkspace(declaration, workspaces);
  const replacing = (path: string): Replacements => stringReplacements({ [key]: path });
  const ownPath = (container: Pick<Step, "workspaces">): Replacements | undefined => {
    const usage = container.workspaces?.find(({ name }) => name === declaration.name);
    return !isBound || usage?.mountPath === undefined || usage.mountPath === ""
      ? undefined
      : replacing(usage.mountPath);
  };
  return (spec) => {
    const steps = spec.steps?.map((step) => inStep(step, ownPath(step) ?? noReplacements));
    const sidecars = spec.sidecars?.map((sidecar) => inSidecar(sidecar, ownPath(sidecar) ?? noReplacements));
    // By now earlier passes have been through the declared mountPath.
    const declared = spec.workspaces?.find(({ name }) => name === declaration.name) ?? declaration;
    const overridden = {
      ...spec,
      ...(steps === undefined ? {} : { steps }),
      ...(sidecars === undefined ? {} : { sidecars }),
    };
    return everywhere(replacing(isBound ? mountPathOf(declared) : ""))(overridden);
  };
}

/** `bound`, `claim` and `volume`; the latter two of an unbound workspace stay as they are written. */
function workspaceFacts(spec: TaskSpec, workspaces: readonly BoundWorkspace[], volumeOf: Volumes): Replacements {
  const facts: Record<string, string> = {};
  for (const declaration of spec.workspaces ?? [])
    facts[`workspaces.${declaration.name}.bound`] = String(isBoundWorkspace(declaration, workspaces));
  for (const { name, source } of workspaces) {
    facts[`workspaces.${name}.volume`] = volumeOf.get(name) ?? "";
    facts[`workspaces.${name}.claim`] = source.kind === "claim" ? source.claimName : "";
  }
  return stringReplacements(facts);
}

/** A workspace that is not optional counts as bound: that it is, was made sure before. */
function isBoundWorkspace(declaration: WorkspaceDeclaration, workspaces: readonly BoundWorkspace[]): boolean {
  return declaration.optional !== true || workspaces.some(({ name }) => name === declaration.name);
}

function named(names: readonly string[], prefix: string, pathOf: (name: string) => string): Replacements {
  const entries = names.flatMap((name) => notations(prefix, name).map((key) => [`${key}.path`, pathOf(name)] as const));
  return stringReplacements(Object.fromEntries(entries));
}

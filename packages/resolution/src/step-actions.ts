import { type Diagnostic, didYouMean, fail, type Result, succeed } from "@lapcat/diagnostic";
import { formatPath } from "@lapcat/manifest";
import { replaceInRef, stepRefVariables } from "@lapcat/plan";
import {
  type Located,
  type Param,
  type Provenance,
  type Ref,
  type ResolvedTask,
  type StepAction,
  stepActionKey,
} from "@lapcat/tekton";
import { catalogNames } from "./catalog.ts";
import { findInCatalogs } from "./find-in-catalogs.ts";
import { type Place } from "./needed-objects.ts";
import { refusedRef } from "./refused-refs.ts";
import { isRemote } from "./remote/is-remote.ts";
import { type RemoteFinder } from "./remote/remote-finder.ts";

/**
 * Gives a Task the StepActions that its steps refer to: of resolvers, else among the documents, then in the catalogs; `mayLack`: those
 * that are there.
 */
export interface StepActionFinder {
  /** `passed` is what its TaskRun is given. */
  close(task: ResolvedTask, passed: () => readonly Param[]): Promise<Result<ResolvedTask>>;
}

interface FoundAction {
  readonly located: Located<StepAction>;
  /** Where a resolver found it. */
  readonly provenance?: Provenance;
}

export function stepActionFinder(
  actions: readonly Located<StepAction>[],
  catalogs: readonly string[],
  remote: RemoteFinder,
  mayLack: boolean,
): StepActionFinder {
  const fromCatalogs = new Map<string, Promise<Result<Located<StepAction>> | undefined>>();
  const inCatalogs = async (name: string): Promise<Result<Located<StepAction>> | undefined> => {
    const found = await findInCatalogs(catalogs, "StepAction", name, undefined);
    return found?.ok === true ? succeed(found.value.located, found.diagnostics) : found;
  };
  const told = new Set<string>();

  async function find(ref: Ref, { origin, path }: Place): Promise<Result<FoundAction | undefined>> {
    const refused = refusedRef(ref, "StepAction", origin, path);
    if (refused !== undefined) return fail([refused]);
    const { name = "" } = ref;
    const local = actions.find(({ resource }) => resource.metadata.name === name);
    if (local !== undefined) return succeed({ located: local });
    const known = fromCatalogs.get(name) ?? inCatalogs(name);
    fromCatalogs.set(name, known);
    const found = await known;
    if (found !== undefined) {
      const isTold = told.has(name);
      told.add(name);
      return found.ok ? succeed({ located: found.value }, isTold ? [] : found.diagnostics) : found;
    }
    if (mayLack) return succeed(undefined);
    const names = [
      ...actions.flatMap(({ resource }) => resource.metadata.name ?? []),
      ...(await catalogNames(catalogs, "stepaction")),
    ];
    const near = didYouMean(name, names);
    return fail([
      {
        code: "stepaction.missing",
        severity: "error",
        message: `there is no StepAction ${JSON.stringify(name)}${catalogs.length > 0 ? ", neither among the documents nor in a catalog" : " among the documents"}`,
        span: origin.spanOf([...path, "name"]),
        path: formatPath([...path, "name"]),
        hint:
          near !== undefined
            ? `Did you mean ${near}?`
            : "Give its file with -f, or a catalog that has it with --catalog DIR",
      },
    ]);
  }

  /** Its variables are params of the Task alone, and its name is taken as it stands (GetStepActionFunc). */
  function follow(ref: Ref, task: ResolvedTask, passed: readonly Param[], place: Place): Promise<Result<FoundAction>> {
    const { params } = replaceInRef(ref, stepRefVariables(task.spec.params ?? [], passed));
    return remote.find("StepAction", { ...ref, ...(params !== undefined && { params }) }, place);
  }

  return {
    async close(task, passed) {
      const stepActions = new Map<string, Located<StepAction>>();
      const stepSources = new Map<string, Provenance>();
      const diagnostics: Diagnostic[] = [];
      let whole = true;
      for (const [index, { ref }] of (task.spec.steps ?? []).entries()) {
        if (ref === undefined) continue;
        const place = { origin: task.origin, path: [...task.path, "steps", index, "ref"] };
        const key = stepActionKey(ref);
        const found = isRemote(ref) ? await follow(ref, task, passed(), place) : await find(ref, place);
        diagnostics.push(...found.diagnostics);
        whole &&= found.ok;
        if (!found.ok || found.value === undefined) continue;
        stepActions.set(key, found.value.located);
        if (found.value.provenance !== undefined) stepSources.set(key, found.value.provenance);
      }
      if (!whole) return fail(diagnostics);
      const known = { ...(stepActions.size > 0 && { stepActions }), ...(stepSources.size > 0 && { stepSources }) };
      return succeed({ ...task, ...known }, diagnostics);
    },
  };
}

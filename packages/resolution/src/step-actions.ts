import { type Diagnostic, didYouMean, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import { formatPath } from "@lapcat/manifest";
import { type Located, type Ref, type ResolvedTask, type StepAction } from "@lapcat/tekton";
import { catalogNames } from "./catalog.ts";
import { findInCatalogs } from "./find-in-catalogs.ts";
import { type Place } from "./needed-objects.ts";
import { refusedRef } from "./refused-refs.ts";

/** Gives a Task the StepActions that its steps refer to: among the documents, then in the catalogs; `mayLack`: those that are there. */
export interface StepActionFinder {
  close(task: ResolvedTask): Promise<Result<ResolvedTask>>;
}

export function stepActionFinder(
  actions: readonly Located<StepAction>[],
  catalogs: readonly string[],
  mayLack: boolean,
): StepActionFinder {
  const fromCatalogs = new Map<string, Promise<Result<Located<StepAction>> | undefined>>();
  const inCatalogs = async (name: string): Promise<Result<Located<StepAction>> | undefined> => {
    const found = await findInCatalogs(catalogs, "StepAction", name, undefined);
    return found?.ok === true ? succeed(found.value.located, found.diagnostics) : found;
  };
  const told = new Set<string>();

  async function find(ref: Ref, { origin, path }: Place): Promise<Result<Located<StepAction> | undefined>> {
    const refused = refusedRef(ref, "StepAction", origin, path);
    if (refused !== undefined) return fail([refused]);
    const { name = "" } = ref;
    const local = actions.find(({ resource }) => resource.metadata.name === name);
    if (local !== undefined) return succeed(local);
    const known = fromCatalogs.get(name) ?? inCatalogs(name);
    fromCatalogs.set(name, known);
    const found = await known;
    if (found !== undefined) {
      if (found.ok && told.has(name)) return succeed(found.value);
      told.add(name);
      return found;
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

  return {
    async close(task) {
      const stepActions = new Map<string, Located<StepAction>>();
      const diagnostics: Diagnostic[] = [];
      for (const [index, { ref }] of (task.spec.steps ?? []).entries()) {
        if (ref === undefined) continue;
        const found = await find(ref, { origin: task.origin, path: [...task.path, "steps", index, "ref"] });
        diagnostics.push(...found.diagnostics);
        if (found.ok && found.value !== undefined) stepActions.set(ref.name ?? "", found.value);
      }
      if (hasErrors(diagnostics)) return fail(diagnostics);
      return succeed(stepActions.size === 0 ? task : { ...task, stepActions }, diagnostics);
    },
  };
}

import { didYouMean, fail, type Result, type Span, succeed } from "@lapcat/diagnostic";
import { type Located, type Provenance, type ResolvedTask, type Task } from "@lapcat/tekton";
import { catalogNames } from "./catalog.ts";
import { findInCatalogs, provenanceOf } from "./find-in-catalogs.ts";

/** Finds Tasks by name: among the documents, then in the catalogs. Each is looked for once. */
export interface TaskFinder {
  find(name: string, place: { readonly span: Span; readonly path: string }): Promise<Result<ResolvedTask>>;
}

export function taskFinder(
  tasks: readonly Located<Task>[],
  catalogs: readonly string[],
  pins: ReadonlyMap<string, string>,
): TaskFinder {
  const fromCatalog = new Map<string, Promise<Result<ResolvedTask> | undefined>>();
  const told = new Set<string>();
  /** What is said of a catalog's Task is said once, however many PipelineTasks use it. */
  const once = (name: string, result: Result<ResolvedTask>): Result<ResolvedTask> => {
    if (!told.has(name)) {
      told.add(name);
      return result;
    }
    return result.ok ? succeed(result.value) : result;
  };
  return {
    async find(name, place) {
      const local = tasks.find(({ resource }) => resource.metadata.name === name);
      if (local !== undefined) return succeed(resolvedTask(local, provenanceOf(local.origin.document.source)));
      const known = fromCatalog.get(name) ?? findTaskInCatalogs(catalogs, name, pins.get(name));
      fromCatalog.set(name, known);
      const found = await known;
      if (found !== undefined) return once(name, found);
      const candidates = [
        ...tasks.flatMap(({ resource }) => resource.metadata.name ?? []),
        ...(await catalogNames(catalogs, "task")),
      ];
      const near = didYouMean(name, candidates);
      return fail([
        {
          code: "task.missing",
          severity: "error",
          message: `there is no Task ${JSON.stringify(name)}${catalogs.length > 0 ? ", neither among the documents nor in a catalog" : " among the documents"}`,
          ...place,
          hint:
            near !== undefined
              ? `Did you mean ${near}?`
              : "Give its file with -f, or a catalog that has it with --catalog DIR",
        },
      ]);
    },
  };
}

async function findTaskInCatalogs(
  catalogs: readonly string[],
  name: string,
  pin: string | undefined,
): Promise<Result<ResolvedTask> | undefined> {
  const found = await findInCatalogs(catalogs, "Task", name, pin);
  return found?.ok === true
    ? succeed(resolvedTask(found.value.located, found.value.provenance), found.diagnostics)
    : found;
}

export function resolvedTask({ resource, origin }: Located<Task>, provenance: Provenance): ResolvedTask {
  const { name, labels = {}, annotations = {} } = resource.metadata;
  return { name, spec: resource.spec, embedded: false, labels, annotations, origin, path: ["spec"], provenance };
}

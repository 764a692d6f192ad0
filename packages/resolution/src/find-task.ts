import { createHash } from "node:crypto";
import {
  type Diagnostic,
  didYouMean,
  fail,
  hasErrors,
  type Result,
  type SourceFile,
  type Span,
  succeed,
} from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import {
  asRunnable,
  type Located,
  type Provenance,
  readResources,
  type ResolvedTask,
  type Task,
  validateResources,
} from "@lapcat/tekton";
import { catalogEntries, type CatalogEntry, catalogNames } from "./catalog.ts";
import { isKind } from "./kind.ts";
import { loadFile } from "./load-sources.ts";
import { compareVersions } from "./version.ts";

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
      const known = fromCatalog.get(name) ?? findInCatalogs(catalogs, name, pins.get(name));
      fromCatalog.set(name, known);
      const found = await known;
      if (found !== undefined) return once(name, found);
      const candidates = [
        ...tasks.flatMap(({ resource }) => resource.metadata.name ?? []),
        ...(await catalogNames(catalogs)),
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

export function provenanceOf(source: SourceFile): Provenance {
  return { uri: source.name, digest: { sha256: createHash("sha256").update(source.text).digest("hex") } };
}

/** Undefined when no catalog has the Task. */
async function findInCatalogs(
  catalogs: readonly string[],
  name: string,
  pin: string | undefined,
): Promise<Result<ResolvedTask> | undefined> {
  const entries = await catalogEntries(catalogs, name);
  const [newest] = entries;
  if (newest === undefined) return undefined;
  const entry = pin === undefined ? newest : entries.find(({ version }) => compareVersions(version, pin) === 0);
  if (entry === undefined) {
    const versions = entries.map(({ version }) => version).join(", ");
    return fail([
      {
        code: "catalog.version",
        severity: "error",
        message: `version ${pin} of Task ${name} is not in the catalog ${newest.catalog}`,
        hint: `It has ${versions}: give one of them with --task ${name}@VERSION`,
      },
    ]);
  }
  const read = await readEntry(entry);
  if (!read.ok) return read;
  const why =
    pin !== undefined ? "as asked for" : entries.length === 1 ? "the only version" : `the newest of ${entries.length}`;
  const chosen: Diagnostic = {
    code: "catalog.chosen",
    severity: "note",
    message: `Task ${name} is version ${entry.version} of the catalog (${why}): ${entry.file}`,
  };
  return succeed(read.value, [chosen, ...read.diagnostics]);
}

async function readEntry(entry: CatalogEntry): Promise<Result<ResolvedTask>> {
  const source = await loadFile(entry.file);
  if (!source.ok) return source;
  const documents = parseManifest(source.value);
  if (!documents.ok) return documents;
  const read = readResources(documents.value);
  if (!read.ok) return read;
  const task = read.value.resources
    .filter(isKind("Task"))
    .find(({ resource }) => resource.metadata.name === entry.name);
  // What else a catalog's file holds is not the user's to mend.
  const warnings = read.diagnostics.filter((each) => each.severity === "warning");
  if (task === undefined) {
    return fail([
      ...warnings,
      {
        code: "task.missing",
        severity: "error",
        message: `${entry.file} does not contain the Task ${entry.name}`,
        hint: "The catalog is damaged, or it is no catalog",
      },
    ]);
  }
  const problems = asRunnable(validateResources([task]));
  if (hasErrors(problems)) return fail([...warnings, ...problems]);
  const provenance = { ...provenanceOf(source.value), uri: `catalog:${entry.catalog}`, entryPoint: entry.entryPoint };
  return succeed(resolvedTask(task, provenance), warnings);
}

function resolvedTask({ resource, origin }: Located<Task>, provenance: Provenance): ResolvedTask {
  const { name, labels = {}, annotations = {} } = resource.metadata;
  return { name, spec: resource.spec, embedded: false, labels, annotations, origin, path: ["spec"], provenance };
}

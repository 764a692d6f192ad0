import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { compareVersions, isVersion } from "./version.ts";

/** What a catalog has: each stands in a directory of this name. */
export type CatalogKind = "task" | "stepaction";

/** One version of one Task or StepAction in a catalog directory. */
export interface CatalogEntry {
  readonly catalog: string;
  readonly name: string;
  readonly version: string;
  readonly file: string;
  /** The file's path within the catalog. */
  readonly entryPoint: string;
}

const safeName = /^[a-z0-9][-a-z0-9.]*$/u;

/**
 * Every version of a Task or StepAction, the newest first, from the first catalog that has it at all. A catalog is laid out as
 * `task/NAME/VERSION/NAME.yaml`, and `stepaction/NAME/…` beside it; the `task` directory itself serves as well.
 */
export async function catalogEntries(
  catalogs: readonly string[],
  kind: CatalogKind,
  name: string,
): Promise<readonly CatalogEntry[]> {
  if (!safeName.test(name)) return [];
  for (const catalog of catalogs) {
    const root = await rootOf(catalog, kind);
    if (root === undefined) continue;
    const versions = (await directoriesIn(join(catalog, root, name))).filter(isVersion);
    const entries: CatalogEntry[] = [];
    for (const version of versions.sort((a, b) => compareVersions(b, a) || (a < b ? -1 : 1))) {
      const entryPoint = join(root, name, version, `${name}.yaml`);
      if (await isFile(join(catalog, entryPoint)))
        entries.push({ catalog, name, version, file: join(catalog, entryPoint), entryPoint });
    }
    if (entries.length > 0) return entries;
  }
  return [];
}

/** The names of all Tasks of the catalogs, or of all StepActions. */
export async function catalogNames(
  catalogs: readonly string[],
  kind: CatalogKind = "task",
): Promise<readonly string[]> {
  const names = await Promise.all(
    catalogs.map(async (catalog) => {
      const root = await rootOf(catalog, kind);
      return root === undefined ? [] : directoriesIn(join(catalog, root));
    }),
  );
  return [...new Set(names.flat())].sort();
}

async function rootOf(catalog: string, kind: CatalogKind): Promise<CatalogKind | "." | undefined> {
  if ((await directoriesIn(catalog)).includes(kind)) return kind;
  return kind === "task" ? "." : undefined;
}

/** None where there is no such directory. */
async function directoriesIn(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory, { withFileTypes: true });
    return names.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map((entry) => entry.name);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

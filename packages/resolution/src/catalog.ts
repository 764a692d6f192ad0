import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { compareVersions, isVersion } from "./version.ts";

/** One version of one Task in a catalog directory. */
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
 * Every version of a Task, the newest first, from the first catalog that has the Task at all.
 * A catalog is laid out as `task/NAME/VERSION/NAME.yaml`; the `task` directory itself serves as well.
 */
export async function catalogEntries(catalogs: readonly string[], name: string): Promise<readonly CatalogEntry[]> {
  if (!safeName.test(name)) return [];
  for (const catalog of catalogs) {
    const root = await taskRoot(catalog);
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

/** The names of all Tasks of the catalogs. */
export async function catalogNames(catalogs: readonly string[]): Promise<readonly string[]> {
  const names = await Promise.all(
    catalogs.map(async (catalog) => directoriesIn(join(catalog, await taskRoot(catalog)))),
  );
  return [...new Set(names.flat())].sort();
}

async function taskRoot(catalog: string): Promise<"task" | "."> {
  return (await directoriesIn(catalog)).includes("task") ? "task" : ".";
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

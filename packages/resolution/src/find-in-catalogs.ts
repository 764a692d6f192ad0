import { createHash } from "node:crypto";
import { type Diagnostic, fail, hasErrors, type Result, type SourceFile, succeed } from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import {
  asRunnable,
  type Located,
  type Provenance,
  readResources,
  type TektonResource,
  validateResources,
} from "@lapcat/tekton";
import { catalogEntries, type CatalogEntry } from "./catalog.ts";
import { isKind } from "./kind.ts";
import { loadFile } from "./load-sources.ts";
import { compareVersions } from "./version.ts";

/** A definition, and where it was taken from. */
export interface Found<R extends TektonResource> {
  readonly located: Located<R>;
  readonly provenance: Provenance;
}

export function provenanceOf(source: SourceFile): Provenance {
  return { uri: source.name, digest: { sha256: createHash("sha256").update(source.text).digest("hex") } };
}

/** The newest version, or the one asked for. Undefined when no catalog has it at all. */
export async function findInCatalogs<K extends "Task" | "StepAction">(
  catalogs: readonly string[],
  kind: K,
  name: string,
  pin: string | undefined,
): Promise<Result<Found<Extract<TektonResource, { kind: K }>>> | undefined> {
  const entries = await catalogEntries(catalogs, kind === "Task" ? "task" : "stepaction", name);
  const [newest] = entries;
  if (newest === undefined) return undefined;
  const entry = pin === undefined ? newest : entries.find(({ version }) => compareVersions(version, pin) === 0);
  if (entry === undefined) {
    const versions = entries.map(({ version }) => version).join(", ");
    return fail([
      {
        code: "catalog.version",
        severity: "error",
        message: `version ${pin} of ${kind} ${name} is not in the catalog ${newest.catalog}`,
        hint: `It has ${versions}: give one of them with --task ${name}@VERSION`,
      },
    ]);
  }
  const read = await readEntry(kind, entry);
  if (!read.ok) return read;
  const why =
    pin !== undefined ? "as asked for" : entries.length === 1 ? "the only version" : `the newest of ${entries.length}`;
  const chosen: Diagnostic = {
    code: "catalog.chosen",
    severity: "note",
    message: `${kind} ${name} is version ${entry.version} of the catalog (${why}): ${entry.file}`,
  };
  return succeed(read.value, [chosen, ...read.diagnostics]);
}

async function readEntry<K extends "Task" | "StepAction">(
  kind: K,
  entry: CatalogEntry,
): Promise<Result<Found<Extract<TektonResource, { kind: K }>>>> {
  const source = await loadFile(entry.file);
  if (!source.ok) return source;
  const documents = parseManifest(source.value);
  if (!documents.ok) return documents;
  const read = readResources(documents.value);
  if (!read.ok) return read;
  const [located] = read.value.resources
    .filter(({ resource }) => resource.metadata.name === entry.name)
    .filter(isKind(kind));
  // What else a catalog's file holds is not the user's to mend.
  const warnings = read.diagnostics.filter((each) => each.severity === "warning");
  if (located === undefined) {
    return fail([
      ...warnings,
      {
        code: kind === "Task" ? "task.missing" : "stepaction.missing",
        severity: "error",
        message: `${entry.file} does not contain the ${kind} ${entry.name}`,
        hint: "The catalog is damaged, or it is no catalog",
      },
    ]);
  }
  const problems = asRunnable(validateResources([located]));
  if (hasErrors(problems)) return fail([...warnings, ...problems]);
  const provenance = { ...provenanceOf(source.value), uri: `catalog:${entry.catalog}`, entryPoint: entry.entryPoint };
  return succeed({ located, provenance }, warnings);
}

import { type Diagnostic, fail, hasErrors, type Result, type SourceFile, succeed } from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import {
  asRunnable,
  attemptResources,
  type Gates,
  type Located,
  type TektonResource,
  validateResources,
} from "@lapcat/tekton";

/** A cluster's own settings, as far as they decide what a definition becomes there. */
export interface Admission {
  readonly settings: Readonly<Record<string, string>>;
  readonly gates: Gates;
}

/**
 * The definition in a text that a resolver gave, which a cluster submits to its admission as if it were to be created. Of several
 * documents upstream's decoder reads the first.
 */
export function readDefinition(source: SourceFile, { settings, gates }: Admission): Result<Located<TektonResource>> {
  const documents = parseManifest(source);
  if (!documents.ok) return documents;
  const [first, ...others] = documents.value;
  if (first === undefined) return fail([unusable(`${source.name} holds no document`)]);
  const read = attemptResources([first], settings);
  const diagnostics: Diagnostic[] = [...documents.diagnostics, ...read.diagnostics];
  if (others.length > 0)
    diagnostics.push({
      code: "document.ignored",
      severity: "warning",
      message: `${source.name} holds ${others.length + 1} documents, of which Tekton reads the first`,
      span: others[0]?.spanOf([]) ?? first.spanOf([]),
    });
  diagnostics.push(...asRunnable(validateResources(read.resources, gates)));
  if (hasErrors(diagnostics)) return fail(diagnostics);
  const [located] = read.resources;
  if (located === undefined) return fail([...diagnostics, unusable(`${source.name} holds nothing that Tekton reads`)]);
  return succeed(
    located,
    diagnostics.filter(({ severity }) => severity === "warning"),
  );
}

function unusable(message: string): Diagnostic {
  return { code: "resolver.missing", severity: "error", message };
}

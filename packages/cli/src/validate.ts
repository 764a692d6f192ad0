import { type Diagnostic, formatDiagnostic, hasErrors, positionAt, type Span } from "@lapcat/diagnostic";
import { type ManifestDocument } from "@lapcat/manifest";
import { githubAnnotations, sarifLog } from "@lapcat/report";
import { type Located } from "@lapcat/tekton";
import { allAdvice, withoutRepeats } from "./advice.ts";
import { exitCodeOf, exitCodes } from "./exit-code.ts";
import { closeRun, type InputOptions, type Inputs, readInputs } from "./inputs.ts";
import { type PodSettingOptions, podSettings } from "./pod-settings.ts";
import { asAsked } from "./strict.ts";
import { version } from "./version.ts";
import { type Command, type World } from "./world.ts";

export interface ValidateOptions extends InputOptions, PodSettingOptions {
  readonly output: "text" | "json" | "github" | "sarif";
  readonly strict: boolean;
}

/** Checks every document as admission does, then every run among them with all it refers to. */
export const validate: Command<ValidateOptions> = async (world, options) => {
  const inputs = await readInputs(world, options);
  const read = inputs.ok ? inputs.value : undefined;
  const admission = inputs.diagnostics;
  const runs = read === undefined || hasErrors(admission) ? [] : await runDiagnostics(world, read, options);
  const settings = await podSettings(world, options);
  const before = [...admission, ...runs];
  const advice = read === undefined ? [] : await allAdvice(read.resources, options.catalog);
  const all = unique([...before, ...withoutRepeats(advice, before), ...settings.diagnostics]);
  const refused = admission.filter(({ severity }) => severity === "error");
  const diagnostics = inPlaceOrder(asAsked(all, options));
  switch (options.output) {
    case "text":
      for (const each of diagnostics) world.out.print(formatDiagnostic(each, world.out.style), "");
      world.out.print(countLine(read?.documents.length ?? 0, diagnostics));
      break;
    case "json":
      await world.out.write(`${JSON.stringify(asData(read, refused, diagnostics), undefined, 2)}\n`);
      break;
    case "github":
      world.out.print(...githubAnnotations(diagnostics));
      break;
    case "sarif":
      await world.out.write(`${sarifLog(diagnostics, version)}\n`);
      break;
  }
  return hasErrors(diagnostics) ? Math.max(exitCodeOf(diagnostics), exitCodes.input) : exitCodes.succeeded;
};

/**
 * What would keep the runs among the documents from running here. A cluster takes them all the same, and may have what is not
 * here: warnings.
 */
async function runDiagnostics(world: World, inputs: Inputs, options: ValidateOptions): Promise<readonly Diagnostic[]> {
  const isRun = ({ resource: { kind } }: Located): boolean => kind === "PipelineRun" || kind === "TaskRun";
  const others = inputs.resources.filter((each) => !isRun(each));
  const groups = [...Map.groupBy(others, nameOf).values()];
  const found: Diagnostic[] = [];
  for (const run of inputs.resources.filter(isRun)) {
    const resources = groups.map((group) => nearest(group, run)).filter((each) => each !== undefined);
    const closed = await closeRun(
      world,
      { ...inputs, resources: [...resources, run] },
      { ...options, documentsOnly: true },
      undefined,
    );
    found.push(...closed.diagnostics);
  }
  // What has no place in a document is about the command line.
  return found.map((each) => (each.severity === "error" && each.span !== undefined ? asWarning(each) : each));
}

function asWarning(diagnostic: Diagnostic): Diagnostic {
  return { ...diagnostic, severity: "warning" };
}

function nameOf({ resource: { kind, metadata } }: Located): string {
  return `${kind} ${metadata.namespace ?? ""}/${metadata.name ?? ""}`;
}

/** Of several documents with one name, as the versions in a catalog, the one whose file is nearest to the run's; then the last. */
function nearest(group: readonly Located[], run: Located): Located | undefined {
  if (group.length < 2) return group[0];
  const near = group.map((each) => commonLength(fileOf(each), fileOf(run)));
  return group[near.lastIndexOf(Math.max(...near))];
}

function fileOf({ origin }: Located): string {
  return origin.document.source.name;
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, message, span }) => {
    const key = `${code} ${message} ${span?.file.name} ${span?.start}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** File by file as first met, and in each from its top; what has no place comes first. */
function inPlaceOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const placeless = diagnostics.filter(({ span }) => span === undefined);
  const files = Map.groupBy(
    diagnostics.filter(({ span }) => span !== undefined),
    ({ span }) => span?.file.name,
  );
  const byPlace = [...files.values()].map((found) =>
    found.toSorted((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0)),
  );
  return [...placeless, ...byPlace.flat()];
}

function countLine(documents: number, diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic["severity"]): number =>
    diagnostics.filter((each) => each.severity === severity).length;
  const plural = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
  return `${plural(documents, "document")}: ${plural(count("error"), "error")}, ${plural(count("warning"), "warning")}`;
}

interface DocumentData {
  readonly file: string;
  readonly index: number;
  readonly apiVersion: string | null;
  readonly kind: string | null;
  readonly name: string | null;
  readonly namespace: string | null;
  readonly valid: boolean;
}

/** A document is valid when admission has no objection (`errors`), whatever may happen when it is run. */
function asData(
  inputs: Inputs | undefined,
  errors: readonly Diagnostic[],
  diagnostics: readonly Diagnostic[],
): unknown {
  const documents = (inputs?.documents ?? []).map((document) => documentData(document, errors));
  const broken = (inputs?.sources ?? [])
    .filter((source) => !inputs?.documents.some((document) => document.source === source))
    .filter((source) => errors.some(({ span }) => span?.file === source))
    .map(({ name: file }) => ({ file, index: 0, ...nameless, valid: false }));
  return { documents: [...documents, ...broken], diagnostics: diagnostics.map(diagnosticData) };
}

const nameless = { apiVersion: null, kind: null, name: null, namespace: null };

function documentData(document: ManifestDocument, errors: readonly Diagnostic[]): DocumentData {
  const { source, index, value } = document;
  const whole = document.spanOf([]);
  const inside = (span: Span | undefined): boolean =>
    span?.file === source && span.start >= whole.start && span.start <= whole.end;
  const field = (of: unknown, name: string): unknown =>
    typeof of === "object" && of !== null ? (of as Readonly<Record<string, unknown>>)[name] : undefined;
  const text = (found: unknown): string | null => (typeof found === "string" ? found : null);
  const metadata = field(value, "metadata");
  return {
    file: source.name,
    index,
    apiVersion: text(field(value, "apiVersion")),
    kind: text(field(value, "kind")),
    name: text(field(metadata, "name")) ?? text(field(metadata, "generateName")),
    namespace: text(field(metadata, "namespace")),
    valid: !errors.some(({ span }) => inside(span)),
  };
}

function diagnosticData({ code, severity, message, path, span, hint }: Diagnostic): unknown {
  const from = span === undefined ? undefined : positionAt(span.file, span.start);
  const to = span === undefined ? undefined : positionAt(span.file, span.end);
  return {
    code,
    severity,
    message,
    path: path ?? null,
    file: span?.file.name ?? null,
    line: from?.line ?? null,
    column: from?.column ?? null,
    endLine: to?.line ?? null,
    endColumn: to?.column ?? null,
    hint: hint ?? null,
  };
}

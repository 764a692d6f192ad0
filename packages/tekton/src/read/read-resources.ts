import { didYouMean, fail, hasErrors, succeed, type Diagnostic, type Result } from "@lapcat/diagnostic";
import { formatPath, type Json, type JsonObject, type ManifestDocument, type Path } from "@lapcat/manifest";
import { configDefaultsFrom, configDefaultsIn } from "../config-defaults.ts";
import { isObject } from "../is-object.ts";
import { type Located } from "../resource.ts";
import { knownKinds, readingOf } from "./kinds.ts";
import { readSound } from "./read-sound.ts";

/** A document that has no meaning outside a cluster. */
export interface IgnoredDocument {
  readonly document: ManifestDocument;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name?: string;
}

export interface ReadResources {
  /** In the order written. Of two that describe the same object only the later, as after `kubectl apply`. */
  readonly resources: readonly Located[];
  readonly ignored: readonly IgnoredDocument[];
}

/** What could be read of documents, sound or not, and all there is to say about them. */
export interface ReadAttempt extends ReadResources {
  readonly diagnostics: readonly Diagnostic[];
}

/** Documents as v1 resources with their defaults, or every reason why not. */
export function readResources(documents: readonly ManifestDocument[]): Result<ReadResources> {
  const { resources, ignored, diagnostics } = attemptResources(documents);
  const kept = latest(resources);
  const all = [...diagnostics, ...kept.diagnostics];
  return hasErrors(all) ? fail(all) : succeed({ resources: kept.resources, ignored }, all);
}

/**
 * As `readResources`, but what is sound is given even where something else is not. `settings` are keys of `config-defaults` that
 * win over a ConfigMap of that name among the documents.
 */
export function attemptResources(
  documents: readonly ManifestDocument[],
  settings: Readonly<Record<string, string>> = {},
): ReadAttempt {
  const config = configDefaultsFrom({ ...configDefaultsIn(documents), ...settings });
  const resources: Located[] = [];
  const ignored: IgnoredDocument[] = [];
  const diagnostics: Diagnostic[] = [];

  const read = (document: ManifestDocument, value: Json, base: Path): void => {
    const problem = (code: Diagnostic["code"], path: Path, message: string, hint?: string): void => {
      const place = [...base, ...path];
      diagnostics.push({
        code,
        severity: "error",
        message,
        span: document.spanOf(place),
        path: formatPath(place),
        ...(hint !== undefined && { hint }),
      });
    };
    if (!isObject(value)) {
      problem("document.kind", [], "a document has to be a map with apiVersion and kind");
      return;
    }
    const { apiVersion, kind } = value;
    if (typeof apiVersion !== "string" || typeof kind !== "string") {
      const missing = typeof apiVersion === "string" ? "kind" : "apiVersion";
      problem(
        "document.kind",
        [missing],
        `the document does not say its ${missing}`,
        "Tekton's begin with apiVersion: tekton.dev/v1",
      );
      return;
    }
    const reading = readingOf(apiVersion, kind);
    switch (reading.how) {
      case "list":
        if (Array.isArray(value["items"])) {
          value["items"].forEach((item: Json, index) => read(document, item, [...base, "items", index]));
        }
        return;
      case "gone":
        problem("document.kind", ["kind"], `there is no ${kind} in ${apiVersion}`, reading.hint);
        return;
      case "other":
        passOver(document, value, base, apiVersion, kind);
        return;
      case "object":
      case "tekton": {
        const made = readSound(reading, document, value, base, config);
        diagnostics.push(...made.diagnostics);
        if (made.located !== undefined) resources.push(made.located);
        if (reading.kind === "CustomRun" || reading.kind === "VerificationPolicy") {
          notRun(document, value, base, apiVersion, kind);
        } else if (reading.kind === "Namespace" && made.located === undefined)
          ignored.push(ignoredDocument(document, value, apiVersion, kind));
      }
    }
  };

  const notRun = (
    document: ManifestDocument,
    value: JsonObject,
    base: Path,
    apiVersion: string,
    kind: string,
  ): void => {
    ignored.push(ignoredDocument(document, value, apiVersion, kind));
    diagnostics.push({
      code: "document.ignored",
      severity: "note",
      message: `a ${kind} is for a controller in a cluster: it was checked, and is not used here`,
      span: document.spanOf([...base, "kind"]),
      path: formatPath([...base, "kind"]),
    });
  };

  const passOver = (
    document: ManifestDocument,
    value: JsonObject,
    base: Path,
    apiVersion: string,
    kind: string,
  ): void => {
    const meant = didYouMean(kind, knownKinds);
    const misspelt = meant !== undefined && (apiVersion === "v1" || apiVersion.startsWith("tekton.dev/"));
    ignored.push(ignoredDocument(document, value, apiVersion, kind));
    diagnostics.push({
      code: "document.ignored",
      severity: misspelt ? "warning" : "note",
      message: `a ${kind} of ${apiVersion} means nothing here and was passed over`,
      span: document.spanOf([...base, "kind"]),
      path: formatPath([...base, "kind"]),
      ...(misspelt && { hint: `did you mean ${meant}?` }),
    });
  };

  for (const document of documents) read(document, document.value, []);
  return { resources, ignored, diagnostics };
}

function ignoredDocument(
  document: ManifestDocument,
  value: JsonObject,
  apiVersion: string,
  kind: string,
): IgnoredDocument {
  const metadata = value["metadata"];
  const name = isObject(metadata) ? metadata["name"] : undefined;
  return { document, apiVersion, kind, ...(typeof name === "string" && { name }) };
}

/** Of resources with the same kind, namespace and name only the last; the others are told. */
function latest(resources: readonly Located[]): {
  readonly resources: readonly Located[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const last = new Map<string, Located>();
  const key = ({ resource: { kind, metadata } }: Located): string | undefined =>
    metadata.name === undefined ? undefined : `${kind} ${metadata.namespace ?? "default"}/${metadata.name}`;
  for (const each of resources) {
    const name = key(each);
    if (name !== undefined) last.set(name, each);
  }
  const kept = resources.filter((each) => {
    const name = key(each);
    return name === undefined || last.get(name) === each;
  });
  const diagnostics = resources
    .filter((each) => !kept.includes(each))
    .map(({ resource, origin }): Diagnostic => {
      const path = ["metadata", "name"];
      return {
        code: "document.duplicate",
        severity: "warning",
        message: `another ${resource.kind} ${resource.metadata.name} follows; this one is not used`,
        span: origin.spanOf(path),
        path: formatPath(path),
      };
    });
  return { resources: kept, diagnostics };
}

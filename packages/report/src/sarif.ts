import { codes, positionAt, type Code, type Diagnostic, type Span } from "@lapcat/diagnostic";

/** SARIF 2.1.0 for code scanning: one run of the tool, one result for every diagnostic, one rule for every code met. */
export function sarifLog(diagnostics: readonly Diagnostic[], version: string): string {
  const met = [...new Set(diagnostics.map(({ code }) => code))].sort();
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "lapcat", semanticVersion: version, rules: met.map(rule) } },
        columnKind: "utf16CodeUnits",
        results: diagnostics.map((each) => result(each, met.indexOf(each.code))),
      },
    ],
  };
  return JSON.stringify(log, undefined, 2);
}

function rule(id: Code): unknown {
  return { id, shortDescription: { text: codes[id].sentence } };
}

function result({ code, severity, message, hint, span, path }: Diagnostic, ruleIndex: number): unknown {
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: hint === undefined ? message : `${message}\n${hint}` },
    ...(span !== undefined && { locations: [location(span, path)] }),
  };
}

function location(span: Span, path: string | undefined): unknown {
  const from = positionAt(span.file, span.start);
  const to = positionAt(span.file, span.end);
  return {
    physicalLocation: {
      artifactLocation: artifact(span.file.name),
      region: { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column },
    },
    ...(path !== undefined && path !== "" && { logicalLocations: [{ fullyQualifiedName: path }] }),
  };
}

/** A file below the directory where lapcat was started belongs to the checkout, which is where code scanning looks. */
function artifact(name: string): unknown {
  if (/^[a-z]+:\/\//u.test(name)) return { uri: name };
  const uri = name
    .replace(/^(?:\.\/)+/u, "")
    .split(/[/\\]/u)
    .map(encodeURIComponent)
    .join("/");
  return uri.startsWith("/") ? { uri: `file://${uri}` } : { uri, uriBaseId: "%SRCROOT%" };
}

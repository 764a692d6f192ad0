export { codes, type Code, type Concern } from "./codes.ts";
export { fail, hasErrors, LapcatError, succeed, type Diagnostic, type Result, type Severity } from "./diagnostic.ts";
export { didYouMean } from "./did-you-mean.ts";
export { formatDiagnostic, type FormatOptions } from "./format.ts";
export { lineAt, positionAt, sourceFile, type Position, type SourceFile, type Span } from "./source-file.ts";

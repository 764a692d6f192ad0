import {
  fail,
  succeed,
  type Code,
  type Diagnostic,
  type Result,
  type Severity,
  type SourceFile,
} from "@lapcat/diagnostic";
import { Composer, Lexer, Parser, Schema, type Document, type ParsedNode } from "yaml";
import { explainError } from "./explain-error.ts";
import { maxDepth, maxDocuments, maxErrors, maxLexemes, maxSize } from "./limits.ts";
import { jsonText } from "./json-text.ts";
import { isWritten, locate } from "./locate.ts";
import { type Json, type ManifestDocument, type Path } from "./manifest-document.ts";
import { strayMarks } from "./stray-marks.ts";
import { unreadable } from "./unreadable.ts";
import { buildTree, type ValueTree } from "./value-tree.ts";

/** All scalars arrive as text, one schema for all documents; what they mean is upstream's to say (`scalar.ts`). */
const schema = new Schema({ schema: "failsafe", resolveKnownTags: false });

type YamlDocument = Document.Parsed<ParsedNode>;

/** The documents of a file, without those that hold nothing; or every reason why it cannot be read. Never throws. */
export function parseManifest(source: SourceFile): Result<readonly ManifestDocument[]> {
  const diagnostics: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  const reportAs =
    (severity: Severity, into: Diagnostic[]): Report =>
    (code, message, start, end = start + 1, hint) => {
      const limit = source.text.length;
      const from = Math.min(start, limit);
      const span = { file: source, start: from, end: Math.min(end, limit) };
      into.push({ code, severity, message, span, ...(hint !== undefined && { hint }) });
    };
  const report = reportAs("error", diagnostics);
  const warn = reportAs("warning", warnings);
  checkText(source.text, report);
  if (diagnostics.length > 0) return fail(diagnostics);

  const documents: ManifestDocument[] = [];
  let count = 0;
  for (const document of composeAll(source.text, report)) {
    for (const error of document.errors) {
      const { message, hint } = explainError(error);
      report("yaml.syntax", message, error.pos[0], error.pos[1], hint);
    }
    const tree = buildTree(document.contents);
    for (const each of tree.problems) report(each.code, each.message, each.start, each.end);
    for (const each of tree.surprises.slice(0, maxErrors - warnings.length))
      warn(each.code, each.message, each.start, each.end, each.hint);
    if (diagnostics.length >= maxErrors) break;
    const root = document.contents;
    if (root !== null && tree.value !== null) documents.push(manifestDocument(source, documents.length, root, tree));
    count += 1;
    if (count > maxDocuments) {
      report("yaml.syntax", `a file may hold ${maxDocuments} documents`, document.range[0]);
      break;
    }
  }
  return diagnostics.length > 0 ? fail(diagnostics.slice(0, maxErrors)) : succeed(documents, warnings);
}

type Report = (code: Code, message: string, start: number, end?: number, hint?: string) => void;

function checkText(text: string, report: Report): void {
  if (text.length > maxSize) {
    report("file.too-large", `this is ${(text.length / 1024 / 1024).toFixed(1)} MiB; a document may have 8 MiB`, 0, 0);
    return;
  }
  const nul = text.indexOf("\0");
  if (nul !== -1) report("file.encoding", "the text contains a NUL character; is this a binary file?", nul);
  if (!text.isWellFormed()) {
    report("file.encoding", "the text is not valid Unicode: half a surrogate pair stands alone", loneSurrogate(text));
  }
  const control = text.search(unreadable);
  if (nul === -1 && control !== -1) {
    const code = text.charCodeAt(control).toString(16).toUpperCase().padStart(4, "0");
    report("yaml.syntax", `the control character U+${code} is not allowed in YAML`, control);
  }
}

function loneSurrogate(text: string): number {
  return text.search(/(?:[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff])/);
}

/** Lexes, parses and composes piece by piece, so that a text beyond a limit is left before it costs much. */
function* composeAll(text: string, report: Report): Generator<YamlDocument> {
  const parser = new Parser();
  const composer = new Composer({ schema, prettyErrors: false, uniqueKeys: false, logLevel: "silent" });
  const stray = strayMarks();
  let lexemes = 0;
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      if (token.type === "error") errors += 1;
      yield* composer.next(token);
    }
    lexemes += 1;
    stray.next(lexeme);
    if (stray.count > maxErrors) {
      report("yaml.syntax", "too many tags, anchors, aliases or commas up to here belong to nothing", parser.offset);
      return;
    }
    if (errors > maxErrors) break;
    if (parser.stack.length > maxDepth) {
      report("yaml.syntax", `this is nested more than ${maxDepth} levels deep`, parser.offset);
      return;
    }
    if (lexemes > maxLexemes) {
      report("file.too-large", `the text has more than ${maxLexemes} keys, values and marks up to here`, parser.offset);
      return;
    }
  }
  for (const token of parser.end()) yield* composer.next(token);
  yield* composer.end();
}

function manifestDocument(source: SourceFile, index: number, root: ParsedNode, tree: ValueTree): ManifestDocument {
  const span = (node: ParsedNode): ReturnType<ManifestDocument["spanOf"]> => {
    return { file: source, start: node.range[0], end: node.range[1] };
  };
  const spanOf = (path: Path): ReturnType<ManifestDocument["spanOf"]> => {
    const { key, value } = locate(root, tree.targets, path);
    if (isWritten(value)) return span(value);
    return span(key ?? root);
  };
  return {
    source,
    index,
    value: tree.value,
    spanOf,
    keySpanOf: (path) => {
      const { key, complete } = locate(root, tree.targets, path);
      return complete && key !== undefined ? span(key) : spanOf(path);
    },
    jsonTextAt: (path) => {
      let value: Json | undefined = tree.value;
      let digits: string | undefined;
      for (const part of path) {
        if (value === null || value === undefined || typeof value !== "object") return undefined;
        digits = tree.exactIntegers.get(value)?.get(part);
        value = Object.hasOwn(value, part) ? (value as Record<string | number, Json>)[part] : undefined;
      }
      return value === undefined ? undefined : (digits ?? jsonText(value, tree.exactIntegers));
    },
  };
}

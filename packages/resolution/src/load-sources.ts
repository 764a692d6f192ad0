import { open, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  type Diagnostic,
  didYouMean,
  fail,
  type Result,
  type SourceFile,
  sourceFile,
  succeed,
} from "@lapcat/diagnostic";

export interface SourceInputs {
  /** Files, directories, `http(s)://` addresses, `-` for standard input: in this order. */
  readonly files: readonly string[];
  /** Directories with all below them. */
  readonly recursive: boolean;
  /** Read when `-` is among the files. */
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly fetch: typeof fetch;
}

const limit = 8 * 1024 * 1024;
const fetchTimeout = 30_000;
/** Files read at a time. */
const together = 32;
const extension = /\.(?:ya?ml|json)$/u;

/** The texts that were named, each once. All that cannot be read are told; none is read further than the limit. */
export async function loadSources(inputs: SourceInputs): Promise<Result<readonly SourceFile[]>> {
  const waiting: (() => Promise<Result<SourceFile>>)[] = [];
  const seen = new Set<string>();
  for (const name of inputs.files) {
    if (name === "-") {
      if (!seen.has(name)) waiting.push(() => readText(name, () => inputs.stdin));
      seen.add(name);
    } else if (/^https?:\/\//u.test(name)) {
      waiting.push(() => readText(name, () => download(name, inputs.fetch)));
    } else {
      const found = await filesOf(name, inputs.recursive);
      if (!found.ok) waiting.push(() => Promise.resolve(found));
      for (const file of found.ok ? found.value : []) {
        const real = await realpath(file);
        if (seen.has(real)) continue;
        seen.add(real);
        waiting.push(() => loadFile(file));
      }
    }
  }
  const sources: SourceFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (let from = 0; from < waiting.length; from += together) {
    for (const result of await Promise.all(waiting.slice(from, from + together).map((load) => load()))) {
      if (result.ok) sources.push(result.value);
      diagnostics.push(...result.diagnostics);
    }
  }
  return diagnostics.length > 0 ? fail(diagnostics) : succeed(sources);
}

/** A file's text; used for catalogs too. */
export function loadFile(file: string): Promise<Result<SourceFile>> {
  return readText(file, () => readFileChunks(file));
}

async function readText(name: string, chunks: () => AsyncIterable<Uint8Array>): Promise<Result<SourceFile>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of chunks()) {
      parts.push(chunk);
      size += chunk.length;
      if (size > limit) return fail([tooLarge(name)]);
    }
  } catch (error) {
    if (error === exceeded) return fail([tooLarge(name)]);
    return fail([await unreadable(name, error)]);
  }
  const bytes = Buffer.concat(parts);
  try {
    // A byte order mark is dropped here.
    return succeed(sourceFile(name, new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    const hint = utf16 ? "It looks like UTF-16: save it as UTF-8" : "YAML documents have to be UTF-8";
    return fail([{ code: "file.encoding", severity: "error", message: `${name} is not valid UTF-8`, hint }]);
  }
}

/** Thrown where a size is known before the bytes are. */
const exceeded = new Error("larger than the limit");

async function* readFileChunks(path: string): AsyncGenerator<Uint8Array> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  if (size > limit) throw exceeded;
  // As large as the file and a byte to meet its end with: a catalog has a thousand of them. What has no size is a pipe.
  const length = size === 0 ? 64 * 1024 : Math.min(size + 1, 64 * 1024);
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    if (bytesRead < length && size > 0) return;
  }
}

async function* download(url: string, fetcher: typeof fetch): AsyncGenerator<Uint8Array> {
  const response = await fetcher(url, { signal: AbortSignal.timeout(fetchTimeout) });
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
  if (Number(response.headers.get("content-length") ?? 0) > limit) throw exceeded;
  if (response.body !== null) yield* response.body;
}

/** The file itself, or the documents of a directory, sorted. */
async function filesOf(name: string, recursive: boolean): Promise<Result<readonly string[]>> {
  try {
    if (!(await stat(name)).isDirectory()) return succeed([name]);
    const entries = await readdir(name, { withFileTypes: true, recursive });
    const files = entries
      .filter((entry) => !entry.isDirectory() && extension.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    if (files.length > 0) return succeed(files);
    const below = entries.some((entry) => entry.isDirectory());
    const hint =
      !recursive && below
        ? "Directories below it are read with -R"
        : "It has no file that ends in .yaml, .yml or .json";
    return fail([
      { code: "file.unreadable", severity: "error", message: `there are no documents in the directory ${name}`, hint },
    ]);
  } catch (error) {
    return fail([await unreadable(name, error)]);
  }
}

function tooLarge(name: string): Diagnostic {
  return {
    code: "file.too-large",
    severity: "error",
    message: `${name === "-" ? "standard input" : name} is larger than 8 MiB`,
    hint: "Documents are small: is this another file?",
  };
}

/** Why a file could not be read, in a user's words. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const known: Record<string, string> = {
    ENOENT: "there is no such file",
    EACCES: "you may not read it",
    EISDIR: "it is a directory",
    ENOTDIR: "a part of the path is not a directory",
    ELOOP: "its links go round in a circle",
  };
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return (
    (typeof code === "string" ? known[code] : undefined) ??
    `${error instanceof Error ? error.message : String(error)}${cause}`
  );
}

async function unreadable(name: string, error: unknown): Promise<Diagnostic> {
  const absent = error instanceof Error && "code" in error && error.code === "ENOENT";
  const near = absent ? await neighbour(name) : undefined;
  return {
    code: "file.unreadable",
    severity: "error",
    message: `${name} cannot be read: ${whyUnreadable(error)}`,
    hint:
      near === undefined
        ? "Give a file, a directory, an http(s) address, or - for standard input"
        : `Did you mean ${near}?`,
  };
}

/** A file beside the one that is not there, with nearly its name. */
async function neighbour(name: string): Promise<string | undefined> {
  try {
    const near = didYouMean(basename(name), await readdir(dirname(name)));
    return near === undefined ? undefined : join(dirname(name), near);
  } catch {
    // The directory is not there either.
    return undefined;
  }
}

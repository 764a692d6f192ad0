import { LapcatError } from "@lapcat/diagnostic";
import { type LogChunk, type Pod } from "@lapcat/engine";
import { type PlannedStep } from "@lapcat/pod";

/** So many bytes are held before they are put into the file: an engine elsewhere takes whole files only. */
const slab = 8 << 20;

/** Copies of a step's output in files that the steps after it see, unmasked as in a cluster (POD-20). */
export interface StreamCopies {
  /** Why the files cannot be written: then the step is not run, as Tekton's entrypoint would not run it. */
  readonly refusal: string | undefined;
  /** The very same chunks; the files are whole when they end. */
  of(chunks: AsyncIterable<LogChunk>): AsyncIterable<LogChunk>;
}

/** Makes the files, as they are before there is output. */
export async function streamCopies({ container, copies }: PlannedStep, pod: Pod): Promise<StreamCopies> {
  const paths = [...new Set([copies.stdout, copies.stderr])].filter((path) => path !== undefined);
  const held = new Map(paths.map((path) => [path, { chunks: [] as Uint8Array[], length: 0 }]));
  const put = async (path: string): Promise<void> => {
    const file = held.get(path);
    if (file === undefined || file.length === 0) return;
    const content = Buffer.concat(file.chunks);
    held.set(path, { chunks: [], length: 0 });
    await pod.append(container, path, content);
  };
  const keep = async (path: string, { bytes }: LogChunk): Promise<void> => {
    const file = held.get(path);
    if (file === undefined) return;
    // A copy: the chunk's memory is its giver's.
    file.chunks.push(Uint8Array.from(bytes));
    file.length += bytes.length;
    if (file.length >= slab) await put(path);
  };
  return {
    refusal: await refusalOf(paths, (path) => pod.append(container, path, new Uint8Array(0))),
    of: (chunks) => (paths.length === 0 ? chunks : copied(chunks)),
  };
  async function* copied(chunks: AsyncIterable<LogChunk>): AsyncGenerator<LogChunk> {
    for await (const chunk of chunks) {
      const path = copies[chunk.stream];
      if (path !== undefined) await keep(path, chunk);
      yield chunk;
    }
    for (const path of paths) await put(path);
  }
}

async function refusalOf(paths: readonly string[], make: (path: string) => Promise<void>): Promise<string | undefined> {
  for (const path of paths) {
    try {
      await make(path);
    } catch (error) {
      if (!(error instanceof LapcatError)) throw error;
      const { code, message } = error.diagnostic;
      if (code !== "engine.refused" && code !== "path.escape") throw error;
      return `error opening ${path}: ${message}`;
    }
  }
  return undefined;
}

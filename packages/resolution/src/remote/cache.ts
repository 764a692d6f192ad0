import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Fetched } from "@lapcat/tekton";

/** What was fetched before, one file for each request and named by its digest, as an address may hold a login, so that it need not be, or cannot be, asked again. */
export interface ResolutionCache {
  /** Nothing where there is none, or where it is not what was written. */
  read(key: string): Promise<Kept | undefined>;
  write(key: string, kept: Omit<Kept, "age">): Promise<void>;
}

export interface Kept extends Pick<Fetched, "text" | "provenance"> {
  readonly immutable: boolean;
  /** Milliseconds since it was fetched. */
  readonly age: number;
}

const version = 1;

export function resolutionCache(directory: string): ResolutionCache {
  const fileOf = (key: string): string => join(directory, `${sha256(key)}.json`);
  return {
    async read(key) {
      const file = fileOf(key);
      try {
        const kept: unknown = JSON.parse(await readFile(file, "utf8"));
        // Written by this program; a file that somebody changed, or that was torn, is as good as none.
        const { v, sha256: digest, text, provenance, immutable } = kept as Entry;
        if (v !== version || typeof text !== "string" || sha256(text) !== digest) return undefined;
        const { mtimeMs } = await stat(file);
        return { text, provenance, immutable, age: Date.now() - mtimeMs };
      } catch (error) {
        if (error instanceof SyntaxError || error instanceof TypeError || isAbsent(error)) return undefined;
        throw error;
      }
    },
    async write(key, { text, provenance, immutable }) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const entry: Entry = { v: version, sha256: sha256(text), immutable, provenance, text };
      const scratch = join(directory, `${randomUUID()}.new`);
      try {
        await writeFile(scratch, JSON.stringify(entry), { mode: 0o600 });
        await rename(scratch, fileOf(key));
      } finally {
        await rm(scratch, { force: true });
      }
    },
  };
}

interface Entry extends Omit<Kept, "age"> {
  readonly v: number;
  readonly sha256: string;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

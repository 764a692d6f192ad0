import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, fileError } from "./file-error.ts";

/** Which run last used a claim that outlives runs. Engines do not tell when a volume was used. */
export interface ClaimUses {
  note(claims: Iterable<string>, run: string): Promise<void>;
  last(claim: string): Promise<ClaimUse | undefined>;
  forget(claim: string): Promise<void>;
}

export interface ClaimUse {
  readonly run: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A file for each claim, beside the runs. */
export function claimUses(root: string): ClaimUses {
  const directory = join(root, ".claims");
  // Never `.` or `..`, and no way to another directory.
  const path = (claim: string): string => join(directory, `${encodeURIComponent(claim)}.claim`);
  return {
    async note(claims, run) {
      try {
        for (const claim of claims) {
          await mkdir(directory, { recursive: true, mode: 0o700 });
          await writeFile(path(claim), run, { mode: 0o600 });
        }
      } catch (cause) {
        throw fileError(directory, cause);
      }
    },
    async last(claim) {
      try {
        return { run: await readFile(path(claim), "utf8"), at: (await stat(path(claim))).mtimeMs };
      } catch (cause) {
        if (errnoOf(cause) === "ENOENT") return undefined;
        throw fileError(directory, cause);
      }
    },
    forget: (claim) => rm(path(claim), { force: true }),
  };
}

import { access, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "./file-error.ts";

/** Which runs may have something in an engine: a file for each, beside the runs, in which stands how its engine was chosen. */
export interface SweepMarks {
  /** It makes things from now on. False when something was noted of one with that id already. */
  note(id: string, engine: string): Promise<boolean>;
  /** The same, of one of which only claims were kept. */
  noteAgain(id: string): Promise<void>;
  /** Nothing but the volumes of its claims may be there. */
  keep(id: string): Promise<void>;
  clear(id: string): Promise<void>;
  has(id: string): Promise<boolean>;
  all(): Promise<{ readonly unswept: readonly Mark[]; readonly kept: readonly Mark[] }>;
}

export interface Mark {
  readonly id: string;
  readonly engine: string;
}

export function sweepMarks(root: string): SweepMarks {
  const [unswept, kept] = [join(root, ".unswept"), join(root, ".kept")];
  return {
    async note(id, engine) {
      await mkdir(unswept, { recursive: true, mode: 0o700 });
      try {
        await writeFile(join(unswept, id), engine, { mode: 0o600, flag: "wx" });
        return true;
      } catch (cause) {
        if (errnoOf(cause) === "EEXIST") return false;
        throw cause;
      }
    },
    noteAgain: (id) => moved(join(kept, id), join(unswept, id)),
    async keep(id) {
      await mkdir(kept, { recursive: true, mode: 0o700 });
      await moved(join(unswept, id), join(kept, id));
    },
    async clear(id) {
      await Promise.all([rm(join(unswept, id), { force: true }), rm(join(kept, id), { force: true })]);
    },
    has: async (id) => (await isThere(join(unswept, id))) || (await isThere(join(kept, id))),
    async all() {
      const [ofUnswept, ofKept] = await Promise.all([marksIn(unswept), marksIn(kept)]);
      return { unswept: ofUnswept, kept: ofKept };
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

async function marksIn(directory: string): Promise<readonly Mark[]> {
  const ids = await orIfAbsent(readdir(directory), []);
  const marks = await Promise.all(
    ids.map(async (id) => ({ id, engine: await orIfAbsent(readFile(join(directory, id), "utf8"), undefined) })),
  );
  // Another lapcat may have cleared one meanwhile.
  return marks.flatMap(({ id, engine }) => (engine === undefined ? [] : [{ id, engine }]));
}

async function moved(from: string, to: string): Promise<void> {
  await orIfAbsent(rename(from, to), undefined);
}

async function orIfAbsent<T, A>(work: Promise<T>, absent: A): Promise<T | A> {
  try {
    return await work;
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return absent;
    throw cause;
  }
}

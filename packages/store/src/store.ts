import { mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { didYouMean, LapcatError } from "@lapcat/diagnostic";
import { decodeEvents, wholeLength } from "./event-line.ts";
import { errnoOf, fileError } from "./file-error.ts";
import { livingOwner, type Ownership, takeOwnership } from "./ownership.ts";
import { type RunReader, type RunWriter } from "./run-record.ts";
import { runReader } from "./run-reader.ts";
import { runWriter } from "./run-writer.ts";
import { type SweepMarks, sweepMarks } from "./sweep-marks.ts";

export interface Store {
  readonly root: string;
  /**
   * Makes a run's directory, owned by this process. The id is the name, with `-2`, `-3` … when there is a run of that name already.
   * The manifest must not contain secret values. `engine` is how the engine was chosen, for whoever has to sweep.
   */
  create(name: string, manifest: string, engine?: string): Promise<RunWriter>;
  /**
   * Goes on with a run that was interrupted: it is this process's from now on, and what is torn off at its log's end is gone.
   * Rejects with `run.unknown`, with `usage` when somebody else goes on with it, with `store.damaged`.
   */
  resume(id: string): Promise<RunWriter>;
  /** Rejects with `run.unknown`. */
  read(id: string): Promise<RunReader>;
  /** Ids, the newest first. */
  list(): Promise<readonly string[]>;
  /** Rejects with `run.unknown`. Does not ask whether the run is going on. */
  remove(id: string): Promise<void>;
  /**
   * Runs that nobody writes any more and of which something may still be in an engine that is not to be there. One look at two
   * directories, which are empty unless a process was killed or an engine was lost.
   */
  unswept(): Promise<readonly UnsweptRun[]>;
  /** Keeps a run from being gone on with while what it left is removed. Undefined when somebody is at work on it. */
  holdForSweep(id: string): Promise<AsyncDisposable | undefined>;
  /** What the run made in an engine is gone; or all but the volumes of its claims. Harmless twice, and for a run that is removed already. */
  markSwept(id: string, extent: "all" | "pods"): Promise<void>;
}

export interface UnsweptRun {
  readonly id: string;
  /** As `create` was told. */
  readonly engine: string;
  /** `pods`: it can be gone on with, so the volumes of its claims stay. */
  readonly extent: "all" | "pods";
}

/** `$LAPCAT_HOME/runs`, else the XDG state directory's. */
export function storeRoot(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const { LAPCAT_HOME: own, XDG_STATE_HOME: state } = env;
  if (own !== undefined && own !== "") return join(own, "runs");
  return join(state !== undefined && state.startsWith("/") ? state : join(home, ".local", "state"), "lapcat", "runs");
}

const idForm = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/u;

export function openStore(root: string): Store {
  const marks = sweepMarks(root);
  const list = async (): Promise<readonly string[]> => {
    try {
      const names = (await readdir(root)).filter((name) => idForm.test(name));
      const born = await Promise.all(
        names.map(async (name) => ({ name, at: await bornAt(join(root, name, "run.yaml")) })),
      );
      return born
        .filter((each) => each.at !== undefined)
        .sort((a, b) => (b.at ?? 0) - (a.at ?? 0) || (a.name < b.name ? 1 : -1))
        .map((each) => each.name);
    } catch (cause) {
      if (errnoOf(cause) === "ENOENT") return [];
      throw fileError(root, cause);
    }
  };
  const unknown = async (id: string): Promise<LapcatError> => {
    const known = await list();
    const near = didYouMean(id, known);
    const hint =
      near !== undefined
        ? `Did you mean ${near}?`
        : known.length > 0
          ? `The newest run is ${known[0]}; \`lapcat ls\` lists them all`
          : "No run is kept yet";
    return new LapcatError({ code: "run.unknown", message: `there is no run ${JSON.stringify(id)}`, hint });
  };

  return {
    root,
    list,
    async create(name, manifest, engine = "") {
      try {
        await mkdir(root, { recursive: true, mode: 0o700 });
        const { id, ownership } = await claim(root, idOf(name), engine, marks);
        const directory = join(root, id);
        await mkdir(join(directory, "logs"), { mode: 0o700 });
        // Last, and as a whole: a directory with a run.yaml is a run.
        await writeFile(join(directory, ".run.yaml"), manifest, { mode: 0o600 });
        await rename(join(directory, ".run.yaml"), join(directory, "run.yaml"));
        return runWriter(id, directory, ownership);
      } catch (cause) {
        throw fileError(root, cause);
      }
    },
    async resume(id) {
      if (!idForm.test(id) || !(await isRun(join(root, id)))) throw await unknown(id);
      const directory = join(root, id);
      const path = join(directory, "events.ndjson");
      const ownership = await takenOver(directory);
      if (ownership === undefined) throw atWork(id);
      try {
        const bytes = await readFile(path).catch((cause: unknown) => {
          if (errnoOf(cause) === "ENOENT") return Buffer.alloc(0);
          throw fileError(path, cause);
        });
        const whole = wholeLength(bytes);
        const recorded = decodeEvents(bytes.toString("utf8", 0, whole), 0, path);
        if (whole < bytes.length) await truncate(path, whole);
        await marks.noteAgain(id);
        return runWriter(id, directory, ownership, recorded.length);
      } catch (cause) {
        await ownership.release();
        throw cause instanceof LapcatError ? cause : fileError(directory, cause);
      }
    },
    async read(id) {
      if (!idForm.test(id)) throw await unknown(id);
      const directory = join(root, id);
      try {
        return runReader(id, directory, await readFile(join(directory, "run.yaml"), "utf8"));
      } catch (cause) {
        throw errnoOf(cause) === "ENOENT" ? await unknown(id) : fileError(directory, cause);
      }
    },
    async unswept() {
      try {
        const { unswept, kept } = await marks.all();
        const left = [
          ...(await chosen(unswept, async ({ id }) => (await livingOwner(join(root, id))) === undefined)),
          ...(await chosen(kept, async ({ id }) => !(await isRun(join(root, id))))),
        ];
        return await Promise.all(
          left.map(async (each) => ({ ...each, extent: await extentOf(join(root, each.id), each.id) })),
        );
      } catch (cause) {
        throw fileError(root, cause);
      }
    },
    async holdForSweep(id) {
      if (!idForm.test(id)) return { [Symbol.asyncDispose]: () => Promise.resolve() };
      // Also of one that is no run, or none any more: nobody makes one of that name meanwhile.
      await mkdir(join(root, id), { recursive: true, mode: 0o700 });
      const ownership = await takeOwnership(join(root, id), true);
      return ownership && { [Symbol.asyncDispose]: () => ownership.release() };
    },
    async markSwept(id, extent) {
      if (!idForm.test(id)) return;
      if (extent === "pods") return marks.keep(id);
      const directory = join(root, id);
      // It never became a run, or is none any more. The mark goes last: what is noted is looked at again.
      if (!(await isRun(directory))) await rm(directory, { recursive: true, force: true });
      await marks.clear(id);
    },
    async remove(id) {
      if (!idForm.test(id) || (await bornAt(join(root, id))) === undefined) throw await unknown(id);
      try {
        await rm(join(root, id), { recursive: true });
      } catch (cause) {
        throw fileError(join(root, id), cause);
      }
    },
  };
}

/** A run's name as an id: names that Kubernetes allows stay, anything else becomes one that it would allow. */
function idOf(name: string): string {
  const id = name
    .toLowerCase()
    .replace(/[^-a-z0-9.]+/gu, "-")
    .replace(/^[^a-z0-9]+/u, "")
    .slice(0, 63)
    .replace(/[^a-z0-9]+$/u, "");
  return id === "" ? "run" : id;
}

/**
 * Makes a run's directory, and it ours. Two processes cannot both make it; and whoever is killed before it is a run leaves a mark, so that what he
 * made is swept: the name is free again then.
 */
async function claim(
  root: string,
  name: string,
  engine: string,
  marks: SweepMarks,
): Promise<{ readonly id: string; readonly ownership: Ownership }> {
  for (let count = 1; ; count++) {
    const suffix = count === 1 ? "" : `-${count}`;
    const id = `${name.slice(0, 63 - suffix.length).replace(/[^a-z0-9]+$/u, "")}${suffix}`;
    // What a removed run of that name left is not the new one's.
    if ((await bornAt(join(root, id))) !== undefined || (await marks.has(id))) continue;
    if (!(await marks.note(id, engine))) continue;
    try {
      await mkdir(join(root, id), { mode: 0o700 });
    } catch (cause) {
      if (errnoOf(cause) !== "EEXIST") throw cause;
      await marks.clear(id);
      continue;
    }
    const ownership = await takeOwnership(join(root, id), false);
    // Somebody saw the mark, and nobody whose it was.
    if (ownership !== undefined) return { id, ownership };
  }
}

async function chosen<T>(items: readonly T[], isWanted: (item: T) => Promise<boolean>): Promise<readonly T[]> {
  const answers = await Promise.all(items.map(isWanted));
  return items.filter((_, index) => answers[index]);
}

async function isRun(directory: string): Promise<boolean> {
  return (await bornAt(join(directory, "run.yaml"))) !== undefined;
}

/** Only a run that has an end, or whose record is gone, is never gone on with. */
async function extentOf(directory: string, id: string): Promise<UnsweptRun["extent"]> {
  if (!(await isRun(directory))) return "all";
  return (await runReader(id, directory, "").state()) === "finished" ? "all" : "pods";
}

/** Who only sweeps it is soon done: he is waited for. */
async function takenOver(directory: string): Promise<Ownership | undefined> {
  for (;;) {
    const ownership = await takeOwnership(directory, false);
    if (ownership !== undefined || (await livingOwner(directory))?.sweeps === false) return ownership;
    await new Promise((resolve) => setTimeout(resolve, sweepPollMilliseconds));
  }
}

const sweepPollMilliseconds = 50;

function atWork(id: string): LapcatError {
  return new LapcatError({
    code: "usage",
    message: `another lapcat is at work on the run ${id}`,
    hint: `\`lapcat logs ${id} --follow\` shows what it does`,
  });
}

/** Undefined when there is no such file. */
async function bornAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
}

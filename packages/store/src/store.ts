import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { didYouMean, LapcatError } from "@lapcat/diagnostic";
import { errnoOf, fileError } from "./file-error.ts";
import { decodeOwner, encodeOwner, isAlive, ownerOf } from "./owner.ts";
import { type RunReader, type RunWriter } from "./run-record.ts";
import { runReader } from "./run-reader.ts";
import { runWriter } from "./run-writer.ts";

export interface Store {
  readonly root: string;
  /**
   * Makes a run's directory, owned by this process. The id is the name, with `-2`, `-3` … when there is a run of that name already.
   * The manifest must not contain secret values. `engine` is how the engine was chosen, for whoever has to sweep.
   */
  create(name: string, manifest: string, engine?: string): Promise<RunWriter>;
  /** Rejects with `run.unknown`. */
  read(id: string): Promise<RunReader>;
  /** Ids, the newest first. */
  list(): Promise<readonly string[]>;
  /** Rejects with `run.unknown`. Does not ask whether the run is going on. */
  remove(id: string): Promise<void>;
  /**
   * Runs that nobody writes any more and of which something may still be in an engine. One look at one directory, which is
   * empty unless a process was killed or an engine was lost.
   */
  unswept(): Promise<readonly UnsweptRun[]>;
  /** What the run made in an engine is gone. Harmless twice, and for a run that is removed already. */
  markSwept(id: string): Promise<void>;
}

export interface UnsweptRun {
  readonly id: string;
  /** As `create` was told. */
  readonly engine: string;
}

/** `$LAPCAT_HOME/runs`, else the XDG state directory's. */
export function storeRoot(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const { LAPCAT_HOME: own, XDG_STATE_HOME: state } = env;
  if (own !== undefined && own !== "") return join(own, "runs");
  return join(state !== undefined && state.startsWith("/") ? state : join(home, ".local", "state"), "lapcat", "runs");
}

/** Holds a file for every run that has made, or may make, something in an engine; in it stands how the engine was chosen. */
const unsweptDirectory = ".unswept";
const idForm = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/u;

export function openStore(root: string): Store {
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
        const id = await claim(root, idOf(name));
        const directory = join(root, id);
        await mkdir(join(directory, "logs"), { mode: 0o700 });
        const owner = await ownerOf(process.pid);
        if (owner !== undefined) await writeFile(join(directory, "owner"), encodeOwner(owner), { mode: 0o600 });
        await mkdir(join(root, unsweptDirectory), { recursive: true, mode: 0o700 });
        await writeFile(join(root, unsweptDirectory, id), engine, { mode: 0o600 });
        // Last: a directory with a run.yaml is a run.
        await writeFile(join(directory, "run.yaml"), manifest, { mode: 0o600 });
        return runWriter(id, directory);
      } catch (cause) {
        throw fileError(root, cause);
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
        const ids = (await readdir(join(root, unsweptDirectory))).filter((id) => idForm.test(id));
        const gone = await Promise.all(ids.map(async (id) => !(await hasWriter(join(root, id)))));
        const left = ids.filter((_, index) => gone[index]);
        return await Promise.all(
          left.map(async (id) => ({ id, engine: await readFile(join(root, unsweptDirectory, id), "utf8") })),
        );
      } catch (cause) {
        if (errnoOf(cause) === "ENOENT") return [];
        throw fileError(root, cause);
      }
    },
    async markSwept(id) {
      if (idForm.test(id)) await rm(join(root, unsweptDirectory, id), { force: true });
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

/** Making a directory is what makes the id ours: two processes cannot both succeed. */
async function claim(root: string, name: string): Promise<string> {
  for (let count = 1; ; count++) {
    const suffix = count === 1 ? "" : `-${count}`;
    const id = `${name.slice(0, 63 - suffix.length).replace(/[^a-z0-9]+$/u, "")}${suffix}`;
    try {
      await mkdir(join(root, id), { mode: 0o700 });
      return id;
    } catch (cause) {
      if (errnoOf(cause) !== "EEXIST") throw cause;
    }
  }
}

async function hasWriter(directory: string): Promise<boolean> {
  const text = await readFile(join(directory, "owner"), "utf8").catch((cause: unknown) => {
    if (errnoOf(cause) === "ENOENT") return "";
    throw cause;
  });
  const owner = decodeOwner(text);
  return owner !== undefined && (await isAlive(owner));
}

/** Undefined when there is no such file. */
async function bornAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
}

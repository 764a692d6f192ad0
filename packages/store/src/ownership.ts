import { randomUUID } from "node:crypto";
import { link, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "./file-error.ts";
import { decodeOwner, encodeOwner, isAlive, type Owner, ownerOf } from "./owner.ts";

/**
 * Whose a run's directory is. The files `owner`, `owner.1`, `owner.2` … name one process after the other; the last one counts. Making the
 * next one is what takes a run over, and only one process can. None is ever removed: so nobody takes over twice what was given up once.
 */
export interface Ownership {
  release(): Promise<void>;
}

const form = /^owner(?:\.(?<turn>\d+))?$/u;

/** Undefined when the last one lives. */
export async function takeOwnership(directory: string, sweeps: boolean): Promise<Ownership | undefined> {
  const turn = await lastTurn(directory);
  if (turn !== undefined && (await livingAt(directory, turn)) !== undefined) return undefined;
  const own = await ownerOf(process.pid, sweeps);
  if (own === undefined) return { release: () => Promise.resolve() };
  const path = pathOf(directory, turn === undefined ? 0 : turn + 1);
  const prepared = join(directory, `.owner-${randomUUID()}`);
  await writeFile(prepared, encodeOwner(own), { mode: 0o600 });
  try {
    await link(prepared, path);
  } catch (cause) {
    if (errnoOf(cause) === "EEXIST") return undefined;
    throw cause;
  } finally {
    await rm(prepared, { force: true });
  }
  return {
    async release() {
      try {
        await truncate(path);
      } catch (cause) {
        // The run was removed.
        if (errnoOf(cause) !== "ENOENT") throw cause;
      }
    },
  };
}

/** The process that has the run now, if there is one. */
export async function livingOwner(directory: string): Promise<Owner | undefined> {
  const turn = await lastTurn(directory);
  return turn === undefined ? undefined : livingAt(directory, turn);
}

async function livingAt(directory: string, turn: number): Promise<Owner | undefined> {
  const owner = decodeOwner(await readText(pathOf(directory, turn)));
  return owner !== undefined && (await isAlive(owner)) ? owner : undefined;
}

async function lastTurn(directory: string): Promise<number | undefined> {
  const turns = (await namesIn(directory)).flatMap((name) => {
    const found = form.exec(name);
    return found === null ? [] : [Number(found.groups?.["turn"] ?? 0)];
  });
  return turns.length === 0 ? undefined : Math.max(...turns);
}

function pathOf(directory: string, turn: number): string {
  return join(directory, turn === 0 ? "owner" : `owner.${turn}`);
}

/** None when there is no such directory. */
async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return [];
    throw cause;
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return "";
    throw cause;
  }
}

import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { atDeath } from "./at-death.ts";

/** Directories for what resolvers have to write down, below one of their own; what a process left there that was killed is removed too. */
export interface Scratch extends AsyncDisposable {
  directory(): Promise<string>;
}

export function scratchIn(parent: string): Scratch {
  const made: string[] = [];
  let swept: Promise<void> | undefined;
  let death: Disposable | undefined;
  return {
    async directory() {
      await mkdir(parent, { recursive: true, mode: 0o700 });
      await (swept ??= sweep(parent));
      const directory = await mkdtemp(join(parent, `${process.pid}-`));
      made.push(directory);
      death ??= atDeath(() => made.forEach((each) => rmSync(each, { recursive: true, force: true })));
      return directory;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(made.map((each) => rm(each, { recursive: true, force: true })));
      death?.[Symbol.dispose]();
    },
  };
}

async function sweep(parent: string): Promise<void> {
  const left = (await readdir(parent)).filter((name) => {
    const [, pid] = /^(\d+)-/u.exec(name) ?? [];
    return pid !== undefined && !isAlive(Number(pid));
  });
  await Promise.all(left.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

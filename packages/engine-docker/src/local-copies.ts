import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import {
  chmod,
  chown,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
} from "node:fs/promises";
import { basename, dirname, join, posix } from "node:path";
import { directoryFlags, holdDirectory, holdOnly } from "./rooted-files.ts";
import { type LeftOut, ownModes, putInPlace, staysInside } from "./unpack-tree.ts";

/**
 * Copies between a volume that lies on this machine and a path of ours: by the kernel, without an archive. What is in the volume belongs to
 * others, who may change it meanwhile: there every step is taken from an open directory, and no link is followed.
 */
const at = (directory: number, name: string): string => `/proc/self/fd/${directory}/${name}`;

const present = (path: string): Promise<Stats | undefined> => lstat(path).catch(() => undefined);

/** Undefined when there is nothing at `path`. Leaves out what `unpackTree` does. */
export async function copyOutLocally(
  volume: string,
  path: string,
  destination: string,
  signal: AbortSignal,
): Promise<LeftOut | undefined> {
  const leftOut: string[] = [];
  const whole = path === "/";
  const parent = holdDirectory(volume, whole ? "" : posix.dirname(path), undefined);
  if (parent === undefined) return undefined;
  const copy = async (directory: number, name: string, to: string, inside: string): Promise<void> => {
    signal.throwIfAborted();
    const from = at(directory, name);
    const leave = (why: string): number => leftOut.push(`${JSON.stringify(inside === "" ? path : inside)}: ${why}`);
    const stat = await lstat(from);
    if (stat.isDirectory()) return copyAll(openSync(from, directoryFlags), to, inside);
    if (stat.isSymbolicLink()) {
      const target = await readlink(from);
      if (target.startsWith("/") || !staysInside(posix.join(posix.dirname(inside), target)))
        leave(`a link that leads out, to ${JSON.stringify(target)}`);
      else await symlink(target, to);
    } else if (!(await copyRegular(from, to))) {
      leave("neither a file nor a directory");
    }
  };
  const copyAll = async (held: number, to: string, inside: string): Promise<void> => {
    try {
      await mkdir(to, { mode: ownModes(fstatSync(held).mode, 0o700) });
      for (const name of await readdir(`/proc/self/fd/${held}`))
        await copy(held, name, join(to, name), posix.join(inside, name));
    } finally {
      closeSync(held);
    }
  };
  try {
    if (!whole && (await present(at(parent, posix.basename(path)))) === undefined) return undefined;
    const fresh = await mkdtemp(join(dirname(destination), ".lapcat-copy-"));
    try {
      const tree = join(fresh, "tree");
      if (whole) await copyAll(openSync(`/proc/self/fd/${parent}`, directoryFlags & ~constants.O_NOFOLLOW), tree, "");
      else await copy(parent, posix.basename(path), tree, "");
      if ((await present(tree)) !== undefined) await putInPlace(tree, destination);
      return leftOut;
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  } finally {
    closeSync(parent);
  }
}

/** False when it is no regular file. */
async function copyRegular(from: string, to: string): Promise<boolean> {
  const held = openSync(from, holdOnly | constants.O_NOFOLLOW);
  try {
    const stat = fstatSync(held);
    if (!stat.isFile()) return false;
    await copyFile(`/proc/self/fd/${held}`, to, constants.COPYFILE_EXCL);
    await chmod(to, ownModes(stat.mode, 0o600));
    return true;
  } finally {
    closeSync(held);
  }
}

/**
 * Copies a file or a directory of ours to `path` in the volume; under `name` where a directory is there. What stands in a file's way is
 * replaced. Undefined when a link leads out of the volume, or a file is on the way.
 */
export async function copyInLocally(
  source: string,
  name: string,
  volume: string,
  path: string,
  signal: AbortSignal,
): Promise<LeftOut | undefined> {
  const leftOut: string[] = [];
  const copy = async (from: string, directory: number, as: string): Promise<void> => {
    signal.throwIfAborted();
    const stat = await lstat(from);
    if (stat.isDirectory()) {
      const there = await present(at(directory, as));
      if (there !== undefined && !there.isDirectory()) await rm(at(directory, as));
      if (there?.isDirectory() !== true) await mkdir(at(directory, as));
      const held = openSync(at(directory, as), directoryFlags);
      try {
        await chmod(`/proc/self/fd/${held}`, stat.mode & 0o7777);
        await copyAll(from, held);
      } finally {
        closeSync(held);
      }
      return;
    }
    const fresh = at(directory, `.lapcat-${process.pid}`);
    await rm(fresh, { force: true });
    if (stat.isSymbolicLink()) {
      await symlink(await readlink(from), fresh);
    } else if (stat.isFile()) {
      await copyFile(from, fresh, constants.COPYFILE_EXCL);
      await chown(fresh, 0, 0);
      await chmod(fresh, stat.mode & 0o7777);
    } else {
      leftOut.push(`${JSON.stringify(from)}: neither a file nor a directory`);
      return;
    }
    await rename(fresh, at(directory, as));
  };
  const copyAll = async (from: string, directory: number): Promise<void> => {
    for (const each of await readdir(from)) await copy(join(from, each), directory, each);
  };
  const existing = holdDirectory(volume, path, undefined);
  if (existing !== undefined) {
    try {
      await (name === "" ? copyAll(source, existing) : copy(source, existing, name));
      return leftOut;
    } finally {
      closeSync(existing);
    }
  }
  const parent = holdDirectory(volume, name === "" ? path : posix.dirname(path), 0o755);
  if (parent === undefined) return undefined;
  try {
    await (name === "" ? copyAll(source, parent) : copy(source, parent, basename(path)));
    return leftOut;
  } finally {
    closeSync(parent);
  }
}

import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { type FileContent } from "@lapcat/engine";
import { type ArchiveEntry, type Owner } from "./archive.ts";
import { prefixes } from "./volumes.ts";

/**
 * Files below a directory whose content belongs to someone else's processes. Every step of a path is opened without following links
 * (through /proc/self/fd, which is openat for Node), so that a link swapped in meanwhile leads nowhere.
 */
type Found =
  | { readonly kind: "directory"; readonly directory: number }
  | { readonly kind: "other"; readonly parent: number; readonly name: string }
  | { readonly kind: "absent"; readonly parent: number; readonly name: string; readonly last: boolean }
  | { readonly kind: "outside" };

export const directoryFlags: number = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const linkLimit = 16;

const at = (directory: number, name: string): string => `/proc/self/fd/${directory}/${name}`;

/** Walks to `path`, calls `use` with what is there, and closes everything. With `make`, missing directories come into being. */
function walk<T>(root: string, path: string, make: number | undefined, use: (found: Found) => T): T {
  const opened: number[] = [openSync(root, constants.O_RDONLY | constants.O_DIRECTORY)];
  const stack = [...opened];
  const rest = path.split("/");
  let links = 0;
  const top = (): number => stack[stack.length - 1] as number;
  try {
    while (rest.length > 0) {
      const name = rest.shift() as string;
      if (name === "" || name === ".") continue;
      if (name === "..") {
        if (stack.length === 1) return use({ kind: "outside" });
        stack.pop();
        continue;
      }
      const last = rest.every((part) => part === "" || part === ".");
      const stat = lstatSync(at(top(), name), { throwIfNoEntry: false });
      if (stat === undefined) {
        if (make === undefined) return use({ kind: "absent", parent: top(), name, last });
        mkdirSync(at(top(), name));
        const made = openSync(at(top(), name), directoryFlags);
        opened.push(made);
        stack.push(made);
        fchmodSync(made, make);
      } else if (stat.isSymbolicLink()) {
        const target = readlinkSync(at(top(), name));
        links++;
        if (target.startsWith("/") || links > linkLimit) return use({ kind: "outside" });
        rest.unshift(...target.split("/"));
      } else if (stat.isDirectory()) {
        const directory = openSync(at(top(), name), directoryFlags);
        opened.push(directory);
        stack.push(directory);
      } else {
        return use(last ? { kind: "other", parent: top(), name } : { kind: "outside" });
      }
    }
    return use({ kind: "directory", directory: top() });
  } finally {
    for (const each of opened) closeSync(each);
  }
}

/** Not in Node's constants: to hold a file without opening what it stands for. */
export const holdOnly = 0o10000000;

/** For reading, if it is a regular file: only to open a device can do something to it, and a pipe would hold us for ever. */
function openFile(path: string): number | undefined {
  const held = openSync(path, holdOnly | constants.O_NOFOLLOW);
  try {
    return fstatSync(held).isFile() ? openSync(`/proc/self/fd/${held}`, constants.O_RDONLY) : undefined;
  } finally {
    closeSync(held);
  }
}

export function readInside(root: string, path: string, limit: number): FileContent | undefined {
  return walk(root, path, undefined, (found) => {
    if (found.kind !== "other") return undefined;
    const file = openFile(at(found.parent, found.name));
    if (file === undefined) return undefined;
    try {
      const buffer = Buffer.alloc(Math.min(fstatSync(file).size, limit) + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < buffer.length; length += read) {
        read = readSync(file, buffer, length, buffer.length - length, null);
      }
      return { bytes: buffer.subarray(0, Math.min(length, limit)), truncated: length > limit };
    } finally {
      closeSync(file);
    }
  });
}

/** Makes a directory and those above it, each with `mode`; says its real path, or undefined when a link leads outside or a file is in the way. */
export function makeDirectoryInside(root: string, path: string, mode: number): string | undefined {
  return walk(root, path, mode, (found) =>
    found.kind === "directory" ? readlinkSync(`/proc/self/fd/${found.directory}`) : undefined,
  );
}

/** The real path of what is there: a file or a directory inside `root`. */
export function locateInside(root: string, path: string): string | undefined {
  return walk(root, path, undefined, (found) => {
    if (found.kind === "directory") return readlinkSync(`/proc/self/fd/${found.directory}`);
    return found.kind === "other" ? `${readlinkSync(`/proc/self/fd/${found.parent}`)}/${found.name}` : undefined;
  });
}

/** A directory inside `root`, open for whoever asks, who closes it; with `make`, made when absent. */
export function holdDirectory(root: string, path: string, make: number | undefined): number | undefined {
  return walk(root, path, make, (found) =>
    found.kind === "directory"
      ? openSync(`/proc/self/fd/${found.directory}`, constants.O_RDONLY | constants.O_DIRECTORY)
      : undefined,
  );
}

/**
 * What stands at a path, held: whatever its name comes to mean later, this stays what it is. A directory is open until the holder closes
 * it, a regular file has a second name, `link`. Missing directories are made. Undefined when a link leads outside, or it is neither.
 */
export type HeldInside =
  | { readonly kind: "directory"; readonly descriptor: number }
  | { readonly kind: "file"; readonly path: string };

export function holdInside(root: string, path: string, mode: number, link: () => string): HeldInside | undefined {
  return walk(root, path, mode, (found) => {
    if (found.kind === "directory") {
      const descriptor = openSync(`/proc/self/fd/${found.directory}`, constants.O_RDONLY | constants.O_DIRECTORY);
      return { kind: "directory", descriptor };
    }
    if (found.kind !== "other") return undefined;
    const second = link();
    linkSync(at(found.parent, found.name), second);
    if (lstatSync(second).isFile()) return { kind: "file", path: second };
    rmSync(second);
    return undefined;
  });
}

/** Puts an entry in place of whatever has its name (a directory keeps its content). False when a link leads outside. */
export function putInside(root: string, entry: ArchiveEntry): boolean {
  const slash = entry.path.lastIndexOf("/");
  const name = entry.path.slice(slash + 1);
  if (entry.kind === "directory") {
    return walk(root, entry.path, entry.mode, (found) => {
      if (found.kind !== "directory") return false;
      fchownSync(found.directory, entry.uid, entry.gid);
      fchmodSync(found.directory, entry.mode);
      return true;
    });
  }
  return walk(root, slash === -1 ? "" : entry.path.slice(0, slash), 0o755, (found) => {
    if (found.kind !== "directory") return false;
    const temporary = at(found.directory, `.lapcat-${process.pid}-${name.slice(0, 200)}`);
    rmSync(temporary, { force: true });
    if (entry.kind === "link") {
      symlinkSync(entry.target ?? "", temporary);
    } else {
      const file = openSync(
        temporary,
        constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
        0o600,
      );
      try {
        const content = entry.content ?? Buffer.alloc(0);
        for (let done = 0; done < content.length;) done += writeSync(file, content, done);
        fchownSync(file, entry.uid, entry.gid);
        fchmodSync(file, entry.mode);
      } finally {
        closeSync(file);
      }
    }
    renameSync(temporary, at(found.directory, name));
    return true;
  });
}

/** Appends to a regular file, made with its directories when absent. False when a link leads outside, or what is there is no file. */
export function appendInside(root: string, path: string, content: Uint8Array, { uid, gid }: Owner): boolean {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const append = (file: number): boolean => {
    try {
      if (!fstatSync(file).isFile()) return false;
      for (let done = 0; done < content.length;) done += writeSync(file, content, done);
      return true;
    } finally {
      closeSync(file);
    }
  };
  const made = (parent: number, name: string): boolean => {
    const file = openSync(at(parent, name), flags | constants.O_CREAT | constants.O_EXCL, 0o644);
    fchownSync(file, uid, gid);
    fchmodSync(file, 0o644);
    return append(file);
  };
  const found = walk(root, path, undefined, (there) => {
    if (there.kind === "other") return append(openSync(at(there.parent, there.name), flags));
    if (there.kind !== "absent") return false;
    return there.last ? made(there.parent, there.name) : undefined;
  });
  if (found !== undefined) return found;
  const slash = path.lastIndexOf("/");
  const above = path.slice(0, slash);
  for (const directory of prefixes(above)) {
    if (walk(root, directory, undefined, ({ kind }) => kind === "directory")) continue;
    if (!putInside(root, { path: directory, kind: "directory", mode: 0o755, uid, gid })) return false;
  }
  return walk(root, above, undefined, (there) =>
    there.kind === "directory" ? made(there.directory, path.slice(slash + 1)) : false,
  );
}

/** A directory of ours alone: made, or found to be ours and no link. Undefined when someone else's is in the way. */
export function ownDirectory(path: string, uid: number): string | undefined {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") return undefined;
  }
  const stat = lstatSync(path);
  if (!stat.isDirectory() || stat.uid !== uid) return undefined;
  chmodSync(path, 0o700);
  return path;
}

export function freshDirectory(path: string, mode: number): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, mode);
  chownSync(path, 0, 0);
  return path;
}

import { type Readable } from "node:stream";
import { type FileSpec } from "@lapcat/engine";

/** One member of an archive on its way into the engine. Owners are numbers: names would be looked up in the wrong place. */
export interface ArchiveEntry {
  readonly path: string;
  readonly kind: "directory" | "file" | "link";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly content?: Buffer;
  readonly target?: string;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export const rootOwner: Owner = { uid: 0, gid: 0 };

/** Who owns a pod's volumes, and the mode of one that everybody may write: what is made in it belongs to its group. */
export function volumeOwner(group: number | undefined): { readonly owner: Owner; readonly openMode: number } {
  return group === undefined
    ? { owner: rootOwner, openMode: 0o777 }
    : { owner: { uid: 0, gid: group }, openMode: 0o2777 };
}

/** The files of a volume; a group that the volume belongs to may read them, as with Kubernetes. */
export function volumeFiles(files: readonly FileSpec[], group: number | undefined): readonly ArchiveEntry[] {
  const { owner } = volumeOwner(group);
  const readable = group === undefined ? files : files.map((file) => ({ ...file, mode: file.mode | 0o440 }));
  return entriesFor(readable, "", owner, 0o755);
}

export function contentOf(file: FileSpec): Buffer {
  switch (file.content.kind) {
    case "text":
      return Buffer.from(file.content.text, "utf8");
    case "bytes":
      return Buffer.from(file.content.base64, "base64");
    case "link":
      return Buffer.alloc(0);
  }
}

/** A file with the directories that lead to it, below `prefix`. */
export function entriesFor(
  files: readonly FileSpec[],
  prefix: string,
  owner: Owner,
  directoryMode: number | undefined,
): readonly ArchiveEntry[] {
  const entries: ArchiveEntry[] = [];
  const made = new Set<string>();
  const under = prefix === "" ? "" : `${prefix}/`;
  for (const file of files) {
    const parts = file.path.split("/").filter((part) => part !== "" && part !== ".");
    for (let depth = 1; directoryMode !== undefined && depth < parts.length; depth++) {
      const path = under + parts.slice(0, depth).join("/");
      if (!made.has(path)) entries.push({ path, kind: "directory", mode: directoryMode, ...owner });
      made.add(path);
    }
    const path = under + parts.join("/");
    if (file.content.kind === "link") {
      entries.push({ path, kind: "link", mode: 0o777, target: file.content.target, ...owner });
    } else {
      entries.push({ path, kind: "file", mode: file.mode, content: contentOf(file), ...owner });
    }
  }
  return entries;
}

export async function pack(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const tar = await import("tar-stream");
  const archive = tar.pack();
  const types = { directory: "directory", file: "file", link: "symlink" } as const;
  for (const { path, kind, mode, uid, gid, content, target } of entries) {
    const header = { name: path === "" ? "." : path, type: types[kind], mode, uid, gid, mtime: new Date() };
    if (kind === "file") archive.entry({ ...header, size: content?.length ?? 0 }, content ?? Buffer.alloc(0));
    else archive.entry(target === undefined ? header : { ...header, linkname: target });
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export type ArchiveMember =
  | { readonly kind: "file"; readonly bytes: Buffer; readonly truncated: boolean }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "other" };

/** The first member of an archive, which is the path that was asked for. Reads no further than `limit` bytes of it. */
export async function firstMember(archive: Readable, limit: number): Promise<ArchiveMember> {
  const tar = await import("tar-stream");
  const extract = tar.extract();
  archive.on("error", (error) => extract.destroy(error));
  archive.pipe(extract);
  try {
    for await (const entry of extract) {
      const { type, linkname } = entry.header;
      if (type === "symlink") return { kind: "link", target: linkname ?? "" };
      if (type !== "file" && type !== "contiguous-file") return { kind: "other" };
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of entry) {
        chunks.push(chunk as Buffer);
        length += (chunk as Buffer).length;
        if (length > limit) break;
      }
      return { kind: "file", bytes: Buffer.concat(chunks).subarray(0, limit), truncated: length > limit };
    }
    return { kind: "other" };
  } finally {
    archive.destroy();
  }
}

/** Whether the archive of a directory has a symbolic link of that name directly in it. */
export async function hasLink(archive: Readable, name: string): Promise<boolean> {
  const tar = await import("tar-stream");
  const extract = tar.extract();
  archive.on("error", (error) => extract.destroy(error));
  archive.pipe(extract);
  try {
    for await (const entry of extract) {
      const [, found, ...deeper] = entry.header.name.replace(/\/$/u, "").split("/");
      if (found === name && deeper.length === 0) return entry.header.type === "symlink";
      entry.resume();
    }
    return false;
  } finally {
    archive.destroy();
  }
}

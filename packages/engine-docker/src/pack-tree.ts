import { once } from "node:events";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";

/**
 * A file or a directory of ours as an archive whose members begin with `name`; "" puts what is in the directory at the archive's root.
 * Links go as links and are not followed; devices, pipes and sockets are not taken, and told to `leave`.
 */
export async function packTree(source: string, name: string, leave: (path: string) => void): Promise<Readable> {
  const tar = await import("tar-stream");
  const archive = tar.pack();
  const put = async (path: string, as: string): Promise<void> => {
    const stat = await lstat(path);
    const header = { name: as, mode: stat.mode & 0o7777, mtime: stat.mtime, uid: 0, gid: 0 };
    if (stat.isDirectory()) {
      if (as !== "") archive.entry({ ...header, type: "directory" });
      for (const each of (await readdir(path)).sort()) await put(join(path, each), as === "" ? each : `${as}/${each}`);
    } else if (stat.isSymbolicLink()) {
      archive.entry({ ...header, type: "symlink", linkname: await readlink(path) });
    } else if (stat.isFile()) {
      // A file that grows meanwhile is as long as it was.
      const entry = archive.entry({ ...header, type: "file", size: stat.size });
      const written = once(entry, "close");
      if (stat.size > 0) {
        for await (const chunk of createReadStream(path, { end: stat.size - 1, highWaterMark: 512 * 1024 })) {
          if (!entry.write(chunk as Buffer)) await once(entry, "drain");
        }
      }
      entry.end(undefined);
      await written;
    } else {
      leave(path);
    }
  };
  put(source, name).then(
    () => archive.finalize(),
    (cause: Error) => archive.destroy(cause),
  );
  return Readable.from(archive, { objectMode: false });
}

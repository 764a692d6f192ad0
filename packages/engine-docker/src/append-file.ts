import { posix } from "node:path";
import { type Readable } from "node:stream";
import { type Container } from "dockerode";
import { LapcatError } from "@lapcat/diagnostic";
import { firstMember, pack, type ArchiveEntry, type Owner } from "./archive.ts";
import { engineError, isMissing } from "./errors.ts";

/**
 * Appends to a file of a container, running or not, through its archive calls, which see the container's mounts as its process does.
 * They know whole files only: what is there is taken out, made longer and put back.
 */
export async function appendFile(container: Container, path: string, content: Uint8Array, owner: Owner): Promise<void> {
  try {
    const missing: string[] = [];
    let directory = posix.dirname(path);
    while (!(await exists(container, directory))) {
      missing.unshift(posix.basename(directory));
      directory = posix.dirname(directory);
    }
    const before = missing.length > 0 ? Buffer.alloc(0) : await contentBefore(container, path);
    const { uid, gid } = owner;
    const directories = missing.map((_, depth): ArchiveEntry => {
      const name = missing.slice(0, depth + 1).join("/");
      return { path: name, kind: "directory", mode: 0o755, uid, gid };
    });
    const name = [...missing, posix.basename(path)].join("/");
    const file = {
      path: name,
      kind: "file",
      mode: 0o644,
      uid,
      gid,
      content: Buffer.concat([before, content]),
    } as const;
    await container.putArchive(await pack([...directories, file]), { path: directory });
  } catch (cause) {
    throw engineError(cause, `write ${path} in a container`);
  }
}

async function exists(container: Container, path: string): Promise<boolean> {
  try {
    await container.infoArchive({ path });
    return true;
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw cause;
  }
}

async function contentBefore(container: Container, path: string): Promise<Buffer> {
  try {
    const archive = await container.getArchive({ path });
    const member = await firstMember(archive as Readable, Number.MAX_SAFE_INTEGER);
    if (member.kind === "file") return member.bytes;
    throw new LapcatError({ code: "engine.refused", message: `${path} is no regular file` });
  } catch (cause) {
    if (isMissing(cause)) return Buffer.alloc(0);
    throw cause;
  }
}

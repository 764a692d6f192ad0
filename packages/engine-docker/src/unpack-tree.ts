import { createWriteStream } from "node:fs";
import { link, mkdir, mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LapcatError } from "@lapcat/diagnostic";

/** What did not come along, and why: `out/of: a link that leads out`. */
export type LeftOut = readonly string[];

/** Whether all begin with the name of what was asked for, or are what is in the directory that was. */
export type Members = "of one" | "of a directory";

/** So much is read while what came before is written. */
const readAhead = 2 * 1024 * 1024;

type Kind = "directory" | "file" | "link";

/**
 * Writes an archive that somebody else made to a path of ours, where nothing may be yet. It is made in a fresh directory beside it, below
 * directories that were made for it only, so that no member can be written through a link, over another or anywhere else. Links that lead
 * out of the tree, devices and pipes are left out, and so are owners and setuid bits.
 */
export async function unpackTree(
  archive: Readable,
  destination: string,
  members: Members = "of one",
): Promise<LeftOut> {
  const tar = await import("tar-stream");
  const parent = dirname(destination);
  const fresh = await mkdtemp(join(parent, ".lapcat-copy-"));
  const known = new Map<string, Kind>();
  const leftOut: string[] = [];
  const extract = tar.extract();
  try {
    const depth = members === "of one" ? 1 : 0;
    if (depth === 0) {
      await mkdir(join(fresh, "tree"));
      known.set("", "directory");
    }
    // From here on members come, whether or not somebody waits for them.
    archive.on("error", (error) => extract.destroy(error));
    archive.pipe(new PassThrough({ highWaterMark: readAhead })).pipe(extract);
    let root: string | undefined;
    for await (const entry of extract) {
      const { name, type, linkname, mode } = entry.header;
      const leave = (why: string): void => {
        leftOut.push(`${JSON.stringify(name)}: ${why}`);
        entry.resume();
      };
      const parts = partsOf(name);
      root ??= parts?.[0];
      if (parts === undefined || (depth === 1 && parts[0] !== root)) {
        leave("a path that leads elsewhere");
        continue;
      }
      // The first part is the engine's name for what was asked for; the destination has ours.
      const path = parts.slice(depth).join("/");
      const at = join(fresh, "tree", ...parts.slice(depth));
      if (known.has(path) && !(type === "directory" && known.get(path) === "directory")) {
        leave("a second one of this name");
        continue;
      }
      if (path !== "" && known.get(posix.dirname(path) === "." ? "" : posix.dirname(path)) !== "directory") {
        leave("not in a directory of the archive");
        continue;
      }
      switch (type) {
        case "directory":
          await mkdir(at, { recursive: true, mode: ownModes(mode, 0o700) });
          entry.resume();
          known.set(path, "directory");
          break;
        case "file":
        case "contiguous-file":
          await pipeline(
            entry,
            createWriteStream(at, { flags: "wx", mode: ownModes(mode, 0o600), highWaterMark: readAhead }),
          );
          known.set(path, "file");
          break;
        case "symlink": {
          const target = linkname ?? "";
          if (target.startsWith("/") || !staysInside(posix.join(posix.dirname(path), target))) {
            leave(`a link that leads out, to ${JSON.stringify(target)}`);
            break;
          }
          entry.resume();
          await symlink(target, at);
          known.set(path, "link");
          break;
        }
        case "link": {
          const target = partsOf(linkname ?? "")?.slice(depth);
          if (target === undefined || known.get(target.join("/")) !== "file") {
            leave("a second name of what is not here");
            break;
          }
          entry.resume();
          await link(join(fresh, "tree", ...target), at);
          known.set(path, "file");
          break;
        }
        case "block-device":
        case "character-device":
        case "fifo":
        default:
          leave(`a ${type ?? "thing"}, which is neither a file nor a directory`);
      }
    }
    if (known.has("")) await putInPlace(join(fresh, "tree"), destination);
    return leftOut;
  } finally {
    archive.destroy();
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Undefined when it is no path below a directory. */
function partsOf(name: string): readonly string[] | undefined {
  if (name.startsWith("/") || name.includes("\0") || name.includes("\\")) return undefined;
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  return parts.includes("..") ? undefined : parts;
}

/** Of a target, relative to the tree. Normalized. */
export function staysInside(path: string): boolean {
  return path !== ".." && !path.startsWith("../") && !path.startsWith("/");
}

export const ownModes = (mode: number | undefined, least: number): number => ((mode ?? 0o644) & 0o777) | least;

/** Never in the place of something. */
export async function putInPlace(made: string, destination: string): Promise<void> {
  try {
    // An empty directory is replaced by rename; a file would be, too.
    await mkdir(destination);
    await rm(destination, { recursive: true });
    await rename(made, destination);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw new LapcatError(
      { code: "usage", message: `${destination} exists already`, hint: "name a place where nothing is yet" },
      cause,
    );
  }
}

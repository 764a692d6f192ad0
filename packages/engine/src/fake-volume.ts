import { fromBase64, utf8 } from "./bytes.ts";
import { type FileContent } from "./engine.ts";
import { type FileSpec } from "./pod-spec.ts";

type Entry =
  | { readonly kind: "file"; readonly bytes: Uint8Array; readonly mode: number }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "directory" };

/** A volume of the fake: names to contents. */
export interface FakeVolume {
  place(path: string, entry: Entry): void;
  read(path: string, limit: number): FileContent | undefined;
}

export function entryOf(file: Pick<FileSpec, "content" | "mode">): Entry {
  switch (file.content.kind) {
    case "text":
      return { kind: "file", bytes: utf8(file.content.text), mode: file.mode };
    case "bytes":
      return { kind: "file", bytes: fromBase64(file.content.base64), mode: file.mode };
    case "link":
      return { kind: "link", target: file.content.target };
  }
}

/** The parts of a path with `.` and `..` worked out; undefined when it leads out. */
export function partsInside(path: string): readonly string[] | undefined {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts;
}

export function fakeVolume(): FakeVolume {
  const entries = new Map<string, Entry>();

  const find = (path: string, hops: number): Entry | undefined => {
    const parts = partsInside(path);
    if (parts === undefined || hops > 16) return undefined;
    for (let depth = 1; depth <= parts.length; depth++) {
      const entry = entries.get(parts.slice(0, depth).join("/"));
      if (entry?.kind !== "link") continue;
      if (entry.target.startsWith("/")) return undefined;
      const above = parts.slice(0, depth - 1).join("/");
      return find([above, entry.target, ...parts.slice(depth)].join("/"), hops + 1);
    }
    return entries.get(parts.join("/"));
  };

  return {
    place(path, entry) {
      const parts = partsInside(path);
      if (parts === undefined || parts.length === 0) throw new Error(`fake: ${path} is no place in a volume`);
      for (let depth = 1; depth < parts.length; depth++) {
        const above = parts.slice(0, depth).join("/");
        if (!entries.has(above)) entries.set(above, { kind: "directory" });
      }
      entries.set(parts.join("/"), entry);
    },
    read(path, limit) {
      const entry = find(path, 0);
      if (entry?.kind !== "file") return undefined;
      return { bytes: entry.bytes.slice(0, limit), truncated: entry.bytes.length > limit };
    },
  };
}

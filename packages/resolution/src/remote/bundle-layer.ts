import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { LapcatError } from "@lapcat/diagnostic";
import { tooLarge } from "./registry.ts";
import { firstEntry } from "./tar-entry.ts";

/** What documents, and layers that hold one, may have at the most: an API server takes less. */
export const largestLayer: number = 8 * 1024 * 1024;

/** The object that a layer holds: the first file of a tar archive, or the layer as it is; compressed or not. */
export async function objectIn(layer: Uint8Array, what: string): Promise<string> {
  const plain = await unpacked(layer, what);
  const bytes = firstEntry(plain) ?? plain;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new LapcatError({ code: "resolver.missing", message: `${what} holds what is not valid UTF-8` });
  }
}

const gzip = Buffer.from("1f8b", "hex");
const zstd = Buffer.from("28b52ffd", "hex");

async function unpacked(bytes: Uint8Array, what: string): Promise<Uint8Array> {
  const begins = (magic: Uint8Array): boolean => Buffer.from(bytes.subarray(0, magic.length)).equals(magic);
  if (begins(gzip)) return inflated(promisify(zlib.gunzip), bytes, what);
  if (!begins(zstd)) return bytes;
  if ("zstdDecompress" in zlib) return inflated(promisify(zlib.zstdDecompress), bytes, what);
  throw new LapcatError({
    code: "resolver.missing",
    message: `${what} is compressed by zstd, which this Node (${process.version}) cannot read`,
    hint: "Node reads it from 22.15 on",
  });
}

type Unpack = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Uint8Array>;

async function inflated(unpack: Unpack, bytes: Uint8Array, what: string): Promise<Uint8Array> {
  try {
    return await unpack(bytes, { maxOutputLength: largestLayer });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(`${what}, unpacked,`, largestLayer);
    const message = `${what} cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`;
    throw new LapcatError({ code: "resolver.missing", message }, error);
  }
}

const block = 512;

/** The first entry of a tar archive; undefined where the bytes are none, or it is cut off (archive/tar as upstream uses it). */
export function firstEntry(archive: Uint8Array): Uint8Array | undefined {
  let size: number | undefined;
  for (let at = 0; ;) {
    const header = archive.subarray(at, at + block);
    if (header.length < block || !hasChecksum(header)) return undefined;
    const type = String.fromCharCode(header[156] ?? 0);
    const length = numberIn(header.subarray(124, 136));
    if (length === undefined) return undefined;
    const content = archive.subarray(at + block, at + block + length);
    // Longer names, and extended headers: what they are about comes next.
    if ("xLK".includes(type)) {
      if (content.length < length) return undefined;
      if (type === "x") size = sizeIn(content) ?? size;
      at += block + Math.ceil(length / block) * block;
      continue;
    }
    const wanted = hasContent(type) ? (size ?? length) : 0;
    const found = archive.subarray(at + block, at + block + wanted);
    return found.length < wanted ? undefined : found;
  }
}

/** Links, devices, directories and what is said of the whole archive have no content, whatever their size says. */
function hasContent(type: string): boolean {
  return !"123456g".includes(type);
}

/** The sum of all bytes of the header, those of the sum itself counted as spaces; signed in very old archives. */
function hasChecksum(header: Uint8Array): boolean {
  const sum = numberIn(header.subarray(148, 156));
  let unsigned = 0;
  let signed = 0;
  for (const [at, byte] of header.entries()) {
    const counted = at >= 148 && at < 156 ? 32 : byte;
    unsigned += counted;
    signed += counted > 127 ? counted - 256 : counted;
  }
  return sum === unsigned || sum === signed;
}

/** Octal digits, or big-endian binary where the first bit is set. */
function numberIn(field: Uint8Array): number | undefined {
  const [first = 0, ...rest] = field;
  if (first >= 0x80) {
    const value = rest.reduce((sum, byte) => sum * 256 + byte, first & 0x3f);
    return first < 0xc0 && Number.isSafeInteger(value) ? value : undefined;
  }
  const text = Buffer.from(field)
    .toString("latin1")
    .replace(/^[ \0]+|[ \0].*$/gsu, "");
  if (text === "") return 0;
  return /^[0-7]+$/u.test(text) ? Number.parseInt(text, 8) : undefined;
}

/** The `size` of an extended header's records: `LENGTH KEY=VALUE\n`. */
function sizeIn(records: Uint8Array): number | undefined {
  const text = Buffer.from(records).toString("latin1");
  const [, size] = /(?:^|\n)\d+ size=(\d+)(?=\n)/u.exec(text) ?? [];
  return size === undefined ? undefined : Number(size);
}

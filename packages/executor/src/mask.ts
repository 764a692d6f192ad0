import { secretForms } from "./secret-forms.ts";

/** Replaces secrets in a stream of bytes. One for each stream of a container: a secret may be cut by the border of two chunks. */
export interface Masker {
  /** What may be shown by now; holds back only what could be the begin of a secret. */
  push(chunk: Uint8Array): Uint8Array;
  /** What was held back at the end. */
  end(): Uint8Array;
}

const stars = Buffer.from("***");
const nothing = new Uint8Array(0);

/** Prepared once for all streams of a pod. */
export function maskerFor(secrets: readonly string[]): () => Masker {
  const forms = [...new Set(secrets.flatMap(secretForms))].map((form) => Buffer.from(form));
  if (forms.length === 0) return () => ({ push: (chunk) => chunk, end: () => nothing });
  const search = searchFor(forms);
  return () => {
    let held: Buffer = Buffer.alloc(0);
    /** So many bytes at the begin of `held` belong to a secret whose stars were given out already. */
    let hidden = 0;
    const pass = (data: Buffer, hold: number): Uint8Array => {
      const parts: Uint8Array[] = [];
      let from = hidden;
      search.matches(data, hold, (start, end) => {
        if (start >= from) {
          if (start > from) parts.push(data.subarray(from, start));
          parts.push(stars);
        }
        from = Math.max(from, end);
      });
      if (from < hold) parts.push(data.subarray(from, hold));
      hidden = Math.max(0, from - hold);
      // A copy: the chunk's memory is its giver's.
      held = Buffer.from(data.subarray(hold));
      return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    };
    return {
      push(chunk) {
        const data =
          held.length === 0
            ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
            : Buffer.concat([held, chunk]);
        return pass(data, search.holdFrom(data));
      },
      end: () => pass(held, held.length),
    };
  };
}

interface Search {
  /** Every occurrence that starts before `limit`, by start; at one start only the longest. */
  matches(data: Buffer, limit: number, found: (start: number, end: number) => void): void;
  /** Where the longest end of the data starts that is the begin of a form. */
  holdFrom(data: Buffer): number;
}

/**
 * Wu and Manber's search: looks at the last two of the first `window` bytes of a place and, by a table, skips as far as no form can end.
 * Its cost does not grow with the number of forms. Forms are at least two bytes long.
 */
function searchFor(forms: readonly Buffer[]): Search {
  const window = Math.min(255, ...forms.map((form) => form.length));
  const longest = Math.max(...forms.map((form) => form.length));
  const shift = new Uint8Array(65536).fill(window - 1);
  const ending = new Map<number, Buffer[]>();
  const beginning = new Uint8Array(256);
  for (const form of forms) {
    beginning[form.readUInt8(0)] = 1;
    for (let end = 2; end <= window; end++) {
      const block = form.readUInt16BE(end - 2);
      shift[block] = Math.min(shift[block] ?? 0, window - end);
    }
    const last = form.readUInt16BE(window - 2);
    ending.set(last, [...(ending.get(last) ?? []), form]);
  }
  for (const candidates of ending.values()) candidates.sort((a, b) => b.length - a.length);

  return {
    matches(data, limit, found) {
      const last = Math.min(limit - 1, data.length - window);
      for (let start = 0; start <= last;) {
        const block = ((data[start + window - 2] ?? 0) << 8) | (data[start + window - 1] ?? 0);
        const skip = shift[block] ?? 0;
        if (skip > 0) {
          start += skip;
          continue;
        }
        const form = ending
          .get(block)
          ?.find(
            (each) =>
              start + each.length <= data.length &&
              data.compare(each, 0, each.length, start, start + each.length) === 0,
          );
        if (form !== undefined) found(start, start + form.length);
        start += 1;
      }
    },
    holdFrom(data) {
      for (let start = Math.max(0, data.length - longest + 1); start < data.length; start++) {
        if (beginning[data[start] ?? 0] === 0) continue;
        const length = data.length - start;
        if (forms.some((form) => form.length > length && data.compare(form, 0, length, start) === 0)) return start;
      }
      return data.length;
    },
  };
}

import { type Span } from "@lapcat/diagnostic";
import { type Place } from "./advice.ts";

/** So many mistakes of one kind in one text are told; who mends them finds the rest. */
export const toldOfOneText = 20;

/** Where a part of a text stands, if the scalar has it as it is; the scalar otherwise. */
export function spanOfText(
  { origin, path }: Place,
  text: string,
  part: { readonly raw: string; readonly start: number },
): Span {
  const scalar = origin.spanOf(path);
  const written = scalar.file.text.slice(scalar.start, scalar.end);
  let before = text.slice(0, part.start).split(part.raw).length - 1;
  let found = written.indexOf(part.raw);
  for (; before > 0 && found !== -1; before--) found = written.indexOf(part.raw, found + 1);
  if (found === -1) return scalar;
  return { file: scalar.file, start: scalar.start + found, end: scalar.start + found + part.raw.length };
}

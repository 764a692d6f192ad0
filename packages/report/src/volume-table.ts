import { ageText, columns, paint, type Style } from "./style.ts";

/** One volume as `lapcat volume ls` lists it. */
export interface VolumeRow {
  readonly claim: string;
  readonly volume: string;
  /** Undefined when nobody asked. */
  readonly bytes: number | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number | undefined;
  readonly usedAt: number | undefined;
  readonly usedBy: string | undefined;
}

/** In the order given, with a heading. `now` is milliseconds since 1970. */
export function volumeTable(style: Style, rows: readonly VolumeRow[], now: number): readonly string[] {
  const sized = rows.some(({ bytes }) => bytes !== undefined);
  const age = (at: number | undefined): string => (at === undefined ? "-" : ageText(now - at));
  return columns([
    ["CLAIM", ...(sized ? ["SIZE"] : []), "MADE", "LAST USED", "BY"].map((heading) => paint(style, "bold", heading)),
    ...rows.map(({ claim, bytes, createdAt, usedAt, usedBy }) => [
      claim,
      ...(sized ? [bytes === undefined ? "-" : bytesText(bytes)] : []),
      age(createdAt),
      age(usedAt),
      usedBy ?? "-",
    ]),
  ]);
}

/** For people: `512 B`, `1.5 MB`. */
function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return power === 0 ? `${bytes} B` : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

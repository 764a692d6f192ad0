import { ageText, columns, durationText, paint, type Style } from "./style.ts";

/** One run as `lapcat ls` lists it. */
export interface RunRow {
  readonly id: string;
  readonly kind: string;
  readonly state: "running" | "finished" | "interrupted" | "damaged";
  readonly succeeded: boolean | undefined;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
}

/** Newest first, with a heading. `now` is milliseconds since 1970. */
export function runTable(style: Style, rows: readonly RunRow[], now: number): readonly string[] {
  const newestFirst = rows.toSorted((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0));
  return columns([
    ["NAME", "KIND", "STARTED", "DURATION", "STATUS"].map((heading) => paint(style, "bold", heading)),
    ...newestFirst.map((row) => [
      row.id,
      row.kind,
      row.startedAt === undefined ? "-" : ageText(now - row.startedAt),
      row.startedAt === undefined
        ? "-"
        : row.finishedAt === undefined
          ? "-"
          : durationText(row.finishedAt - row.startedAt),
      statusText(style, row),
    ]),
  ]);
}

function statusText(style: Style, row: RunRow): string {
  switch (row.state) {
    case "running":
      return paint(style, "blue", "Running");
    case "interrupted":
      return `${paint(style, "yellow", "Interrupted")}: lapcat resume ${row.id}`;
    case "damaged":
      return paint(style, "red", "damaged");
    case "finished":
      return paint(style, row.succeeded === true ? "green" : "red", row.reason);
  }
}

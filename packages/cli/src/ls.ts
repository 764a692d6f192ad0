import { type RunRow, runTable, timelineOf } from "@lapcat/report";
import { exitCodes } from "./exit-code.ts";
import { printValue, type ListFormat } from "./print-value.ts";
import { storeOf } from "./stored-run.ts";
import { sweepInterrupted } from "./sweep.ts";
import { type Command } from "./world.ts";

export interface LsOptions {
  readonly output: ListFormat;
}

/** The runs that are kept, the newest first. */
export const ls: Command<LsOptions> = async (world, options) => {
  const store = storeOf(world);
  const ids = await store.list();
  if (options.output === "name") {
    world.out.print(...ids);
    return exitCodes.succeeded;
  }
  await sweepInterrupted(world, store);
  const rows = await Promise.all(
    ids.map(async (id): Promise<RunRow> => {
      const reader = await store.read(id);
      const state = await reader.state();
      const events = state === "damaged" ? [] : await reader.events();
      const { kind, startedAt, finishedAt, outcome } = timelineOf(events);
      return {
        id,
        kind: state === "damaged" ? "-" : kind,
        state,
        succeeded: outcome === undefined ? undefined : outcome.status === "True",
        reason: outcome?.reason ?? "",
        startedAt,
        finishedAt,
      };
    }),
  );
  if (options.output !== "text") {
    await printValue(world, options.output, rows.map(asData));
  } else if (rows.length === 0) {
    world.err.print("No run is kept yet. `lapcat run -f FILE` makes one.");
  } else {
    world.out.print(...runTable(world.out.style, rows, Date.now()));
  }
  return exitCodes.succeeded;
};

function asData(row: RunRow): unknown {
  const time = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : new Date(at).toISOString();
  return {
    name: row.id,
    kind: row.kind,
    state: row.state,
    succeeded: row.succeeded,
    reason: row.reason === "" ? undefined : row.reason,
    startTime: time(row.startedAt),
    completionTime: time(row.finishedAt),
  };
}

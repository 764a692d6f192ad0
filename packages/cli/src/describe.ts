import { describeLines, timelineOf } from "@lapcat/report";
import { exitCodes } from "./exit-code.ts";
import { type ListFormat, printValue } from "./print-value.ts";
import { storedRun, storeOf } from "./stored-run.ts";
import { sweepInterrupted } from "./sweep.ts";
import { type Command } from "./world.ts";

export interface DescribeOptions {
  readonly output: ListFormat;
}

/** All that is known of a kept run. */
export const describe: Command<DescribeOptions, readonly [string]> = async (world, options, id) => {
  const store = storeOf(world);
  await sweepInterrupted(world, store);
  const reader = await storedRun(store, id);
  switch (options.output) {
    case "name":
      world.out.print(reader.id);
      break;
    case "text": {
      const [state, events] = await Promise.all([reader.state(), reader.events()]);
      world.out.print(...describeLines(world.out.style, timelineOf(events), state, reader.id));
      break;
    }
    case "json":
    case "yaml": {
      const [{ listOf }, { stateOf }] = await Promise.all([import("@lapcat/run"), import("./recorded-run.ts")]);
      await printValue(world, options.output, listOf(await stateOf(reader, await reader.events())));
      break;
    }
  }
  return exitCodes.succeeded;
};

import { type Output } from "./output.ts";

/** What a command sees of the machine around it. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Results, and the story of a run. */
  readonly out: Output;
  /** Progress, warnings, refusals. */
  readonly err: Output;
}

/** What every command is: its exit code is the value. */
export type Command<Options, Arguments extends readonly unknown[] = readonly []> = (
  world: World,
  options: Options,
  ...args: Arguments
) => Promise<number>;

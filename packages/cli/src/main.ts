import { homedir } from "node:os";
import { CommanderError } from "commander";
import { exitCodes } from "./exit-code.ts";
import { output } from "./output.ts";
import { program } from "./command-line/program.ts";
import { tellFailure } from "./tell.ts";
import { type World } from "./world.ts";

const err = output(process.stderr, process.env);
const out = output(process.stdout, process.env, err);
const world: World = { env: process.env, home: process.env["HOME"] || homedir(), stdin: process.stdin, out, err };

process.exitCode = await main(process.argv.slice(2));
await Promise.all([out.flush(), err.flush()]);
// Sockets kept open for the next request must not keep us alive.
process.exit();

async function main(args: readonly string[]): Promise<number> {
  let code: number = exitCodes.succeeded;
  try {
    await program(world, (ended) => (code = ended)).parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // Help and version are thrown too, with 0; commander has told everything else.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.succeeded : exitCodes.input;
    return tellFailure(world, error);
  }
}

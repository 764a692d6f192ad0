// All of Tekton's examples and catalog in one process, beside tekton-lint (npm: @ibm/tekton-lint) on the same files.
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "../scripts/stages.ts";
import { measure, median, type Command } from "./measure.ts";

const home = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(root, "../shared/conformance");

export async function validateCatalog(lapcat: (...args: readonly string[]) => Command, scratch: string): Promise<void> {
  const directories = ["catalog", "examples"].map((name) => join(home, name));
  if (!directories.every((each) => existsSync(each))) {
    console.log(`validate-catalog SKIPPED: Tekton's catalog is not at ${home}; set TEKTON_CONFORMANCE_DIR`);
    return;
  }
  const files = directories.flatMap((cwd) => globSync("**/*.{yaml,yml}", { cwd })).length;
  // Some of the documents are wrong, so both end with an exit code that says so.
  const tolerant = ({ command, args, env }: Command): Command => ({
    command: "sh",
    args: ["-c", '"$@" || [ $? -le 2 ]', "sh", command, ...args],
    ...(env && { env }),
  });
  const ours = lapcat("validate", "-R", ...directories.flatMap((each) => ["-f", each]), "-o", "json");
  const mine = await several(tolerant(ours), 5);
  const peak = await peakMemory(ours);
  console.log(
    `${"validate-catalog".padEnd(16)} ${seconds(mine)} s (≤ 3.00), ${peak} MiB (≤ 300)  ${files} files in one process`,
  );
  const linter = await install(scratch);
  if (linter === undefined) {
    console.log("validate-catalog SKIPPED: tekton-lint cannot be installed here");
    return;
  }
  const globs = directories.map((each) => `${each}/**/*.yaml`);
  const theirs = await several(tolerant({ command: process.execPath, args: [linter, ...globs] }), 3);
  const said = await execa(process.execPath, [linter, ...globs], { reject: false });
  const stopped = /^\s+at .+:\d+:\d+\)?$/mu.test(`${said.stdout}\n${said.stderr}`)
    ? ", where it stops with an exception"
    : "";
  console.log(
    `${"".padEnd(16)} ${seconds(theirs)} s  tekton-lint on the same files${stopped}, ratio ${(median(mine) / median(theirs)).toFixed(2)}`,
  );
}

const seconds = (times: readonly number[]): string => (median(times) / 1000).toFixed(2).padStart(7);

async function several(command: Command, rounds: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) times.push((await measure(command)).milliseconds);
  return times.slice(1);
}

/** Of the process itself, which the shell around it would hide. */
async function peakMemory({ command, args, env }: Command): Promise<string> {
  const result = await execa("/usr/bin/time", ["-f", "%M", command, ...args], {
    reject: false,
    stdout: "ignore",
    ...(env && { env }),
  });
  const kilobytes = Number(String(result.stderr).trim().split("\n").at(-1));
  return Number.isFinite(kilobytes) ? (kilobytes / 1024).toFixed(0) : "?";
}

/** The linter's program, in a directory that goes away with the bench; undefined where no registry answers. */
async function install(scratch: string): Promise<string | undefined> {
  const directory = join(scratch, "tekton-lint");
  const args = [
    "install",
    "--prefix",
    directory,
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "@ibm/tekton-lint@1.1.0",
  ];
  const installed = await execa("npm", args, { reject: false, timeout: 180_000 });
  const program = join(directory, "node_modules", ".bin", "tekton-lint");
  return installed.exitCode === 0 && existsSync(program) ? program : undefined;
}

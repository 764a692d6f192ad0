// Ratios against `docker run` in the same run: `npm run bench`, or `npm run bench -- ten-steps main-job` for some of them.
// The bundle is measured, as users have it. Nothing here is a test: machines differ, ratios less so.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "../scripts/stages.ts";
import { mainJob } from "./main-job.ts";
import { measure, median, type Command } from "./measure.ts";
import { volumeCopies } from "./volume-copies.ts";
import { validateCatalog } from "./validate-catalog.ts";
import { scale } from "./scale.ts";
import { printing, server, tenSteps, tenTasks } from "./pipelines.ts";

const bundle = join(root, "packages", "cli", "dist", "lapcat.mjs");
const scratch = mkdtempSync(join(tmpdir(), "lapcat-bench-"));

function lapcat(...args: readonly string[]): Command {
  return {
    command: process.execPath,
    args: [bundle, ...args],
    env: { LAPCAT_HOME: join(scratch, "home"), NO_COLOR: "1" },
  };
}

function run(name: string, text: string): Command {
  const file = join(scratch, `${name}.json`);
  writeFileSync(file, text);
  return lapcat("run", "-f", file);
}

const shell = (script: string): Command => ({ command: "sh", args: ["-euc", script] });

export interface Comparison {
  readonly name: string;
  readonly what: string;
  /** The ratio to reach. */
  readonly reach: number;
  readonly rounds: number;
  readonly ours: Command;
  readonly theirs: Command;
}

async function compare({ name, what, reach, rounds, ours, theirs }: Comparison): Promise<void> {
  const mine: number[] = [];
  const other: number[] = [];
  await measure(ours);
  await measure(theirs);
  for (let round = 0; round < rounds; round++) {
    mine.push((await measure(ours)).milliseconds);
    other.push((await measure(theirs)).milliseconds);
  }
  const ratio = median(mine) / median(other);
  const seconds = (values: readonly number[]): string => (median(values) / 1000).toFixed(2);
  console.log(
    `${name.padEnd(16)} ${seconds(mine).padStart(7)} s  ${seconds(other).padStart(7)} s  ratio ${ratio.toFixed(2)} (≤ ${reach.toFixed(2)})  ${what}`,
  );
}

async function absolute(name: string, command: Command, rounds: number, reach: number): Promise<void> {
  const times: number[] = [];
  await measure(command);
  for (let round = 0; round < rounds; round++) times.push((await measure(command)).milliseconds);
  console.log(
    `${name.padEnd(16)} ${median(times).toFixed(0).padStart(7)} ms (≤ ${reach})  ${command.args.slice(1).join(" ")}`,
  );
}

async function memory(): Promise<void> {
  const { milliseconds, peakMemory } = await measure(run("gigabyte", printing(1_000_000_000)));
  const speed = 1000 / (milliseconds / 1000);
  console.log(
    `${"memory".padEnd(16)} ${(peakMemory ?? Number.NaN).toFixed(0).padStart(7)} MiB (≤ 150)  while a step prints 1 GB, ${speed.toFixed(0)} MB/s`,
  );
}

const busybox = "docker run --rm busybox sh -c 'echo hi'";
const attached = shell(
  `docker run --rm --log-driver none busybox sh -c 'yes ${"x".repeat(59)} | head -c 200000000' | cat > /dev/null`,
);
const comparisons: Readonly<Record<string, () => Promise<void>>> = {
  "ten-steps": async () =>
    await compare({
      name: "ten-steps",
      what: "ten one-line steps of a TaskRun : ten docker run --rm, one after the other",
      reach: 0.6,
      rounds: 5,
      ours: run("ten-steps", tenSteps()),
      theirs: shell(`for i in 1 2 3 4 5 6 7 8 9 10; do ${busybox}; done`),
    }),
  "ten-tasks": async () =>
    await compare({
      name: "ten-tasks",
      what: "ten one-step TaskRuns sharing a workspace : ten docker run --rm with the volume",
      reach: 1,
      rounds: 5,
      ours: run("ten-tasks", tenTasks("sequential")),
      theirs: shell(
        "docker volume create lapcat-bench >/dev/null; for i in 1 2 3 4 5 6 7 8 9 10; do docker run --rm -v lapcat-bench:/w busybox sh -c 'echo hi >> /w/log'; done; docker volume rm lapcat-bench >/dev/null",
      ),
    }),
  "ten-parallel": async () =>
    await compare({
      name: "ten-parallel",
      what: "ten one-step TaskRuns at once : ten docker run --rm in the background",
      reach: 1.15,
      rounds: 5,
      ours: run("ten-parallel", tenTasks("parallel")),
      theirs: shell(`for i in 1 2 3 4 5 6 7 8 9 10; do ${busybox} & done; wait`),
    }),
  sidecar: async () =>
    await compare({
      name: "sidecar",
      what: "ten steps beside a server that has to be ready : the same ten without it",
      reach: 1.3,
      rounds: 7,
      ours: run("ten-steps-sidecar", tenSteps([server()])),
      theirs: run("ten-steps", tenSteps()),
    }),
  output: async () =>
    await compare({
      name: "output",
      what: "a step prints 200 MB, which are kept too : docker run attached, which keeps nothing",
      reach: 1.2,
      rounds: 5,
      ours: run("output", printing(200_000_000)),
      theirs: attached,
    }),
  "output-secrets": async () =>
    await compare({
      name: "output-secrets",
      what: "the same, with 50 secrets to be masked",
      reach: 1.2,
      rounds: 5,
      ours: run("output-secrets", printing(200_000_000, 50)),
      theirs: attached,
    }),
  copies: async () => await volumeCopies(lapcat, compare, scratch),
  "main-job": async () => await mainJob(lapcat, compare),
  version: async () => await absolute("version", lapcat("--version"), 15, 120),
  validate: async () =>
    await absolute("validate", lapcat("validate", "-f", join(root, "fixtures", "build-image")), 15, 250),
  "validate-catalog": async () => await validateCatalog(lapcat, scratch),
  memory: memory,
  scale: scale,
};

if (!existsSync(bundle)) await execa("node", [join(root, "scripts", "build.ts")], { stdio: "inherit" });
mkdirSync(scratch, { recursive: true });
const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => comparisons[name] === undefined);
try {
  if (unknown !== undefined)
    throw new Error(`no bench is called ${unknown}; there are ${Object.keys(comparisons).join(", ")}`);
  for (const [name, bench] of Object.entries(comparisons))
    if (chosen.length === 0 || chosen.includes(name)) await bench();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

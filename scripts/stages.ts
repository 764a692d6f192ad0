import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";

/** The repository's root; every command below runs there. */
export const root: string = dirname(import.meta.dirname);

export interface Outcome {
  readonly passed: boolean;
  readonly output: string;
}

/** A check that runs nothing of ours: it counts as one test. */
export interface Stage {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

/** Runs one of the workspace's tools and keeps what it says, for the case that it fails. */
export function capture(command: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code) => resolve({ passed: code === 0, output }));
  });
}

/** Runs a command that speaks to the reader directly; the value is its exit code. */
export function show(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit" });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** A program is a directory with a tsconfig.json and at least one TypeScript file; the root's own is the tools' configuration. */
function programs(): readonly string[] {
  const candidates = globSync(["packages/*/tsconfig.json", "{test,scripts,bench}/tsconfig.json"], { cwd: root });
  return candidates.filter((each) => globSync(`${dirname(each)}/**/*.ts`, { cwd: root }).length > 0).sort();
}

async function typeCheck(): Promise<Outcome> {
  const waiting = [...programs()];
  if (waiting.length === 0) return { passed: false, output: "no program was found to type-check" };
  const failures: string[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { passed, output } = await capture("tsc", ["-p", next]);
      if (!passed) failures.push(output);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return { passed: failures.length === 0, output: failures.sort().join("") };
}

export const stages: readonly Stage[] = [
  { name: "types (tsc)", run: typeCheck },
  { name: "lint (oxlint)", run: () => capture("oxlint", ["--deny-warnings"]) },
  { name: "format (oxfmt)", run: () => capture("oxfmt", ["--check"]) },
  { name: "unused code and dependencies (knip)", run: () => capture("knip", ["--no-progress"]) },
];

/** Runs the stages one after the other, each reported in a line; what a failing one said stands below its line. */
export async function runStages(): Promise<{ readonly passed: number; readonly failed: number }> {
  let passed = 0;
  for (const stage of stages) {
    const started = performance.now();
    const outcome = await stage.run();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${outcome.passed ? "ok    " : "FAILED"} ${stage.name}  ${seconds} s`);
    if (outcome.passed) passed += 1;
    else console.log(outcome.output.trimEnd().replace(/^/gmu, "       "));
  }
  return { passed, failed: stages.length - passed };
}

// Whole processes, timed from outside.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Measurement {
  readonly milliseconds: number;
  /** The most memory the process itself held, in MiB; undefined where /proc does not tell. */
  readonly peakMemory: number | undefined;
}

/** Runs the command to its end, its output thrown away; rejects when it fails. */
export async function measure({ command, args, env }: Command): Promise<Measurement> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  let peakMemory: number | undefined;
  const sampling = setInterval(() => (peakMemory = peakOf(child.pid) ?? peakMemory), 20);
  let errors = "";
  child.stdout.resume();
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-4000)));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    const milliseconds = performance.now() - started;
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${errors}`);
    return { milliseconds, peakMemory };
  } finally {
    clearInterval(sampling);
  }
}

function peakOf(pid: number | undefined): number | undefined {
  try {
    const line = /^VmHWM:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return line?.[1] === undefined ? undefined : Number(line[1]) / 1024;
  } catch {
    return undefined; // It has just ended, or there is no /proc.
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("no values");
  return sorted.length % 2 === 1 ? middle : (middle + (sorted[sorted.length / 2 - 1] ?? middle)) / 2;
}

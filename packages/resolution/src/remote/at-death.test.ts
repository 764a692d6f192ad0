import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const file = `${import.meta.dirname}/at-death.ts`;

/** What a process says that runs these lines, and how it ends. */
async function ending(lines: string): Promise<string> {
  const program = `const { atDeath } = await import(${JSON.stringify(file)}); const say = (word) => () => process.stdout.write(word + "\\n"); ${lines}`;
  const ended = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]).then(
    ({ stdout }) => ({ stdout, signal: "", code: 0 }),
    (error: { stdout: string; signal: string | null; code: number }) => error,
  );
  return [...ended.stdout.split("\n").filter((line) => line !== ""), ended.signal ?? "", ended.code ?? ""].join(" ");
}

test.for<[string, string, string]>([
  ["a process that ends", `atDeath(say("a")); process.exit(3)`, "a  3"],
  ["a signal", `atDeath(say("a")); process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 9999)`, "a SIGTERM "],
  [
    "two who wait for one",
    `atDeath(say("a")); atDeath(say("b")); process.kill(process.pid, "SIGINT"); setTimeout(() => {}, 9999)`,
    "a b SIGINT ",
  ],
  [
    "one who wants no more",
    `atDeath(say("a"))[Symbol.dispose](); process.kill(process.pid, "SIGHUP"); setTimeout(() => {}, 9999)`,
    "SIGHUP ",
  ],
  [
    "somebody else who listens",
    `process.on("SIGINT", say("mine")); atDeath(say("a")); process.kill(process.pid, "SIGINT"); setTimeout(() => process.exit(4), 100)`,
    "mine a a  4",
  ],
])("%s", async ([, lines, expected]) => {
  expect(await ending(lines)).toBe(expected);
});

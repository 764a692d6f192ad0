import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type CustomProcess } from "@lapcat/executor";
import { expect, test, vi } from "vitest";
import { customCommandRuns } from "./custom-process.ts";
import { customCommandsOf } from "./custom-tasks.ts";

vi.setConfig({ testTimeout: 30_000 });

const scratch = mkdtempSync(join(tmpdir(), "lapcat-custom-"));
const customRun = {
  apiVersion: "tekton.dev/v1beta1",
  kind: "CustomRun",
  metadata: { name: "run-wait", labels: { "tekton.dev/pipelineTask": "wait" } },
  spec: { customRef: { apiVersion: "example.dev/v1", kind: "Wait" }, params: [{ name: "for", value: "ann" }] },
} as const;

function started(command: string): CustomProcess {
  const env = { PATH: process.env["PATH"], SCRATCH: scratch };
  const world = { env } as unknown as Parameters<typeof customCommandRuns>[0];
  return customCommandRuns(world, new Map([["example.dev/v1/Wait", command]]), { run: "run", grace: 1 }).start(
    customRun,
  );
}

async function text(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const each of chunks) all.push(each);
  return Buffer.concat(all).toString();
}

async function outcome({ stdout, stderr, ended }: CustomProcess): Promise<unknown> {
  const [out, err, end] = await Promise.all([text(stdout), text(stderr), ended]);
  return { out, err, end };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20);
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // One that nobody waits for is dead all the same.
    return !existsSync(`/proc/${pid}/stat`) || !/\) Z /u.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

test("a command gets the CustomRun and its environment, and answers", async () => {
  const command =
    'printf "%s %s %s " "$LAPCAT_RUN" "$LAPCAT_CUSTOM_RUN" "$LAPCAT_PIPELINE_TASK"; cat; echo seen >&2; exit 3';
  expect(await outcome(started(command))).toEqual({
    out: `run run-wait wait ${JSON.stringify(customRun)}\n`,
    err: "seen\n",
    end: { kind: "exited", exitCode: 3 },
  });
});

test("one that reads nothing is none the worse for it", async () => {
  expect(await outcome(started("exec true <&-"))).toEqual({ out: "", err: "", end: { kind: "exited", exitCode: 0 } });
});

test("what is no program is the shell's exit code", async () => {
  expect(await outcome(started("./there-is-no-such-command"))).toMatchObject({
    end: { kind: "exited", exitCode: 127 },
  });
});

test("SIGTERM lets it clean up; what it left running is ended", async () => {
  const command = `trap 'echo cleaned; exit 7' TERM; sleep 60 & echo $! > ${scratch}/left; while :; do sleep 0.05; done`;
  const process = started(command);
  const ending = outcome(process);
  await until(() => existsSync(join(scratch, "left")) && readFileSync(join(scratch, "left"), "utf8") !== "");
  process.kill("SIGTERM");
  expect(await ending).toMatchObject({ out: "cleaned\n", end: { kind: "exited", exitCode: 7 } });
  expect(isAlive(Number(readFileSync(join(scratch, "left"), "utf8")))).toBe(false);
});

test("SIGTERM ends what does not listen for it, SIGKILL what does not care", async () => {
  const meek = started("sleep 60");
  await sleep(100);
  meek.kill("SIGTERM");
  expect(await outcome(meek)).toMatchObject({ end: { kind: "killed", signal: "SIGTERM" } });
  const stubborn = started(`trap '' TERM; echo up >&2; while :; do sleep 0.05; done`);
  await sleep(100);
  stubborn.kill("SIGTERM");
  await sleep(100);
  stubborn.kill("SIGKILL");
  expect(await outcome(stubborn)).toMatchObject({ end: { kind: "killed", signal: "SIGKILL" } });
});

test("it does not outlive a lapcat that was killed", async () => {
  const pidFile = join(scratch, "orphan");
  const program = join(scratch, "program.ts");
  const module = join(import.meta.dirname, "custom-process.ts");
  const command = `trap '' TERM; echo $$ > ${pidFile}; while :; do sleep 0.05; done`;
  writeFileSync(
    program,
    `import { customCommandRuns } from ${JSON.stringify(module)};
const commands = new Map([["example.dev/v1/Wait", ${JSON.stringify(command)}]]);
customCommandRuns({ env: process.env }, commands, { run: "run", grace: 0 }).start(${JSON.stringify(customRun)});`,
  );
  const parent = spawn(process.execPath, [program], { stdio: "inherit" });
  await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8") !== "");
  const pid = Number(readFileSync(pidFile, "utf8"));
  expect(isAlive(pid)).toBe(true);
  parent.kill("SIGKILL");
  await until(() => !isAlive(pid));
});

test.for<[text: readonly string[], expected: unknown]>([
  [["example.dev/v1/Wait=./wait.sh --for a=b"], [["example.dev/v1/Wait", "./wait.sh --for a=b"]]],
  [
    ["v1/Wait=a", "v1/Ask=b"],
    [
      ["v1/Wait", "a"],
      ["v1/Ask", "b"],
    ],
  ],
])("%s names commands", ([customTask, expected]) => {
  const commands = customCommandsOf({ customTask });
  expect(commands.ok && [...commands.value]).toEqual(expected);
});

test.for<[text: readonly string[], message: string]>([
  [["Wait=a"], '--custom-task "Wait=a" is not APIVERSION/KIND=COMMAND'],
  [["v1/Wait="], '--custom-task "v1/Wait=" is not APIVERSION/KIND=COMMAND'],
  [["v1/Wait"], '--custom-task "v1/Wait" is not APIVERSION/KIND=COMMAND'],
  [["v1/Wait=a", "v1/Wait=b"], '--custom-task "v1/Wait=b" gives v1/Wait a second command'],
])("%s is refused", ([customTask, message]) => {
  expect(customCommandsOf({ customTask }).diagnostics.map((each) => each.message)).toEqual([message]);
});

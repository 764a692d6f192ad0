import { spawn } from "node:child_process";
import { type CustomProcess, type CustomRuns, type ExecuteInput } from "@lapcat/executor";
import { type CustomEnd } from "@lapcat/run";
import { type CustomRun } from "@lapcat/tekton";
import { type CustomCommands, customCommandsOf, customTaskName, type CustomTaskOptions } from "./custom-tasks.ts";
import { type World } from "./world.ts";

/**
 * Waits for the command in a process group of its own. File 3 is a pipe that ends with lapcat, however it ends: then the group is ended too.
 * The trap lets a command clean up when the whole group is asked to end.
 */
const guarded = `
trap : TERM INT HUP
{ trap "" TERM; read -r _ <&3; kill -TERM 0; sleep "$2"; kill -KILL 0; } </dev/null >/dev/null 2>&1 &
/bin/sh -c "$1" 3<&-
`;

export interface Place {
  readonly run: string;
  /** Seconds. */
  readonly grace: number;
  /** In which commands are run; the current one when absent. */
  readonly directory?: string;
}

/** What an executor needs, where there are such commands: a plan that relies on others was refused. */
export function customRunsFor(
  world: World,
  options: CustomTaskOptions,
  place: Place,
): Pick<ExecuteInput, "customRuns"> {
  const commands = customCommandsOf(options);
  return commands.ok && commands.value.size > 0 ? { customRuns: customCommandRuns(world, commands.value, place) } : {};
}

/** Runs custom tasks by the commands that were given for them. */
export function customCommandRuns(
  world: World,
  commands: CustomCommands,
  { run, grace, directory }: Place,
): CustomRuns {
  return {
    start: (customRun) => {
      const { customRef, customSpec } = customRun.spec;
      const { apiVersion = "", kind = "" } = customRef ?? customSpec ?? {};
      const command = commands.get(customTaskName({ apiVersion, kind }));
      if (command === undefined) throw new Error(`no command runs ${apiVersion}/${kind}`);
      const own = {
        LAPCAT_RUN: run,
        LAPCAT_CUSTOM_RUN: customRun.metadata.name ?? "",
        LAPCAT_PIPELINE_TASK: customRun.metadata.labels?.["tekton.dev/pipelineTask"] ?? "",
      };
      return started(
        command,
        { grace, ...(directory === undefined ? {} : { directory }) },
        { ...world.env, ...own },
        customRun,
      );
    },
  };
}

function started(
  command: string,
  { grace, directory }: Omit<Place, "run">,
  env: NodeJS.ProcessEnv,
  customRun: CustomRun,
): CustomProcess {
  const child = spawn("/bin/sh", ["-c", guarded, "sh", command, `${grace}`], {
    ...(directory === undefined ? {} : { cwd: directory }),
    env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const signalGroup = (signal: "SIGTERM" | "SIGKILL"): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended.
    }
  };
  const ended = new Promise<CustomEnd>((resolve) => {
    child.once("error", (error) => resolve({ kind: "not-started", why: error.message }));
    child.once("exit", (code, signal) => {
      // What it left in its group is ended with it, and so are its outputs.
      signalGroup("SIGKILL");
      resolve(signal === null ? endedWith(code ?? 0) : { kind: "killed", signal });
    });
  });
  // One that does not read its standard input is none the worse for it.
  for (const pipe of [child.stdin, child.stdio[3]]) pipe?.on("error", () => undefined);
  child.stdin?.end(`${JSON.stringify(customRun)}\n`);
  if (child.stdout === null || child.stderr === null) throw new Error("the command has no standard streams");
  return { stdout: child.stdout, stderr: child.stderr, ended, kill: signalGroup };
}

/** A shell's way to say that what it ran was ended by a signal. */
function endedWith(exitCode: number): CustomEnd {
  if (exitCode === 128 + 15) return { kind: "killed", signal: "SIGTERM" };
  if (exitCode === 128 + 9) return { kind: "killed", signal: "SIGKILL" };
  return { kind: "exited", exitCode };
}

import { didYouMean, LapcatError } from "@lapcat/diagnostic";
import { asContainerName, asRunId } from "@lapcat/engine";
import { isNamed, type StepLine, timelineOf } from "@lapcat/report";
import { type RunReader } from "@lapcat/store";
import { storedRun, storeOf } from "./stored-run.ts";
import { type Command } from "./world.ts";

export interface ShellOptions {
  readonly engine: string;
}

/** The nicest that the image has. */
const shell = ["/bin/sh", "-c", "command -v bash > /dev/null && exec bash; exec sh"];

/** A shell, or one command, in a step's container while it runs or waits at a breakpoint. */
export const shellCommand: Command<
  ShellOptions,
  readonly [string, string | undefined, string | undefined, readonly string[]]
> = async (world, options, id, task, step, command) => {
  const reader = await storedRun(storeOf(world), id);
  const { pod, container } = await chosen(reader, task, step);
  const { DockerEngine, openEngine } = await import("@lapcat/engine-docker");
  const engine = await openEngine(options.engine, { env: world.env, home: world.home });
  try {
    if (!(engine instanceof DockerEngine)) throw new Error("an engine without shells");
    const of = { run: asRunId(reader.id), pod, container: asContainerName(container) };
    const { stdin: input, stdout: output, stderr: errors } = process;
    return await engine.shell(of, command.length === 0 ? shell : command, { input, output, errors });
  } finally {
    await engine.close();
  }
};

/** The step that is named; else the one that waits, else the one that runs. */
async function chosen(
  reader: RunReader,
  task: string | undefined,
  name: string | undefined,
): Promise<{ readonly pod: string; readonly container: string }> {
  const log = await reader.events();
  const all = timelineOf(log)
    .attempts.filter((attempt) => task === undefined || isNamed(attempt, task))
    .flatMap(({ taskRun, attempt, steps }) => steps.map((step) => ({ taskRun, attempt, step })));
  const isWanted = (step: StepLine): boolean => name === undefined || step.name === name || step.container === name;
  const going = all.filter(({ step }) => step.startedAt !== undefined && step.finishedAt === undefined);
  const wanted = going.filter(({ step }) => isWanted(step) && (name !== undefined || step.role === "step"));
  const found = wanted.find(({ step }) => step.waits === true) ?? wanted[0];
  const names = going.map(({ step }) => step.name);
  if (found === undefined) throw noSuch(task, name, names);
  const pod = log.flatMap(({ event }) =>
    event.type === "pod.created" && event.taskRun === found.taskRun && event.attempt === found.attempt ? event.pod : [],
  )[0];
  if (pod === undefined) throw noSuch(task, name, names);
  return { pod, container: found.step.container };
}

function noSuch(task: string | undefined, name: string | undefined, names: readonly string[]): LapcatError {
  const what = name === undefined ? "no step" : `no step ${name}`;
  const near = didYouMean(name ?? "", names);
  const hint =
    near !== undefined
      ? `did you mean ${near}?`
      : names.length > 0
        ? `these run: ${names.join(", ")}`
        : "a step runs only while `lapcat run` goes on; a breakpoint holds it: spec.debug.breakpoints of the TaskRun";
  return new LapcatError({
    code: "usage",
    message: `${what}${task === undefined ? "" : ` of ${task}`} runs now`,
    hint,
  });
}

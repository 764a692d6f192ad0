import { type Duplex } from "node:stream";
import { type default as Docker, type Exec } from "dockerode";
import { LapcatError } from "@lapcat/diagnostic";
import { type ContainerName, type RunId } from "@lapcat/engine";
import { demux } from "./demux.ts";
import { engineError, isConflict, isMissing, startErrorOf } from "./errors.ts";
import { containerLabel, podLabel, runLabel } from "./labels.ts";

/** A container of a run that goes on, perhaps another lapcat's. */
export interface ContainerOfRun {
  readonly run: RunId;
  readonly pod: string;
  readonly container: ContainerName;
}

/** Where a user sits. */
export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly errors: NodeJS.WritableStream;
}

/** Runs a command in a container, with the user's terminal if there is one; gives its exit code. */
export async function shellIn(
  docker: Docker,
  of: ContainerOfRun,
  command: readonly string[],
  { input, output, errors }: Terminal,
): Promise<number> {
  const isTerminal = input.isTTY && output.isTTY;
  try {
    const container = docker.getContainer(await idOf(docker, of));
    const exec = await container.exec({
      Cmd: [...command],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: isTerminal,
      ...(isTerminal && process.env["TERM"] !== undefined && { Env: [`TERM=${process.env["TERM"]}`] }),
    });
    const stream: Duplex = await exec.start({ hijack: true, stdin: true, Tty: isTerminal });
    await (isTerminal ? interact(exec, stream, input, output) : pass(stream, input, output, errors));
    return (await exec.inspect()).ExitCode ?? 1;
  } catch (cause) {
    const refusal = startErrorOf(cause);
    if (refusal !== undefined) throw new LapcatError({ code: "engine.refused", message: refusal }, cause);
    if (isConflict(cause) || isMissing(cause)) throw notRunning(of);
    throw engineError(cause, `run a command in ${of.container} of ${of.pod}`);
  }
}

async function idOf(docker: Docker, of: ContainerOfRun): Promise<string> {
  const label = [`${runLabel}=${of.run}`, `${podLabel}=${of.pod}`, `${containerLabel}=${of.container}`];
  const [found] = await docker.listContainers({ filters: { label, status: ["running"] } });
  if (found === undefined) throw notRunning(of);
  return found.Id;
}

function notRunning({ run, pod, container }: ContainerOfRun): LapcatError {
  return new LapcatError({
    code: "usage",
    message: `${container} of ${pod} (run ${run}) does not run now`,
    hint: "a step that is over is gone; a breakpoint keeps it: spec.debug.breakpoints of the TaskRun",
  });
}

async function interact(
  exec: Exec,
  stream: Duplex,
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): Promise<void> {
  const resize = (): void => void exec.resize({ w: output.columns, h: output.rows }).catch(() => undefined);
  resize();
  output.on("resize", resize);
  input.setRawMode(true);
  input.pipe(stream);
  try {
    for await (const bytes of stream) output.write(bytes as Buffer);
  } finally {
    output.off("resize", resize);
    input.unpipe(stream);
    input.setRawMode(false);
    input.pause();
  }
}

async function pass(
  stream: Duplex,
  input: NodeJS.ReadStream,
  output: NodeJS.WritableStream,
  errors: NodeJS.WritableStream,
): Promise<void> {
  // A terminal is left alone when the output goes elsewhere: nobody would see what is typed.
  if (!input.isTTY) input.pipe(stream);
  try {
    for await (const { stream: of, bytes } of demux(stream as AsyncIterable<Buffer>))
      (of === "stdout" ? output : errors).write(bytes);
  } finally {
    input.unpipe(stream);
    input.pause();
  }
}

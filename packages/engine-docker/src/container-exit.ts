import { type default as Docker, type Container } from "dockerode";
import { type ExitStatus, type ResourceSpec } from "@lapcat/engine";
import { engineError, isMissing } from "./errors.ts";
import { type Host } from "./host.ts";
import { takeMemoryMark } from "./memory-mark.ts";

/**
 * How a started container ended.
 *
 * The engine's wait is asked after start (asked before, start can overtake it). Docker answers it at the end (its
 * `die` event comes 50 ms sooner, but then the next start waits for the same network to be put away: nothing is won). Podman looks every
 * 250 ms, so there the end of the output is the sign to look ourselves.
 */
export async function exitOf(
  host: Host,
  container: Container,
  { memory }: ResourceSpec,
  outputEnded: Promise<void>,
): Promise<ExitStatus> {
  const startedAt = Date.now();
  const waited = waitFor(host.docker, container);
  const looked =
    host.product === "podman" ? outputEnded.then(async () => (await look(container, 12)) ?? waited) : waited;
  // The loser of the race must not become an unhandled rejection.
  waited.catch(() => undefined);
  looked.catch(() => undefined);
  const exitCode = await Promise.race([waited, looked]);
  if (exitCode === 0) return { exitCode, oomKilled: false };
  const { State } = await inspect(container);
  if (State.OOMKilled || exitCode !== 137 || memory === undefined) return { exitCode, oomKilled: State.OOMKilled };
  if (host.product === "docker") return { exitCode, oomKilled: await toldOfMemory(host.docker, container, State) };
  return { exitCode, oomKilled: host.memoryMark !== undefined && takeMemoryMark(host.memoryMark, startedAt - 1000) };
}

/** For how long a container that has ended may still be told of, in seconds. */
const afterwards = 0.3;

/** Where the kernel tells Docker of the want of memory after the end, the container's state stays without it; its events do not. */
async function toldOfMemory(
  docker: Docker,
  container: Container,
  { StartedAt, FinishedAt }: Awaited<ReturnType<Container["inspect"]>>["State"],
): Promise<boolean> {
  try {
    // By the engine's clock.
    const events = await docker.getEvents({
      since: Date.parse(StartedAt) / 1000 - 1,
      until: Date.parse(FinishedAt) / 1000 + afterwards,
      filters: { container: [container.id], event: ["oom"] },
    });
    for await (const _event of events) return true;
    return false;
  } catch (cause) {
    throw engineError(cause, "learn how a container ended");
  }
}

async function inspect(container: Container): Promise<Awaited<ReturnType<Container["inspect"]>>> {
  try {
    return await container.inspect();
  } catch (cause) {
    throw engineError(cause, "learn how a container ended");
  }
}

/** The exit code once the container is not running; undefined when it still is after so many looks. */
async function look(container: Container, times: number): Promise<number | undefined> {
  for (let attempt = 0; attempt <= times; attempt++) {
    const { State } = await inspect(container);
    if (!State.Running && !["created", "stopping", "running", "removing"].includes(State.Status)) return State.ExitCode;
    if (attempt < times) await new Promise((resolve) => setTimeout(resolve, 4 * (attempt + 1)));
  }
  return undefined;
}

interface Modem {
  dial(
    options: {
      path: string;
      method: string;
      isStream: boolean;
      statusCodes: Record<number, true | string>;
    },
    callback: (error: Error | null, stream: NodeJS.ReadableStream | undefined) => void,
  ): void;
}

/** The library's own wait never settles when the engine dies between the answer's head and its body; as a stream it does. */
async function waitFor(docker: Docker, container: Container): Promise<number> {
  try {
    const body = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
      (docker.modem as Modem).dial(
        {
          path: `/containers/${container.id}/wait`,
          method: "POST",
          isStream: true,
          statusCodes: { 200: true, 404: "no such container", 500: "server error" },
        },
        (error, stream) =>
          stream === undefined || error !== null ? reject(error ?? new Error("no answer")) : resolve(stream),
      );
    });
    let text = "";
    for await (const chunk of body) text += String(chunk);
    const { StatusCode, Error: failure } = JSON.parse(text) as {
      StatusCode: number;
      Error?: { Message: string } | null;
    };
    if (failure?.Message !== undefined && failure.Message !== "") throw new Error(failure.Message);
    return StatusCode;
  } catch (cause) {
    if (isMissing(cause)) throw engineError(cause, "wait for a container that was removed");
    if (cause instanceof SyntaxError)
      throw engineError(Object.assign(new Error("aborted"), { code: "ECONNRESET" }), "wait for a container");
    throw engineError(cause, "wait for a container");
  }
}

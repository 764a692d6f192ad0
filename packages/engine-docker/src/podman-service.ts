import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { LapcatError } from "@lapcat/diagnostic";
import { type Endpoint } from "./address.ts";
import { ping, type EngineVersion } from "./ping.ts";
import { ownDirectory } from "./rooted-files.ts";
import { type Environment, type Surroundings } from "./ways.ts";

/** A Podman binary without a service: where the service that we start for it listens. */
export interface PodmanBinary {
  readonly binary: string;
  readonly socket: string;
}

export function podmanBinary({ env, uid }: Surroundings): PodmanBinary | undefined {
  const binary = (env["PATH"] ?? "")
    .split(delimiter)
    .filter((each) => each !== "")
    .map((directory) => join(directory, "podman"))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
  if (binary === undefined) return undefined;
  const base = env["XDG_RUNTIME_DIR"] ?? join(tmpdir(), `lapcat-podman-${uid}`);
  return { binary, socket: join(base, `lapcat-podman${configuredAs(env)}.sock`) };
}

/** A service goes on as it was configured when it started: other files, another service. */
function configuredAs(env: Environment): string {
  const names = [
    "CONTAINERS_CONF",
    "CONTAINERS_CONF_OVERRIDE",
    "CONTAINERS_STORAGE_CONF",
    "CONTAINERS_REGISTRIES_CONF",
  ];
  const given = names.flatMap((name) => (env[name] === undefined ? [] : [`${name}=${env[name]}`]));
  return given.length === 0 ? "" : `-${createHash("sha256").update(given.join("\n")).digest("hex").slice(0, 8)}`;
}

const startMilliseconds = 30_000;

/**
 * The service on the private socket: one that still answers, or a new one, which ends by itself after a minute without requests.
 * CONTAINERS_CONF and the rest of the environment reach it. Of several who ask at once one starts it: a second service would take the
 * socket from the first, and the first, when it ends, the socket's file from the second.
 */
export async function serve(podman: PodmanBinary, env: Environment, uid: number): Promise<EngineVersion> {
  const { binary, socket } = podman;
  const directory = join(socket, "..");
  const endpoint: Endpoint = { kind: "socket", path: socket };
  const starting = `${socket}.starting`;
  const deadline = performance.now() + startMilliseconds;
  let started: Started | undefined;
  try {
    for (;;) {
      // Who listens is given all the time there is: a busy machine is slow to answer, and asked again would be as slow. Nobody is told at once.
      const left = Math.max(1, deadline - performance.now());
      const answer = await ping(endpoint, left).catch((cause: unknown) => cause);
      if (isVersion(answer)) return answer;
      if (started?.ended !== undefined) throw notStarted(binary, started.ended, started);
      if (performance.now() > deadline) {
        started?.kill();
        throw notStarted(binary, `no answer within ${startMilliseconds / 1000} s`, started);
      }
      if (started === undefined && nobodyListens(answer)) {
        makeDirectory(directory, env, uid);
        if (begins(starting)) {
          // Somebody else's may have come just before we began.
          const others = await ping(endpoint, 2000).catch(() => undefined);
          if (others !== undefined) {
            rmSync(starting, { force: true });
            return others;
          }
          started = start(podman, env);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    if (started !== undefined) rmSync(starting, { force: true });
  }
}

function isVersion(answer: unknown): answer is EngineVersion {
  return typeof answer === "object" && answer !== null && "apiVersion" in answer;
}

function nobodyListens(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ECONNREFUSED");
}

function makeDirectory(directory: string, env: Environment, uid: number): void {
  mkdirSync(join(directory, ".."), { recursive: true });
  // The session's own directory is as the session made it; it may be named and not be there.
  const isSessions = directory === env["XDG_RUNTIME_DIR"] && existsSync(directory);
  if (!isSessions && ownDirectory(directory, uid) === undefined) {
    throw new LapcatError({
      code: "engine.none",
      message: `${directory} belongs to someone else, so Podman was not started there`,
    });
  }
}

/** Whether it is ours to start the service. Who began and is no more is asked no longer. */
function begins(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx", mode: 0o600 });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST")
      throw new LapcatError(
        {
          code: "engine.none",
          message: `Podman's service cannot be started: ${file} cannot be written`,
          hint: "XDG_RUNTIME_DIR names the directory for it; look at its owner, its mode and its disk",
        },
        cause,
      );
    if (!isAlive(file)) rmSync(file, { force: true });
    return false;
  }
}

function isAlive(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return true;
  } catch (cause) {
    // Someone else's process is one, and a file that is gone tells of an end that went well.
    return (cause as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

interface Started {
  readonly ended: string | undefined;
  readonly logPath: string;
  kill(): void;
}

function start({ binary, socket }: PodmanBinary, env: Environment): Started {
  // Not a pipe to us: the service outlives us, and would die of writing to it.
  const logPath = `${socket}.log`;
  const log = openSync(logPath, "w", 0o600);
  const service = spawn(binary, ["system", "service", "--time=60", `unix://${socket}`], {
    detached: true,
    // It outlives us, and what watches its containers leaves a file where it stands when one runs out of memory.
    cwd: join(socket, ".."),
    env: env as NodeJS.ProcessEnv,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  service.unref();
  let ended: string | undefined;
  service.once("error", (error) => (ended = error.message));
  service.once("exit", (code) => (ended = `exit code ${String(code)}`));
  return {
    get ended() {
      return ended;
    },
    logPath,
    kill: () => void service.kill(),
  };
}

function notStarted(binary: string, why: string, started: Started | undefined): LapcatError {
  const said = started === undefined ? "" : readFileSync(started.logPath, "utf8").slice(-4000).trim();
  return new LapcatError({
    code: "engine.none",
    message: `${binary} system service did not start (${why})${said === "" ? "" : `: ${said}`}`,
    hint: "run `podman info` to see what Podman itself says",
  });
}

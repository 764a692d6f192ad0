import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, closeSync, existsSync, constants, mkdirSync, openSync, readFileSync } from "node:fs";
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

const startMilliseconds = 10_000;

/**
 * The service on the private socket: one that still answers, or a new one, which ends by itself after a minute without requests.
 * CONTAINERS_CONF and the rest of the environment reach it.
 */
export async function serve({ binary, socket }: PodmanBinary, env: Environment, uid: number): Promise<EngineVersion> {
  const endpoint: Endpoint = { kind: "socket", path: socket };
  const answering = await ping(endpoint, 2000).catch(() => undefined);
  if (answering !== undefined) return answering;
  const directory = join(socket, "..");
  mkdirSync(join(directory, ".."), { recursive: true });
  // The session's own directory is as the session made it; it may be named and not be there.
  const isSessions = directory === env["XDG_RUNTIME_DIR"] && existsSync(directory);
  if (!isSessions && ownDirectory(directory, uid) === undefined) {
    throw new LapcatError({
      code: "engine.none",
      message: `${directory} belongs to someone else, so Podman was not started there`,
    });
  }
  // Not a pipe to us: the service outlives us, and would die of writing to it.
  const logPath = `${socket}.log`;
  const log = openSync(logPath, "w", 0o600);
  const service = spawn(binary, ["system", "service", "--time=60", `unix://${socket}`], {
    detached: true,
    // It outlives us, and what watches its containers leaves a file where it stands when one runs out of memory.
    cwd: directory,
    env: env as NodeJS.ProcessEnv,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  let ended: string | undefined;
  service.once("error", (error) => (ended = error.message));
  service.once("exit", (code) => (ended = `exit code ${String(code)}`));
  const deadline = performance.now() + startMilliseconds;
  for (;;) {
    const version = await ping(endpoint, 2000).catch(() => undefined);
    if (version !== undefined) {
      service.unref();
      return version;
    }
    if (ended !== undefined || performance.now() > deadline) {
      if (ended === undefined) service.kill();
      const said = readFileSync(logPath, "utf8").slice(-4000);
      throw new LapcatError({
        code: "engine.none",
        message: `${binary} system service did not start (${ended ?? `no answer within ${startMilliseconds / 1000} s`})${said === "" ? "" : `: ${said.trim()}`}`,
        hint: "run `podman info` to see what Podman itself says",
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

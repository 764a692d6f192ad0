import { readFile } from "node:fs/promises";
import { type Container } from "dockerode";

const sigterm = 1n << 14n;

/**
 * Whether SIGTERM is lost on a container's process: the first of a PID namespace only gets signals that it handles, so to wait for one
 * that handles none is to wait for nothing. False where that cannot be seen, as on another machine.
 */
export async function isDeaf(
  container: Container,
  read: (path: string) => Promise<string> = (path) => readFile(path, "utf8"),
): Promise<boolean> {
  try {
    const { State, HostConfig, Id } = await container.inspect();
    if (
      !State.Running ||
      State.Pid === 0 ||
      !["", "private"].includes(HostConfig.PidMode ?? "") ||
      HostConfig.Init === true
    )
      return false;
    // The same number may be another process here, where the engine is elsewhere.
    if (!(await read(`/proc/${State.Pid}/cgroup`)).includes(Id)) return false;
    const status = await read(`/proc/${State.Pid}/status`);
    const mask = (name: string): bigint =>
      BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "mu").exec(status)?.[1]}`);
    // What it blocks it may still fetch.
    return ((mask("SigCgt") | mask("SigBlk")) & sigterm) === 0n;
  } catch {
    return false;
  }
}

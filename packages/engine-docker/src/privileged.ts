import { atLeast } from "./host.ts";

/** The last capability that Docker before 23.0 knows. */
const lastKnown = 40;

/**
 * Whether a Docker on this machine is known to refuse `privileged`: before 23.0 (API 1.42) it asks for every capability, also for one
 * that it lacks itself, and then no such container starts. False where that cannot be seen: then starting one will tell.
 */
export async function refusesPrivileged(apiVersion: string, read: (path: string) => Promise<string>): Promise<boolean> {
  if (atLeast(apiVersion, "1.42")) return false;
  try {
    const pid = (await read("/var/run/docker.pid")).trim();
    if (!/^\d+$/u.test(pid) || (await read(`/proc/${pid}/comm`)).trim() !== "dockerd") return false;
    const bounding = /^CapBnd:\s*([0-9a-f]+)$/mu.exec(await read(`/proc/${pid}/status`))?.[1];
    const last = Math.min(lastKnown, Number(await read("/proc/sys/kernel/cap_last_cap")));
    if (bounding === undefined || !Number.isInteger(last)) return false;
    const every = (1n << BigInt(last + 1)) - 1n;
    return (BigInt(`0x${bounding}`) & every) !== every;
  } catch {
    return false; // No such files, or not ours to read.
  }
}

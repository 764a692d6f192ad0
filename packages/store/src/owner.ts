import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * Which process writes a run: its id, and when it started, so that another one which got the same id later is not taken for it.
 * `started` is opaque: the boot's id and clock ticks where /proc tells them, else the words of `ps`.
 */
export interface Owner {
  readonly pid: number;
  readonly started: string;
  /** It only removes what the run left in an engine, and writes nothing. */
  readonly sweeps: boolean;
}

export async function ownerOf(pid: number, sweeps = false): Promise<Owner | undefined> {
  const started = await startOf(pid);
  return started === undefined ? undefined : { pid, started, sweeps };
}

export async function isAlive(owner: Owner): Promise<boolean> {
  return (await startOf(owner.pid)) === owner.started;
}

/** Undefined when the text is none that `encodeOwner` wrote. */
export function decodeOwner(text: string): Owner | undefined {
  const [pid = "", started = "", purpose = ""] = text.trimEnd().split("\n");
  return /^\d+$/u.test(pid) && started !== "" ? { pid: Number(pid), started, sweeps: purpose === sweeping } : undefined;
}

export function encodeOwner({ pid, started, sweeps }: Owner): string {
  return `${pid}\n${started}\n${sweeps ? `${sweeping}\n` : ""}`;
}

const sweeping = "sweeping";

async function startOf(pid: number): Promise<string | undefined> {
  const boot = bootId();
  if (boot === undefined) return startByPs(pid);
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "latin1");
    // The second field is the command's name in parentheses, and may itself contain blanks and parentheses.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended; it only waits for its parent to notice.
    return state === "Z" ? undefined : `${boot}/${fields[18]}`;
  } catch {
    // No such process (any more).
    return undefined;
  }
}

function bootId(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    // Not Linux.
    return undefined;
  }
}

async function startByPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)], {
      env: { ...process.env, LC_ALL: "C" },
    });
    return stdout.trim() === "" ? undefined : stdout.trim();
  } catch {
    // ps exits 1 when there is no such process.
    return undefined;
  }
}

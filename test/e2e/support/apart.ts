import { once } from "node:events";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "./clients.ts";
import { type Place } from "./lapcat.ts";

/** A place whose directories nobody else sees: a mount namespace in which everything that lapcat may write is memory of its own. */
export interface Apart extends Place {
  /** The checkout as it is seen there, where it stands under another name and cannot be written. */
  readonly checkout: string;
  /** What a command prints there. */
  ask(...command: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

const isRoot = process.getuid?.() === 0;
const unshare = ["unshare", ...(isRoot ? [] : ["--user", "--map-root-user"]), "--mount", "--propagation", "private"];
const temporary = "/mnt";

/** Why there can be none. */
export async function absenceOfApart(): Promise<string | undefined> {
  const [command = "", ...args] = unshare;
  const { failed, shortMessage = "" } = await execa(command, [...args, "true"], { reject: false });
  return failed ? `mount namespaces cannot be made: ${shortMessage}` : undefined;
}

/** `hidden` are directories of others, above all the engine's, that are empty there. */
export async function apart(hidden: readonly string[]): Promise<Apart> {
  const checkout = join(temporary, "checkout");
  const script = [
    `set -e`,
    `mount -n -t tmpfs lapcat ${temporary}`,
    `mkdir ${checkout} ${temporary}/tmp`,
    `mount -n --rbind ${root} ${checkout}`,
    `mount -n -o remount,bind,ro ${checkout}`,
    ...[root, ...hidden].map((each) => `if [ -d ${each} ]; then mount -n -t tmpfs lapcat ${each}; fi`),
    `echo ready`,
    `exec sleep 3600`,
  ].join("\n");
  const [command = "", ...args] = unshare;
  const holder = execa(command, [...args, "sh", "-c", script], { buffer: false, reject: false });
  const pid = await Promise.race([
    once(holder.stdout, "data").then(() => holder.pid),
    holder.then(({ shortMessage }) => {
      throw new Error(shortMessage);
    }),
  ]);
  const enter = (directory: string, ...program: readonly string[]): readonly string[] => [
    "nsenter",
    ...(isRoot ? [] : ["--user", "--preserve-credentials"]),
    "--mount",
    `--target=${pid}`,
    "sh",
    "-c",
    'cd "$0" && exec "$@"',
    directory,
    ...program,
  ];
  return {
    temporary,
    checkout,
    seen: (path) => `/proc/${pid}/root${path}`,
    call: (directory, lapcat) =>
      enter(
        directory,
        "env",
        `TMPDIR=${temporary}/tmp`,
        `NODE_COMPILE_CACHE=${temporary}/compiled`,
        join(checkout, "packages/cli/bin/lapcat"),
        ...lapcat,
      ),
    async ask(...asked) {
      const [program = "", ...rest] = enter("/", ...asked);
      return (await execa(program, rest)).stdout;
    },
    async close() {
      holder.kill("SIGKILL");
      await holder;
    },
  };
}

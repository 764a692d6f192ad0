// A gigabyte in and out of the volume of a claim, against `docker cp` of the same.
import { once } from "node:events";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { type Comparison } from "./bench.ts";
import { type Command } from "./measure.ts";

const claim = "lapcat-bench-copies";
const volume = `lapcat-claim-${claim}`;
const container = "lapcat-bench-copies";

/** A few large files and many small ones, as workspaces have them; none compresses or has holes. */
async function makeTree(directory: string): Promise<void> {
  const block = new Uint8Array(1024 * 1024);
  for (let at = 0; at < block.length; at += 65_536) crypto.getRandomValues(block.subarray(at, at + 65_536));
  mkdirSync(join(directory, "small"), { recursive: true });
  const write = async (path: string, blocks: readonly Uint8Array[]): Promise<void> => {
    const file = createWriteStream(path);
    for (const each of blocks) if (!file.write(each)) await once(file, "drain");
    file.end();
    await once(file, "close");
  };
  for (let index = 0; index < 9; index++)
    await write(
      join(directory, `large-${index}`),
      Array.from({ length: 100 }, () => block),
    );
  for (let index = 0; index < 2000; index++)
    await write(join(directory, "small", `${index}`), [block.subarray(index, index + 50_000)]);
}

export async function volumeCopies(
  lapcat: (...args: readonly string[]) => Command,
  compare: (comparison: Comparison) => Promise<void>,
  scratch: string,
): Promise<void> {
  const tree = join(scratch, "tree");
  await makeTree(tree);
  const shell = (script: string): Command => ({ command: "sh", args: ["-euc", script] });
  /** What a round wrote is taken away by the next one, on both sides alike. */
  const fresh = (name: string, { command, args, env }: Command): Command => ({
    command: "sh",
    args: ["-euc", `rm -rf "$0"; exec "$@"`, join(scratch, name), command, ...args],
    ...(env === undefined ? {} : { env }),
  });
  try {
    await execa("docker", ["create", "--name", container, "-v", `${volume}-of-docker:/v`, "busybox"]);
    const { command, args, env = {} } = lapcat("volume", "cp", tree, `${claim}:/`);
    await execa(command, args, { env });
    await execa("docker", ["cp", tree, `${container}:/v`]);
    await compare({
      name: "copy-in",
      what: "1 GB copied into a claim's volume : docker cp into a volume",
      reach: 1.5,
      rounds: 3,
      ours: lapcat("volume", "cp", tree, `${claim}:/`),
      theirs: shell(`docker cp ${tree} ${container}:/v`),
    });
    await compare({
      name: "copy-out",
      what: "1 GB copied out of a claim's volume : docker cp out of a volume",
      reach: 1.5,
      rounds: 3,
      ours: fresh("ours", lapcat("volume", "cp", `${claim}:/tree`, join(scratch, "ours"))),
      theirs: fresh("theirs", shell(`docker cp ${container}:/v/tree ${join(scratch, "theirs")}`)),
    });
  } finally {
    await execa("docker", ["rm", "-f", container], { reject: false });
    await execa("docker", ["volume", "rm", "-f", volume, `${volume}-of-docker`], { reject: false });
  }
}

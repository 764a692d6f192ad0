import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe } from "vitest";
import { findEngines } from "../../../packages/engine-docker/src/index.ts";
import { type EngineClient } from "../contract-images.ts";

/** Why tests cannot run on an engine: it does not answer, its client is not installed, or an image is not to be had. Undefined when they can. */
export async function absenceOf(client: EngineClient, ...images: readonly string[]): Promise<string | undefined> {
  const choice = client.command;
  const findings = await findEngines({ env: { ...process.env, ...client.env }, choice });
  if (!findings.some(({ verdict }) => ["answers", "startable"].includes(verdict.kind))) return `no ${choice} answers`;
  const run = (...args: readonly string[]) => execa(choice, args, { env: client.env, reject: false, timeout: 240_000 });
  for (const image of images) {
    if (!(await run("image", "inspect", image)).failed) continue;
    // Where upstream's images can be pulled, only those of the services are here beforehand.
    const { failed, stderr } = await run("pull", "--quiet", image);
    if (failed) return `${choice} lacks the image ${image} (scripts/images.sh makes a stand-in): ${stderr}`;
  }
  return undefined;
}

/**
 * A group of tests that needs something of the machine. Where that is absent they are skipped out loud; what a machine for checking
 * must have is missed as a failure there.
 */
export function describeWith(
  title: string,
  absence: string | undefined,
  needed: "in CI" | "where it is",
  body: () => void,
): void {
  const isFatal = absence !== undefined && needed === "in CI" && process.env["CI"] === "true";
  const isSkipped = absence !== undefined && !isFatal;
  if (isSkipped) process.stderr.write(`SKIPPED: ${title}: ${absence}\n`);
  describe.skipIf(isSkipped)(`${title}`, () => {
    beforeAll(() => {
      if (absence !== undefined) throw new Error(absence);
    });
    body();
  });
}

/** Where lapcat places files for an engine on this machine, a directory a run. */
const shared = [tmpdir(), "/dev/shm"].map((base) => join(base, `lapcat-${process.getuid?.() ?? -1}`));

/** Everything in an engine, and beside it, of a run that `isOurs`. */
export async function leftIn(client: EngineClient, isOurs: (run: string) => boolean): Promise<readonly string[]> {
  const { env } = client;
  const label = `{{.Label "dev.lapcat.run"}}`;
  const filter = ["--filter", "label=dev.lapcat.run", "--format"];
  const [containers, volumes] = await Promise.all([
    execa(
      client.command,
      [
        "ps",
        "--all",
        ...filter,
        client.command === "podman" ? `{{index .Labels "dev.lapcat.run"}} {{.Names}}` : `${label} {{.Names}}`,
      ],
      { env },
    ),
    execa(
      client.command,
      [
        "volume",
        "ls",
        ...filter,
        client.command === "podman" ? `{{index .Labels "dev.lapcat.run"}} {{.Name}}` : `${label} {{.Name}}`,
      ],
      { env },
    ),
  ]);
  const directories = shared.flatMap((each) =>
    existsSync(each) ? readdirSync(each).map((run) => `${run} ${join(each, run)}`) : [],
  );
  return [...containers.stdout.split("\n"), ...volumes.stdout.split("\n"), ...directories].filter(
    (line) => line !== "" && isOurs(line.split(" ")[0] ?? ""),
  );
}

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);

/** The client that speaks to the engine: docker, or podman where that is all there is. LAPCAT_CONTAINER_CLI overrides. */
export const containerCli: string =
  process.env["LAPCAT_CONTAINER_CLI"] ??
  ["docker", "podman"].find((name) =>
    (process.env["PATH"] ?? "").split(delimiter).some((directory) => existsSync(join(directory, name))),
  ) ??
  "docker";

/** Runs the client and gives what it printed. A failure carries the client's own words. */
export async function container(...args: readonly string[]): Promise<string> {
  try {
    return (await exec(containerCli, args, { maxBuffer: 64 * 1024 * 1024 })).stdout.trimEnd();
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new Error(`${containerCli} ${args.slice(0, 2).join(" ")} failed: ${said || String(error)}`, { cause: error });
  }
}

/** A push or pull between the engine and a registry on this machine, with the credentials of a Docker config file. */
export async function transfer(verb: "push" | "pull", image: string, dockerConfigFile: string): Promise<void> {
  if (basename(containerCli).startsWith("podman")) {
    await container(verb, "--quiet", "--tls-verify=false", "--authfile", dockerConfigFile, image);
  } else {
    // Docker trusts every registry on 127.0.0.0/8.
    await container("--config", join(dockerConfigFile, ".."), verb, "--quiet", image);
  }
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type EngineClient } from "../contract-images.ts";

export const root: string = join(import.meta.dirname, "../../..");
const podmanConf = join(root, ".tools/podman/containers.conf");

export const docker: EngineClient = { command: "docker", env: {} };
/** As `scripts/engine.sh --podman` sets it up; the file is there only where Podman needs it. */
export const podman: EngineClient = {
  command: "podman",
  env: existsSync(podmanConf) ? { CONTAINERS_CONF: podmanConf } : {},
};

/** Where Docker listens on this machine; undefined where it is reached in another way. */
export const dockerSocket: string | undefined = /^unix:\/\/(.+)$/u.exec(
  process.env["DOCKER_HOST"] || "unix:///var/run/docker.sock",
)?.[1];

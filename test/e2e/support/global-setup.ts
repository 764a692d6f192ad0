import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestProject } from "vitest/node";
import { callServices } from "./call-services.ts";
import { docker, podman, root } from "./clients.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Of the servers that this run of the tests shares; another run has its own. */
    readonly servicesPrefix: string;
  }
}

export default function setup(project: TestProject): () => Promise<void> {
  const prefix = `lapcat-e2e-${process.pid}`;
  project.provide("servicesPrefix", prefix);
  return async () => {
    for (const client of [docker, podman]) {
      if (existsSync(join(root, ".tools/services", `${client.command}-${prefix}`)))
        await callServices(client, "stopServices", prefix);
    }
  };
}

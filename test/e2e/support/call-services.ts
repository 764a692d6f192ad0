import { join } from "node:path";
import { execa } from "execa";
import { type EngineClient } from "../contract-images.ts";
import { root } from "./clients.ts";

/** Calls a function of `scripts/services.ts` for an engine. Which one it is for is settled when it is loaded: so another process loads it. */
export async function callServices(
  client: EngineClient,
  call: "startServices" | "stopServices",
  argument: unknown,
): Promise<string> {
  const source = `import { ${call} } from ${JSON.stringify(join(root, "scripts/services.ts"))};
    console.log(JSON.stringify((await ${call}(${JSON.stringify(argument)})) ?? null));`;
  const env = { ...client.env, LAPCAT_CONTAINER_CLI: client.command };
  return (await execa(process.execPath, ["--input-type=module", "--eval", source], { env })).stdout;
}

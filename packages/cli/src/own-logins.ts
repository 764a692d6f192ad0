import { LapcatError } from "@lapcat/diagnostic";
import { type DockerLogins } from "@lapcat/engine-docker";
import { type World } from "./world.ts";

/** The user's own logins for a registry. A configuration that cannot be read is a warning: most images need no login, and one that does will say so itself. */
export async function ownLogins(
  world: World,
  registry: string,
): Promise<Pick<DockerLogins, "credentials" | "diagnostics">> {
  const { dockerLogins } = await import("@lapcat/engine-docker");
  try {
    return await dockerLogins({ env: world.env, home: world.home, registries: [registry] });
  } catch (error) {
    if (!(error instanceof LapcatError)) throw error;
    return { credentials: [], diagnostics: [{ ...error.diagnostic, severity: "warning" }] };
  }
}

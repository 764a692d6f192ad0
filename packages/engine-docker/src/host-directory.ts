import { type PodSpec } from "@lapcat/engine";
import { anchorProcess } from "./anchor.ts";
import { containerName, labelsOf } from "./container-config.ts";
import { createContainer } from "./create-container.ts";
import { engineError } from "./errors.ts";
import { type Host } from "./host.ts";

/** Makes a directory of the engine's machine where nothing is there yet: the engine does so for a bind of the old kind, and for no other. */
export async function makeHostDirectory(host: Host, pod: PodSpec, path: string, part: string): Promise<void> {
  try {
    const maker = await createContainer(host.docker, {
      name: containerName(pod, part),
      Image: await host.anchor.ready(),
      Entrypoint: [...anchorProcess],
      Labels: labelsOf(pod, part),
      HostConfig: { NetworkMode: "none", LogConfig: { Type: "none", Config: {} }, Binds: [`${path}:/h`] },
    });
    try {
      await maker.start();
    } finally {
      await maker.remove({ force: true });
    }
  } catch (cause) {
    throw engineError(cause, `make ${path} for ${pod.name}`);
  }
}

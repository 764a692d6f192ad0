import { type Container } from "dockerode";
import { type PodSpec } from "@lapcat/engine";
import { anchorProcess } from "./anchor.ts";
import { noCopy } from "./claims.ts";
import { containerName, labelsOf } from "./container-config.ts";
import { createContainer } from "./create-container.ts";
import { type Host } from "./host.ts";

/** A container that has volumes mounted, and whose process does nothing. */
export async function makeIdle(
  host: Host,
  pod: Pick<PodSpec, "run" | "name" | "labels">,
  part: string,
  volumes: readonly { readonly source: string; readonly at: string }[],
): Promise<Container> {
  return createContainer(host.docker, {
    name: containerName(pod, part),
    Image: await host.anchor.ready(),
    Entrypoint: [...anchorProcess],
    Labels: labelsOf(pod, part),
    HostConfig: {
      NetworkMode: "none",
      LogConfig: { Type: "none", Config: {} },
      Mounts: volumes.map(({ source, at }) => ({
        Type: "volume",
        Source: source,
        Target: at,
        ReadOnly: false,
        VolumeOptions: noCopy,
      })),
    },
  });
}

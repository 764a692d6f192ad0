import { type Container } from "dockerode";
import { type Duplex } from "node:stream";
import { type Diagnostic } from "@lapcat/diagnostic";
import { type ContainerName, type ContainerSpec, type ExitStatus, type ImageInfo, type PodSpec } from "@lapcat/engine";
import { type Host } from "./host.ts";
import { type Placement } from "./volumes.ts";

/** A container that was created; `unstartable` when it is known already that its process cannot be executed. */
export interface Member {
  spec: ContainerSpec;
  readonly image: ImageInfo;
  container: Container | undefined;
  unstartable: string | undefined;
  started: Promise<void> | undefined;
  output: Duplex | undefined;
  logsTaken: boolean;
  exit: Promise<ExitStatus> | undefined;
  ended: boolean;
  /** Its container was made again, after the engine refused its capabilities. */
  remade: boolean;
}

export interface OpenedPod {
  readonly host: Host;
  readonly spec: PodSpec;
  readonly placement: Placement;
  readonly members: ReadonlyMap<ContainerName, Member>;
  readonly anchor: Container | undefined;
  /** Settles when the anchor runs. */
  readonly anchored: Promise<void>;
  readonly notices: Diagnostic[];
  /** Makes a member's container again: from what its spec says by now, and without `privileged` where that was refused. */
  recreate(member: Member): Promise<void>;
}

export function wantsCapabilities({ security }: ContainerSpec): boolean {
  return security.privileged || security.capabilities.add.length > 0;
}

import { type default as Docker } from "dockerode";
import { type RunId } from "@lapcat/engine";
import { type AnchorImage } from "./anchor.ts";
import { type Claims } from "./claims.ts";
import { type Images } from "./images.ts";
import { type Accounts } from "./identity.ts";

/** What every pod of one engine shares. */
export interface Host {
  readonly docker: Docker;
  readonly product: "docker" | "podman";
  /** Such as 1.41. */
  readonly apiVersion: string;
  readonly images: Images;
  readonly anchor: AnchorImage;
  readonly claims: Claims;
  readonly accounts: Accounts;
  /** Directories for bind mounts; undefined when the engine does not share a filesystem with us that we may use. */
  directories: BindDirectories | undefined;
  /** Set once the engine has refused to grant what `privileged` asks for. */
  privilegedRefused: boolean;
  /** Where a Podman service that we started is told that memory ran out; see `takeMemoryMark`. */
  readonly memoryMark: string | undefined;
  readonly toldOfPrivileged: Set<RunId>;
  /** Lets `work` go on; closing and sweeping wait for it, and tell its failure. */
  background(run: RunId, work: Promise<void>): void;
}

export interface BindDirectories {
  readonly disk: string;
  /** On a tmpfs: for `medium: memory`, and for secrets, which never touch a disk of ours. Undefined where there is none. */
  readonly memory: string | undefined;
}

export function atLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

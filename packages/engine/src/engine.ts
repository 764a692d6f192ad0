import { type Diagnostic } from "@lapcat/diagnostic";
import {
  type ContainerName,
  type ContainerSpec,
  type EnvVar,
  type ImageRef,
  type PodSpec,
  type PullPolicy,
  type RunId,
  type VolumeName,
} from "./pod-spec.ts";

/** The part of the platform's `AbortSignal` that engines need. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * The narrow waist: everything lapcat asks of a container engine.
 * Failures of the world (engine gone, request refused, image not to be had) reject with `LapcatError`.
 */
export interface Engine {
  /** Rejects with `engine.none` when it does not answer. */
  probe(signal: CancelSignal): Promise<EngineInfo>;
  /** Makes an image present; concurrent calls for one image share the work. Rejects with `image.unavailable` or `image.unauthorized`. */
  pull(image: ImageRef, options: PullOptions, signal: CancelSignal): Promise<ImageInfo>;
  /** Makes volumes, places files, creates every container. Nothing of the user's runs yet. Leaves nothing behind when it rejects. */
  open(pod: PodSpec, signal: CancelSignal): Promise<Pod>;
  /** Removes what carries the run's label: all of it, or all but the volumes of its claims. Idempotent; also right after a crash. */
  sweep(run: RunId, extent?: SweepExtent): Promise<SweepReport>;
  /** Whether a claim has a volume: one of the run's own, or without a run one of the user's. */
  hasClaim(claim: string, run?: RunId): Promise<boolean>;
  /** Runs of which something is left in the engine. */
  leftovers(): Promise<readonly RunId[]>;
  /** Lets go of sockets and of what the engine itself started (a private service, caches). */
  close(): Promise<void>;
}

export interface EngineInfo {
  readonly kind: "docker" | "podman" | "fake";
  readonly version: string;
  readonly apiVersion: string;
  /** Where it answers, such as `unix:///var/run/docker.sock`. */
  readonly address: string;
  readonly rootless: boolean;
  /** `linux/amd64`. */
  readonly platform: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
}

export interface PullOptions {
  readonly policy: PullPolicy;
  readonly credentials: readonly RegistryCredential[];
  readonly onProgress?: (progress: PullProgress) => void;
}

/** A login for one registry host (`index.docker.io` for Docker Hub), or for a repository prefix on it. */
export interface RegistryCredential {
  readonly registry: string;
  readonly username: string;
  readonly password: string;
  /** An OAuth2 refresh token in place of the password (credential helpers' `<token>` user). */
  readonly identityToken?: string;
}

export interface PullProgress {
  readonly image: ImageRef;
  readonly status: string;
  /** Bytes; both absent while unknown. */
  readonly current?: number;
  readonly total?: number;
}

export interface ImageInfo {
  readonly image: ImageRef;
  /** The engine's id of the image, `sha256:…`. */
  readonly id: string;
  /** `repository@sha256:…` as the registry knows it; the id when it never came from one. */
  readonly imageId: string;
  readonly pulled: boolean;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** Empty when the image names none (root). */
  readonly user: string;
  readonly workingDir: string;
  readonly env: readonly string[];
}

/** One TaskRun attempt on the engine. */
export interface Pod extends AsyncDisposable {
  readonly name: string;
  /** Things a user should know once about how this pod was made, such as `engine.privileged`. */
  readonly notices: readonly Diagnostic[];
  /** The engine's id of a container and the `repository@sha256:…` it was made from. */
  describe(container: ContainerName): ContainerIdentity;
  /**
   * Starts a container, or one that has ended once more, as if it had never run; its output is being captured before its first instruction.
   * A process that cannot be executed is no rejection: `wait` tells it. `late` is what of its process was not known when the pod was opened.
   */
  start(container: ContainerName, late?: LateProcess): Promise<void>;
  /** Output in order, nothing lost; ends when the container does. Read it once; not reading holds the container back. */
  logs(container: ContainerName): AsyncIterable<LogChunk>;
  /** Resolves when the container has ended. A non-zero exit is a value. */
  wait(container: ContainerName, signal: CancelSignal): Promise<ExitStatus>;
  /** SIGTERM, after `graceMilliseconds` SIGKILL (at once where the process cannot get the first). Harmless if it never started or is gone. Resolves when it is ended. */
  kill(container: ContainerName, graceMilliseconds: number): Promise<void>;
  /**
   * Asks a running container: a command is run in it, a port is reached at the pod's own address. That the command failed, nobody listens,
   * or the container does not run is an answer. Rejects when cancelled; a command that was begun may go on then.
   */
  ask(container: ContainerName, question: Question, signal: CancelSignal): Promise<Answer>;
  /** A regular file inside a volume, at most `limit` bytes; undefined when absent, not a regular file, or reached through a link out of the volume. */
  read(volume: VolumeName, path: string, limit: number): Promise<FileContent | undefined>;
  /** Puts a file into a volume while containers may be running. */
  write(volume: VolumeName, path: string, content: Uint8Array, mode: number): Promise<void>;
  /**
   * Appends to a file that a container sees at this path (from its working directory, if relative), as its own user would; made when absent,
   * with its directories. Before, while and after the container runs. Rejects with `engine.refused` where nothing may be written.
   */
  append(container: ContainerName, path: string, content: Uint8Array): Promise<void>;
  /**
   * Removes containers, networks and scratch volumes; kills what runs. Idempotent. What ran may still be removed when it resolves; a pod of
   * which nothing ran is gone.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

/** In place of what the container's description says; what is absent stays. */
export type LateProcess = Partial<Pick<ContainerSpec, "command" | "args" | "env">>;

export interface ContainerIdentity {
  readonly containerId: string;
  readonly imageId: string;
}

export interface LogChunk {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}

export interface ExitStatus {
  /** As the process ended; 128+n when a signal ended it; -1 when it could not be started. */
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** Why the process could not be executed: not found in the image, not executable, no such working directory, no such user. */
  readonly startError?: string;
}

/** `host` is the pod's own address when absent. */
export type Question =
  | { readonly kind: "exec"; readonly command: readonly string[] }
  | { readonly kind: "tcp"; readonly host?: string; readonly port: number }
  | {
      readonly kind: "http";
      readonly scheme: "HTTP" | "HTTPS";
      readonly host?: string;
      readonly port: number;
      /** With its query; begins with `/`. */
      readonly path: string;
      readonly headers: readonly EnvVar[];
    };

export interface Answer {
  /** The command ended with 0, the connection was taken, the status was between 200 and 399 (certificates are not checked). */
  readonly ok: boolean;
  /** What went wrong, or what a command printed: at most a few hundred characters. */
  readonly said: string;
}

export interface FileContent {
  readonly bytes: Uint8Array;
  /** True when the file was longer than the limit. */
  readonly truncated: boolean;
}

/** `pods` leaves the volumes of the run's claims, with which an interrupted run can go on. */
export type SweepExtent = "all" | "pods";

export interface SweepReport {
  readonly containers: number;
  readonly volumes: number;
  readonly networks: number;
}

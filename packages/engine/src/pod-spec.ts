declare const brand: unique symbol;

/** Names one run on this machine; the label by which everything a run made is found again. */
export type RunId = string & { readonly [brand]: "RunId" };
/** A container's name within its pod: `step-build`, `sidecar-server`. */
export type ContainerName = string & { readonly [brand]: "ContainerName" };
/** A volume's name within its pod. */
export type VolumeName = string & { readonly [brand]: "VolumeName" };
/** An image reference as the document wrote it, after substitution and the image map. */
export type ImageRef = string & { readonly [brand]: "ImageRef" };

const runId = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/u;

export function isRunId(text: string): text is RunId {
  return runId.test(text);
}

/** Throws on a text that could not be a label value, a file name and a part of a container's name at once. */
export function asRunId(text: string): RunId {
  if (!isRunId(text)) throw new Error(`not a run id: ${JSON.stringify(text)}`);
  return text;
}
export const asContainerName = (text: string): ContainerName => text as ContainerName;
export const asVolumeName = (text: string): VolumeName => text as VolumeName;
export const asImageRef = (text: string): ImageRef => text as ImageRef;

/**
 * One TaskRun attempt as an engine sees it: containers that share volumes, one network and one IPC namespace.
 * Plain data: printable, comparable, held in golden files.
 */
export interface PodSpec {
  /** The Kubernetes Pod name; also the hostname. */
  readonly name: string;
  readonly run: RunId;
  /** Labels for people and tools; the engine adds the ones it sweeps by. */
  readonly labels: Readonly<Record<string, string>>;
  readonly network: "pod" | "host" | "none";
  readonly hostAliases: readonly HostAlias[];
  readonly dns: DnsSpec;
  /** Kernel parameters of the pod's own network and IPC namespaces, by name. */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** The group that the pod's volumes belong to, and whatever is made in them; its containers have it among their groups. */
  readonly volumeGroup?: number;
  readonly volumes: readonly VolumeSpec[];
  /** Steps in the order they run, then sidecars. */
  readonly containers: readonly ContainerSpec[];
}

export interface HostAlias {
  readonly ip: string;
  readonly hostnames: readonly string[];
}

export interface DnsSpec {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/**
 * - `scratch`: empty, mode 0777, gone with the pod (emptyDir); `memory` lives in RAM.
 * - `claim`: outlives the pod; made when absent. Scope `run` is removed with the run, `kept` is the user's own.
 * - `files`: read-only content given here (ConfigMap, Secret, scripts).
 * - `host`: a path of the machine the engine runs on; `make`: an empty directory when nothing is there.
 */
export type VolumeSpec =
  | {
      readonly kind: "scratch";
      readonly name: VolumeName;
      readonly medium: "disk" | "memory";
      readonly sizeLimit?: number;
      readonly directories: readonly string[];
    }
  | {
      readonly kind: "claim";
      readonly name: VolumeName;
      readonly claim: string;
      readonly scope: "run" | "kept";
      readonly directories: readonly string[];
    }
  | { readonly kind: "files"; readonly name: VolumeName; readonly files: readonly FileSpec[] }
  | { readonly kind: "host"; readonly name: VolumeName; readonly path: string; readonly make: boolean };

/** A file, or a symbolic link, to be placed before anything runs. */
export interface FileSpec {
  /** Relative to the volume, or to the container's root or home; never with `..` in it. */
  readonly path: string;
  readonly content:
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "bytes"; readonly base64: string }
    | { readonly kind: "link"; readonly target: string };
  /** Permission bits, such as 0o644. */
  readonly mode: number;
  /** The content is a secret: never printed, never written outside the engine. */
  readonly secret: boolean;
}

export interface ContainerSpec {
  readonly name: ContainerName;
  readonly role: "step" | "sidecar";
  readonly image: ImageRef;
  readonly pullPolicy: PullPolicy;
  /** A program that starts the process and stays with it: it stands before whatever that is. */
  readonly runner?: readonly string[];
  /** Kubernetes' `command`: replaces the image's ENTRYPOINT. Absent: the image's own; see `processOf`. */
  readonly command?: readonly string[];
  /** Kubernetes' `args`. */
  readonly args?: readonly string[];
  /** Absent: the image's own. Absolute. */
  readonly workingDir?: string;
  /** In order; a later one of the same name wins. `$(VAR)` is expanded already. */
  readonly env: readonly EnvVar[];
  /** Set only where neither `env` nor the image sets the name; see `variablesOf`. */
  readonly defaultEnv: readonly DefaultEnvVar[];
  readonly mounts: readonly MountSpec[];
  /** Placed under the container's `/` before it starts, owned by the step's user. */
  readonly files: readonly FileSpec[];
  /** Placed under `$HOME` as the container will see it, owned by the step's user; directories 0700. Left out where nothing may be written. */
  readonly homeFiles: readonly FileSpec[];
  readonly security: SecuritySpec;
  readonly resources: ResourceSpec;
}

export interface EnvVar {
  readonly name: string;
  readonly value: string;
}

export interface DefaultEnvVar extends EnvVar {
  /** Where the image sets the name: its value stays in front, then this separator, then ours. For lists such as PATH. */
  readonly extendsImage?: string;
}

export interface MountSpec {
  readonly volume: VolumeName;
  /** Absolute path in the container. */
  readonly path: string;
  /** Relative path inside the volume; made when absent. */
  readonly subPath?: string;
  readonly readOnly: boolean;
}

export interface SecuritySpec {
  readonly privileged: boolean;
  readonly user?: number;
  readonly group?: number;
  /** Refuse to start as uid 0. */
  readonly runAsNonRoot: boolean;
  readonly supplementalGroups: readonly number[];
  readonly capabilities: { readonly add: readonly string[]; readonly drop: readonly string[] };
  readonly readOnlyRootFilesystem: boolean;
  /** False sets no_new_privs. */
  readonly allowPrivilegeEscalation: boolean;
  readonly seccomp?: "RuntimeDefault" | "Unconfined";
  /** Nothing of `/proc` is hidden or read-only. */
  readonly unmaskedProc?: boolean;
}

export interface ResourceSpec {
  /** CPUs, such as 0.5. */
  readonly cpus?: number;
  /** Bytes. */
  readonly memory?: number;
}

export type PullPolicy = "Always" | "IfNotPresent" | "Never";

import { latin1 } from "../bytes.ts";
import { type Clock } from "../clock.ts";
import { type Engine, type ExitStatus, type LateProcess, type Pod } from "../engine.ts";
import {
  asContainerName,
  asImageRef,
  asVolumeName,
  type ContainerSpec,
  type FileSpec,
  type MountSpec,
  type PodSpec,
  type RunId,
  type SecuritySpec,
  type VolumeSpec,
} from "../pod-spec.ts";
import { manualSignal, type ManualSignal } from "../virtual-clock.ts";

/**
 * - `programs`: containers really run what their command says.
 * - `host-directory`: `hostDirectory` is known.
 * - `memory-limit`, `privileged`: as far as this engine on this machine can.
 */
export type Capability = "programs" | "memory-limit" | "privileged" | "host-directory";

/** What the engine under test has at hand. */
export interface ContractContext {
  readonly images: {
    /** A shell and the usual small programs; CMD is `sh`, no ENTRYPOINT, user root; `nonroot` is uid 65532 with the home /home/nonroot. */
    readonly shell: string;
    /** The same with ENTRYPOINT `["echo", "entry"]`, CMD `["cmd"]`, `ENV FROM_IMAGE=image SHARED=image` and USER nonroot. */
    readonly configured: string;
    /** One that no registry has. */
    readonly missing: string;
  };
  readonly can: ReadonlySet<Capability>;
  readonly clock: Clock;
  /** A directory of the machine that the engine runs on, which may be mounted; undefined where the test knows of none. */
  readonly hostDirectory: string | undefined;
  freshRun(): RunId;
  /** Removes a kept claim, which no sweep does. */
  removeClaim(claim: string): Promise<void>;
}

export interface ContractPromise {
  /** A sentence about an engine. */
  readonly name: string;
  readonly needs: readonly Capability[];
  /** Rejects when the engine breaks the promise. */
  check(engine: Engine, context: ContractContext): Promise<void>;
}

export const never: ManualSignal = manualSignal();

export function same(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${what}: expected ${should}, got ${is}`);
}

export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** The error that `work` rejects with. */
export async function rejection(work: Promise<unknown>, what: string): Promise<Error> {
  try {
    await work;
  } catch (cause) {
    if (cause instanceof Error) return cause;
    throw new Error(`${what} rejected with something that is no error`, { cause });
  }
  throw new Error(`${what} should have been refused`);
}

export async function refused(work: Promise<unknown>, code: string, what: string): Promise<void> {
  const error = await rejection(work, what);
  const found = "diagnostic" in error ? (error.diagnostic as { readonly code: string }).code : error.message;
  same(found, code, what);
}

const plain: SecuritySpec = {
  privileged: false,
  runAsNonRoot: false,
  supplementalGroups: [],
  capabilities: { add: [], drop: [] },
  readOnlyRootFilesystem: false,
  allowPrivilegeEscalation: true,
};

export const secured = (security: Partial<SecuritySpec>): SecuritySpec => ({ ...plain, ...security });

/** A step that runs a shell script in the shell image. */
export function step(
  context: { readonly images: Pick<ContractContext["images"], "shell"> },
  name: string,
  script: string,
  more: Partial<ContainerSpec> = {},
): ContainerSpec {
  return {
    name: asContainerName(name),
    role: "step",
    image: asImageRef(context.images.shell),
    pullPolicy: "IfNotPresent",
    command: ["sh", "-c", script],
    env: [],
    defaultEnv: [],
    mounts: [],
    files: [],
    homeFiles: [],
    security: plain,
    resources: {},
    ...more,
  };
}

export function mount(volume: string, path: string, more: Partial<MountSpec> = {}): MountSpec {
  return { volume: asVolumeName(volume), path, readOnly: false, ...more };
}

export function textFile(path: string, text: string, mode = 0o644, secret = false): FileSpec {
  return { path, content: { kind: "text", text }, mode, secret };
}

export function scratch(
  name: string,
  medium: "disk" | "memory" = "disk",
  directories: readonly string[] = [],
): VolumeSpec {
  return { kind: "scratch", name: asVolumeName(name), medium, directories };
}

export function claim(name: string, claimName: string, scope: "run" | "kept" = "run"): VolumeSpec {
  return { kind: "claim", name: asVolumeName(name), claim: claimName, scope, directories: [] };
}

export function podOf(
  run: RunId,
  name: string,
  containers: readonly ContainerSpec[],
  volumes: readonly VolumeSpec[] = [],
  more: Partial<PodSpec> = {},
): PodSpec {
  return {
    name,
    run,
    labels: {},
    network: "pod",
    hostAliases: [],
    dns: { nameservers: [], searches: [], options: [] },
    volumes,
    containers,
    ...more,
  };
}

export interface Finished extends ExitStatus {
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a container, reads it to its end and waits for it. */
export async function finish(pod: Pod, name: string, late: LateProcess = {}): Promise<Finished> {
  const container = asContainerName(name);
  await pod.start(container, late);
  const output = { stdout: "", stderr: "" };
  for await (const { stream, bytes } of pod.logs(container)) output[stream] += latin1(bytes);
  return { ...(await pod.wait(container, never)), ...output };
}

/** Opens a pod, uses it, and takes it away again whatever happened. */
export async function withPod<T>(engine: Engine, spec: PodSpec, use: (pod: Pod) => Promise<T>): Promise<T> {
  try {
    const pod = await engine.open(spec, never);
    try {
      return await use(pod);
    } finally {
      await pod[Symbol.asyncDispose]();
    }
  } finally {
    await engine.sweep(spec.run);
  }
}

/** A pod's containers one after the other. */
export async function runAll(engine: Engine, spec: PodSpec): Promise<readonly Finished[]> {
  return withPod(engine, spec, async (pod) => {
    const all: Finished[] = [];
    for (const { name } of spec.containers) all.push(await finish(pod, name));
    return all;
  });
}

/** What the only container of a pod printed, when it ended well. */
export async function printed(
  engine: Engine,
  context: ContractContext,
  name: string,
  script: string,
  more: Partial<ContainerSpec> = {},
  volumes: readonly VolumeSpec[] = [],
  pod: Partial<PodSpec> = {},
): Promise<string> {
  const spec = podOf(context.freshRun(), name, [step(context, "step-only", script, more)], volumes, pod);
  const [only] = await runAll(engine, spec);
  if (only === undefined || only.exitCode !== 0) throw new Error(`the container failed: ${JSON.stringify(only)}`);
  return only.stdout;
}

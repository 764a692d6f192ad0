import { type Container } from "dockerode";
import { posix } from "node:path";
import { type Duplex } from "node:stream";
import { type Diagnostic, LapcatError } from "@lapcat/diagnostic";
import {
  type Answer,
  type CancelSignal,
  type ContainerIdentity,
  type ContainerName,
  type ContainerSpec,
  type ExitStatus,
  type FileContent,
  type ImageInfo,
  type LateProcess,
  type LogChunk,
  type Pod,
  type PodSpec,
  type Question,
  type VolumeName,
} from "@lapcat/engine";
import { ask } from "./ask.ts";
import { appendFile } from "./append-file.ts";
import { exitOf } from "./container-exit.ts";
import { isDeaf } from "./deaf.ts";
import { demux } from "./demux.ts";
import { engineError, isConflict, isMissing, lacksCapabilities, startErrorOf } from "./errors.ts";
import { type Host } from "./host.ts";
import { forgetMemoryMark } from "./memory-mark.ts";
import { attachmentsTaken, tellsOfLoss } from "./podman-attach.ts";
import { type Placement, volumeOf } from "./volumes.ts";
import { unlessCancelled } from "./signals.ts";

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

export class DockerPod implements Pod {
  readonly name: string;
  readonly #pod: OpenedPod;
  #disposed: Promise<void> | undefined;

  constructor(pod: OpenedPod) {
    this.#pod = pod;
    this.name = pod.spec.name;
  }

  get notices(): readonly Diagnostic[] {
    return this.#pod.notices;
  }

  describe(name: ContainerName): ContainerIdentity {
    const { container, image } = this.#member(name);
    return { containerId: container?.id ?? "", imageId: image.imageId };
  }

  start(name: ContainerName, late: LateProcess = {}): Promise<void> {
    const member = this.#member(name);
    if (member.started !== undefined && !member.ended)
      return Promise.reject(new Error(`container ${name} was started already`));
    if (this.#disposed !== undefined) return Promise.reject(new Error(`pod ${this.name} is gone`));
    const again = member.started !== undefined;
    member.started = again || Object.keys(late).length > 0 ? this.#startAnew(member, late) : this.#start(member);
    return member.started;
  }

  /** A container's process is fixed when it is made, and its root filesystem is what the process before left. */
  async #startAnew(member: Member, late: LateProcess): Promise<void> {
    member.output?.destroy();
    Object.assign(member, { output: undefined, logsTaken: false, exit: undefined, ended: false });
    member.spec = { ...member.spec, ...late };
    await this.#pod.recreate(member);
    await this.#start(member);
  }

  async #start(member: Member): Promise<void> {
    const { host, anchored } = this.#pod;
    if (member.unstartable !== undefined || member.container === undefined) {
      this.#notExecuted(member, member.unstartable ?? "it was not created");
      return;
    }
    await anchored;
    try {
      await this.#attachAndStart(member, member.container);
    } catch (cause) {
      const startError = startErrorOf(cause);
      if (lacksCapabilities(cause) && wantsCapabilities(member.spec) && !host.privilegedRefused) {
        host.privilegedRefused = true;
        await this.#startAgain(member);
      } else if (lacksCapabilities(cause) && wantsCapabilities(member.spec) && !this.#isEmulated(member)) {
        await this.#startAgain(member);
      } else if (startError !== undefined) {
        this.#notExecuted(member, startError);
      } else {
        throw engineError(cause, `start ${member.spec.name} of ${this.name}`);
      }
    }
  }

  readonly #emulated = new Set<Member>();
  #isEmulated(member: Member): boolean {
    return this.#emulated.has(member);
  }

  async #startAgain(member: Member): Promise<void> {
    this.#emulated.add(member);
    await this.#pod.recreate(member);
    try {
      if (member.container !== undefined) await this.#attachAndStart(member, member.container);
    } catch (cause) {
      const startError = startErrorOf(cause);
      if (startError === undefined) throw engineError(cause, `start ${member.spec.name} of ${this.name}`);
      this.#notExecuted(member, startError);
    }
  }

  async #attachAndStart(member: Member, container: Container): Promise<void> {
    const { host } = this.#pod;
    const output = (await container.attach({ stream: true, stdout: true, stderr: true, hijack: true })) as Duplex;
    const outputEnded = new Promise<void>((resolve) => {
      output.once("end", resolve);
      output.once("close", resolve);
    });
    // A broken connection ends the output; what it means is for `wait` to find out.
    output.on("error", () => undefined);
    member.output = output;
    if (host.product === "podman") await attachmentsTaken();
    if (host.memoryMark !== undefined && member.spec.resources.memory !== undefined)
      forgetMemoryMark(host.memoryMark, Date.now() - 2000);
    try {
      await container.start();
    } catch (cause) {
      output.destroy();
      member.output = undefined;
      throw cause;
    }
    member.exit = exitOf(host, container, member.spec.resources, outputEnded);
    member.exit.then(
      () => (member.ended = true),
      () => undefined,
    );
  }

  #notExecuted(member: Member, startError: string): void {
    member.ended = true;
    member.exit = Promise.resolve({ exitCode: -1, oomKilled: false, startError });
  }

  async *logs(name: ContainerName): AsyncGenerator<LogChunk, void, undefined> {
    const member = this.#member(name);
    if (member.started === undefined) throw new Error(`container ${name} was not started`);
    if (member.logsTaken) throw new Error(`the output of ${name} is read already`);
    member.logsTaken = true;
    await member.started;
    const { output } = member;
    if (output === undefined) return;
    let last: LogChunk | undefined;
    try {
      for await (last of demux(output)) yield last;
    } catch (cause) {
      // Cut off by us.
      if (cause instanceof Error && "code" in cause && cause.code === "ERR_STREAM_PREMATURE_CLOSE") return;
      // By the engine's end: `wait` tells. Where the container came to its own, what it said is lost, and only that.
      await member.exit;
      throw outputLost(name, this.name, cause);
    }
    if (this.#pod.host.product === "podman" && last?.stream === "stderr" && tellsOfLoss(last.bytes))
      throw outputLost(name, this.name);
  }

  async wait(name: ContainerName, signal: CancelSignal): Promise<ExitStatus> {
    const member = this.#member(name);
    if (member.started === undefined) throw new Error(`container ${name} was not started`);
    await member.started;
    if (member.exit === undefined) throw new Error(`container ${name} did not start`);
    return unlessCancelled(member.exit, signal);
  }

  async kill(name: ContainerName, graceMilliseconds: number): Promise<void> {
    const member = this.#member(name);
    if (member.started === undefined || member.ended) return;
    await member.started.catch(() => undefined);
    const { container, exit } = member;
    if (container === undefined || exit === undefined) return;
    if (graceMilliseconds > 0) {
      const deaf = await isDeaf(container);
      await signalTo(container, "SIGTERM");
      if (!deaf && (await within(exit, graceMilliseconds))) return;
    }
    await signalTo(container, "SIGKILL");
    await exit;
  }

  async ask(name: ContainerName, question: Question, signal: CancelSignal): Promise<Answer> {
    const member = this.#member(name);
    if (member.started === undefined) throw new Error(`container ${name} was not started`);
    await member.started;
    const { container } = member;
    if (member.ended || container === undefined) return { ok: false, said: "the container does not run" };
    return ask({ container, anchor: this.#pod.anchor }, question, signal);
  }

  read(volume: VolumeName, path: string, limit: number): Promise<FileContent | undefined> {
    return this.#pod.placement.read(volume, path, limit);
  }

  write(volume: VolumeName, path: string, content: Uint8Array, mode: number): Promise<void> {
    const entry = { path, kind: "file", mode, uid: 0, gid: 0, content: Buffer.from(content) } as const;
    return this.#pod.placement.put(volume, [entry]);
  }

  async append(name: ContainerName, path: string, content: Uint8Array): Promise<void> {
    const { spec, image, container } = this.#member(name);
    // Its start will say why it was not made.
    if (container === undefined) return;
    const absolute = posix.resolve("/", spec.workingDir ?? image.workingDir, path);
    const over = spec.mounts.filter(({ path: at }) => at === "/" || absolute.startsWith(`${at}/`));
    const mount = over.toSorted((a, b) => b.path.length - a.path.length)[0];
    const kind = mount && volumeOf(this.#pod.spec, mount.volume).kind;
    if (kind === "files" || (mount?.readOnly ?? spec.security.readOnlyRootFilesystem))
      throw new LapcatError({ code: "engine.refused", message: `could not write ${absolute}: it is read-only` });
    const owner = await this.#pod.host.accounts.of(spec, image, container.id);
    // Podman forgets about parts of volumes where a container does not run, and the machine's own directories are the container's alone.
    if (mount === undefined || kind === "host") return appendFile(container, absolute, content, owner);
    const inside = posix.join(mount.subPath ?? "", posix.relative(mount.path, absolute));
    await this.#pod.placement.append(mount.volume, inside, content, owner);
  }

  /** Waits for what still runs to be gone; what only lies there is removed behind the caller's back, and sweeping waits for that. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    const { host, spec, members } = this.#pod;
    const all = [...members.values()];
    await Promise.all(all.map(async (member) => member.started?.catch(() => undefined)));
    const running = all.filter((member) => member.started !== undefined && !member.ended);
    await Promise.all(running.map((member) => removeContainer(member.container)));
    const removal = this.#removeRest(running);
    if (all.every((member) => member.started === undefined)) await removal;
    else host.background(spec.run, removal);
  }

  async #removeRest(gone: readonly Member[]): Promise<void> {
    const { members, anchor, anchored, placement, host } = this.#pod;
    const rest = [...members.values()].filter((member) => !gone.includes(member));
    const removed = Promise.all(rest.map((member) => removeContainer(member.container)));
    await anchored.catch(() => undefined);
    // Podman does not remove a container that others lean on.
    if (host.product === "podman") await removed;
    await removeContainer(anchor);
    await removed;
    for (const { output } of members.values()) output?.destroy();
    await placement.remove();
  }

  #member(name: ContainerName): Member {
    const member = this.#pod.members.get(name);
    if (member === undefined) throw new Error(`pod ${this.name} has no container ${name}`);
    return member;
  }
}

/** Nobody knows what was in it: it may have been a result. */
function outputLost(container: ContainerName, pod: string, cause?: unknown): LapcatError {
  return new LapcatError(
    {
      code: "engine.lost",
      message: `the container engine lost output of ${container} of ${pod}`,
      hint: "`lapcat resume` goes on with the run: what was interrupted is done again",
    },
    cause,
  );
}

export function wantsCapabilities({ security }: ContainerSpec): boolean {
  return security.privileged || security.capabilities.add.length > 0;
}

async function signalTo(container: Container, signal: string): Promise<void> {
  try {
    await container.kill({ signal });
  } catch (cause) {
    if (!isMissing(cause) && !isConflict(cause)) throw engineError(cause, "stop a container");
  }
}

async function within(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

export async function removeContainer(container: Container | undefined): Promise<void> {
  try {
    await container?.remove({ force: true, v: true });
  } catch (cause) {
    if (!isMissing(cause) && !isConflict(cause)) throw engineError(cause, "remove a container");
  }
}

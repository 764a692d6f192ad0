import { posix } from "node:path";
import { type Diagnostic, LapcatError } from "@lapcat/diagnostic";
import {
  type Answer,
  type CancelSignal,
  type ContainerIdentity,
  type ContainerName,
  type ExitStatus,
  type FileContent,
  type LateProcess,
  type LogChunk,
  type Pod,
  type Question,
  type VolumeName,
} from "@lapcat/engine";
import { ask } from "./ask.ts";
import { appendFile } from "./append-file.ts";
import { outputOf } from "./container-output.ts";
import { endContainer, removeContainer } from "./end-container.ts";
import { type Member, type OpenedPod } from "./member.ts";
import { startContainer } from "./start-container.ts";
import { volumeOf } from "./volumes.ts";
import { unlessCancelled } from "./signals.ts";

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
    member.started =
      again || Object.keys(late).length > 0 ? this.#startAnew(member, late) : startContainer(this.#pod, member);
    return member.started;
  }

  /** A container's process is fixed when it is made, and its root filesystem is what the process before left. */
  async #startAnew(member: Member, late: LateProcess): Promise<void> {
    member.output?.destroy();
    Object.assign(member, { output: undefined, logsTaken: false, exit: undefined, ended: false });
    member.spec = { ...member.spec, ...late };
    await this.#pod.recreate(member);
    await startContainer(this.#pod, member);
  }

  logs(name: ContainerName): AsyncGenerator<LogChunk, void, undefined> {
    return outputOf(this.#pod, this.#member(name));
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
    await endContainer(container, exit, graceMilliseconds);
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

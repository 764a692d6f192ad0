import { LapcatError, type Diagnostic } from "@lapcat/diagnostic";
import { fromBase64, utf8 } from "./bytes.ts";
import { type Clock } from "./clock.ts";
import {
  type Answer,
  type CancelSignal,
  type ContainerIdentity,
  type ExitStatus,
  type FileContent,
  type ImageInfo,
  type LateProcess,
  type LogChunk,
  type Pod,
  type Question,
} from "./engine.ts";
import { answerOf, wordsOf } from "./fake-answer.ts";
import { type FakeContainer, type FakeContent, type FakeOutput } from "./fake-script.ts";
import { partsInside, type FakeVolume } from "./fake-volume.ts";
import { type ContainerName, type ContainerSpec, type MountSpec, type PodSpec, type VolumeName } from "./pod-spec.ts";
import { processOf } from "./process.ts";
import { manualSignal, type ManualSignal } from "./virtual-clock.ts";

export interface FakePodParts {
  readonly spec: PodSpec;
  readonly clock: Clock;
  readonly images: ReadonlyMap<ContainerName, ImageInfo>;
  readonly volumes: ReadonlyMap<VolumeName, FakeVolume>;
  readonly scripts: ReadonlyMap<ContainerName, FakeContainer>;
  readonly notices: readonly Diagnostic[];
  /** Aborted when the engine dies. */
  readonly lost: CancelSignal;
  readonly record: (call: string) => void;
  readonly gone: () => void;
}

interface Running {
  /** Cancelled to end it before its time, with the exit code in `endWith`. */
  readonly ending: ManualSignal;
  endWith: number | undefined;
  readonly exit: Promise<ExitStatus>;
  ended: boolean;
  logsTaken: boolean;
  readonly startedAt: number;
}

const oneLine = (output: FakeOutput): { text: string; stream: "stdout" | "stderr"; at: number } =>
  typeof output === "string"
    ? { text: output, stream: "stdout", at: 0 }
    : { text: output.text, stream: output.stream ?? "stdout", at: output.at ?? 0 };

function mountAt({ mounts }: ContainerSpec, path: string): MountSpec | undefined {
  const over = mounts.filter((each) => path.startsWith(`${each.path}/`));
  return over.toSorted((a, b) => b.path.length - a.path.length)[0];
}

function insideOf({ path: at, subPath = "" }: MountSpec, path: string): string {
  return `${subPath}/${path.slice(at.length + 1)}`;
}

export function lostError(): LapcatError {
  return new LapcatError({ code: "engine.lost", message: "the container engine stopped answering" });
}

export class FakePod implements Pod {
  readonly name: string;
  readonly notices: readonly Diagnostic[];
  readonly #parts: FakePodParts;
  readonly #running = new Map<ContainerName, Running>();
  readonly #again = new Set<ContainerName>();
  /** A real engine makes a container anew to change its process. */
  readonly #madeAgain = new Set<ContainerName>();
  #disposed = false;

  constructor(parts: FakePodParts) {
    this.#parts = parts;
    this.name = parts.spec.name;
    this.notices = parts.notices;
  }

  describe(name: ContainerName): ContainerIdentity {
    const container = this.#container(name);
    const image = this.#parts.images.get(container.name);
    const again = this.#madeAgain.has(name) ? "/again" : "";
    return { containerId: `fake://${this.name}/${name}${again}`, imageId: image?.imageId ?? "" };
  }

  async start(name: ContainerName, late: LateProcess = {}): Promise<void> {
    const container = { ...this.#container(name), ...late };
    if (this.#disposed) throw new Error(`fake: pod ${this.name} is gone`);
    const before = this.#running.get(name);
    if (before?.ended === false) throw new Error(`fake: container ${name} was started already`);
    this.#alive();
    if (before !== undefined) this.#again.add(name);
    const said = Object.keys(late).length === 0 ? "" : ` ${JSON.stringify(late)}`;
    if (said !== "") this.#madeAgain.add(name);
    this.#parts.record(`start ${this.name} ${name}${said}`);
    const running: Running = {
      ending: manualSignal(),
      endWith: undefined,
      ended: false,
      logsTaken: false,
      startedAt: this.#parts.clock.now(),
      exit: Promise.resolve().then(() => this.#run(container, running)),
    };
    running.exit.catch(() => undefined);
    this.#running.set(name, running);
  }

  async #run(container: ContainerSpec, running: Running): Promise<ExitStatus> {
    const script = this.#script(container);
    const startError = script.startError ?? this.#refusal(container);
    if (startError !== undefined) {
      running.ended = true;
      return { exitCode: -1, oomKilled: false, startError };
    }
    const forever = script.duration === "forever" || (script.duration === undefined && container.role === "sidecar");
    const duration = forever ? Number.POSITIVE_INFINITY : typeof script.duration === "number" ? script.duration : 1000;
    let slept = 0;
    for (const { at, path, content } of script.during ?? []) {
      await this.#sleep(at - slept, running.ending);
      slept = at;
      if (!running.ending.aborted) this.#write(container, path, content);
    }
    await this.#sleep(duration - slept, running.ending);
    this.#alive();
    if (running.ending.aborted && running.endWith !== undefined) {
      running.ended = true;
      return { exitCode: running.endWith, oomKilled: false };
    }
    for (const [path, content] of Object.entries(script.writes ?? {})) this.#write(container, path, content);
    running.ended = true;
    running.ending.cancel();
    return { exitCode: script.exitCode ?? (script.oomKilled === true ? 137 : 0), oomKilled: script.oomKilled ?? false };
  }

  /** Why the process of this container could not be executed on any engine. */
  #refusal(container: ContainerSpec): string | undefined {
    const image = this.#parts.images.get(container.name);
    if (image === undefined) throw new Error(`fake: no image for ${container.name}`);
    if (processOf(container, image).length === 0) return "no command specified";
    const { runAsNonRoot, user } = container.security;
    const [imageUser = ""] = image.user.split(":");
    const isRoot = user === undefined ? ["", "0", "root"].includes(imageUser) : user === 0;
    if (runAsNonRoot && isRoot) return "container has runAsNonRoot and image will run as root";
    return undefined;
  }

  #write(container: ContainerSpec, path: string, content: FakeContent): void {
    const mount = mountAt(container, path);
    if (mount === undefined) throw new Error(`fake: ${container.name} writes ${path}, which is in none of its volumes`);
    if (mount.readOnly) throw new Error(`fake: ${container.name} writes ${path}, which is read-only`);
    const inside = insideOf(mount, path);
    if (typeof content !== "string" && "link" in content)
      this.#volume(mount.volume).place(inside, { kind: "link", target: content.link });
    else {
      const bytes = typeof content === "string" ? utf8(content) : fromBase64(content.base64);
      this.#volume(mount.volume).place(inside, { kind: "file", bytes, mode: 0o644 });
    }
  }

  async *logs(name: ContainerName): AsyncGenerator<LogChunk, void, undefined> {
    const container = this.#container(name);
    const running = this.#started(name);
    if (running.logsTaken) throw new Error(`fake: the output of ${name} is read already`);
    running.logsTaken = true;
    const script = this.#script(container);
    if (script.startError !== undefined || this.#refusal(container) !== undefined) return;
    for (const { text, stream, at } of (script.output ?? []).map(oneLine).toSorted((a, b) => a.at - b.at)) {
      const wait = running.startedAt + at - this.#parts.clock.now();
      if (wait > 0) await this.#sleep(wait, running.ending);
      // Killed before it could say this.
      if (running.endWith !== undefined || this.#parts.lost.aborted) return;
      yield { stream, bytes: utf8(`${text}\n`) };
    }
    await running.exit.catch(() => undefined);
  }

  async wait(name: ContainerName, signal: CancelSignal): Promise<ExitStatus> {
    this.#container(name);
    const { exit } = this.#started(name);
    return new Promise((resolve, reject) => {
      const cancel = (): void => reject(new Error(`waiting for ${name} was cancelled`));
      if (signal.aborted) cancel();
      signal.addEventListener("abort", cancel, { once: true });
      exit.then(resolve, reject).finally(() => signal.removeEventListener("abort", cancel));
    });
  }

  async kill(name: ContainerName, graceMilliseconds: number): Promise<void> {
    const container = this.#container(name);
    const running = this.#running.get(name);
    if (running === undefined || running.ended) return;
    this.#alive();
    this.#parts.record(`kill ${this.name} ${name}`);
    const { onTerm } = this.#script(container);
    const answers = onTerm !== undefined && graceMilliseconds > 0 && (onTerm.after ?? 0) <= graceMilliseconds;
    await this.#sleep(answers ? (onTerm.after ?? 0) : graceMilliseconds, running.ending);
    if (!running.ended && running.endWith === undefined) {
      running.endWith = answers ? onTerm.exitCode : 137;
      running.ending.cancel();
    }
    await running.exit;
  }

  async ask(name: ContainerName, question: Question, signal: CancelSignal): Promise<Answer> {
    const container = this.#container(name);
    const running = this.#started(name);
    this.#alive();
    this.#parts.record(`ask ${this.name} ${name} ${wordsOf(question)}`);
    const answer = await answerOf(this.#script(container), question, running.startedAt, this.#parts.clock, signal);
    this.#alive();
    return running.ended ? { ok: false, said: "the container does not run" } : answer;
  }

  async read(volume: VolumeName, path: string, limit: number): Promise<FileContent | undefined> {
    this.#alive();
    return this.#volume(volume).read(path, limit);
  }

  async write(volume: VolumeName, path: string, content: Uint8Array, mode: number): Promise<void> {
    this.#alive();
    this.#volume(volume).place(path, { kind: "file", bytes: content, mode });
  }

  /** What is in none of its volumes, only the container would see. */
  async append(name: ContainerName, path: string, content: Uint8Array): Promise<void> {
    this.#alive();
    const container = this.#container(name);
    const { workingDir = this.#parts.images.get(name)?.workingDir ?? "" } = container;
    const absolute = path.startsWith("/") ? path : `/${partsInside(`${workingDir}/${path}`)?.join("/") ?? ""}`;
    const mount = mountAt(container, absolute);
    if (mount === undefined) return;
    if (mount.readOnly)
      throw new LapcatError({ code: "engine.refused", message: `could not write ${absolute}: it is read-only` });
    const volume = this.#volume(mount.volume);
    const before = volume.read(insideOf(mount, absolute), Number.MAX_SAFE_INTEGER)?.bytes ?? new Uint8Array(0);
    const bytes = new Uint8Array([...before, ...content]);
    volume.place(insideOf(mount, absolute), { kind: "file", bytes, mode: 0o644 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#parts.record(`dispose ${this.name}`);
    for (const running of this.#running.values()) {
      if (running.ended) continue;
      running.endWith ??= 137;
      running.ending.cancel();
      await running.exit.catch(() => undefined);
    }
    this.#parts.gone();
  }

  /** Sleeps until the time is over, the container is to end, or the engine dies. */
  async #sleep(milliseconds: number, ending: ManualSignal): Promise<void> {
    const { clock, lost } = this.#parts;
    const either = manualSignal();
    const wake = (): void => either.cancel();
    if (ending.aborted || lost.aborted) return;
    ending.addEventListener("abort", wake, { once: true });
    lost.addEventListener("abort", wake, { once: true });
    if (milliseconds === Number.POSITIVE_INFINITY) {
      await new Promise<void>((resolve) => either.addEventListener("abort", resolve));
    } else {
      await clock.sleep(milliseconds, either);
    }
    ending.removeEventListener("abort", wake);
    lost.removeEventListener("abort", wake);
  }

  #alive(): void {
    if (this.#parts.lost.aborted) throw lostError();
  }

  #script(container: ContainerSpec): FakeContainer {
    const script = this.#parts.scripts.get(container.name) ?? {};
    return this.#again.has(container.name) ? (script.again ?? script) : script;
  }

  #container(name: ContainerName): ContainerSpec {
    const found = this.#parts.spec.containers.find((each) => each.name === name);
    if (found === undefined) throw new Error(`fake: pod ${this.name} has no container ${name}`);
    return found;
  }

  #volume(name: VolumeName): FakeVolume {
    const found = this.#parts.volumes.get(name);
    if (found === undefined) throw new Error(`fake: pod ${this.name} has no volume ${name}`);
    return found;
  }

  #started(name: ContainerName): Running {
    const running = this.#running.get(name);
    if (running === undefined) throw new Error(`fake: container ${name} was not started`);
    return running;
  }
}

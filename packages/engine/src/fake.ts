import { LapcatError, type Diagnostic } from "@lapcat/diagnostic";
import {
  type CancelSignal,
  type Engine,
  type EngineInfo,
  type ImageInfo,
  type Pod,
  type PullOptions,
  type SweepExtent,
  type SweepReport,
} from "./engine.ts";
import { FakePod, lostError } from "./fake-pod.ts";
import { matching, type FakeContainer, type FakeImage, type FakeScript } from "./fake-script.ts";
import { entryOf, fakeVolume, partsInside, type FakeVolume } from "./fake-volume.ts";
import { formatImageName, parseImageName } from "./image-name.ts";
import {
  type ContainerName,
  type ImageRef,
  type PodSpec,
  type RunId,
  type VolumeName,
  type VolumeSpec,
} from "./pod-spec.ts";
import { manualSignal, type VirtualClock } from "./virtual-clock.ts";

export { manualSignal, virtualClock, type ManualSignal, type Settle, type VirtualClock } from "./virtual-clock.ts";
export {
  type FakeContainer,
  type FakeContent,
  type FakeImage,
  type FakeOutput,
  type FakeScript,
} from "./fake-script.ts";

/** An engine that does what a script says, on a clock that is turned by hand, and refuses misuse loudly. */
export class FakeEngine implements Engine {
  readonly #script: FakeScript;
  readonly #clock: VirtualClock;
  readonly #lost = manualSignal();
  readonly #present = new Set<string>();
  readonly #pods = new Map<string, RunId>();
  readonly #claims = new Map<string, { readonly volume: FakeVolume; readonly run: RunId | undefined }>();
  readonly #told = new Set<RunId>();
  readonly #calls: string[] = [];

  constructor(script: FakeScript, clock: VirtualClock) {
    this.#script = script;
    this.#clock = clock;
    if (script.lostAfter !== undefined)
      void clock.sleep(script.lostAfter, manualSignal()).then(() => this.#lost.cancel());
  }

  /** What was asked of it, in order: `open POD`, `start POD CONTAINER`, `kill …`, `dispose …`, `sweep RUN`. */
  get calls(): readonly string[] {
    return this.#calls;
  }

  async probe(): Promise<EngineInfo> {
    this.#alive();
    return {
      kind: "fake",
      version: "1.0.0",
      apiVersion: "1.0",
      address: "fake://",
      rootless: false,
      platform: "linux/amd64",
      cpus: 2,
      memory: 8 * 1024 ** 3,
    };
  }

  async pull(image: ImageRef, options: PullOptions, signal: CancelSignal): Promise<ImageInfo> {
    this.#alive();
    const script = this.#image(image);
    const absent = script.pullMilliseconds !== undefined && !this.#present.has(image);
    if (options.policy === "Never" && absent)
      throw unavailable(image, "it is not on this machine, and pulling is not allowed");
    this.#refuse(image, script);
    if (options.policy === "IfNotPresent" && !absent) return infoOf(image, script, false);
    if (options.policy === "Never") return infoOf(image, script, false);
    options.onProgress?.({ image, status: "Pulling" });
    await this.#clock.sleep(script.pullMilliseconds ?? 0, signal);
    if (signal.aborted) throw new Error(`pulling ${image} was cancelled`);
    this.#alive();
    this.#present.add(image);
    options.onProgress?.({ image, status: "Pull complete" });
    return infoOf(image, script, true);
  }

  async open(pod: PodSpec, signal: CancelSignal): Promise<Pod> {
    this.#alive();
    if (signal.aborted) throw new Error(`opening ${pod.name} was cancelled`);
    if (this.#pods.has(pod.name)) throw new Error(`fake: pod ${pod.name} is open already`);
    const images = new Map<ContainerName, ImageInfo>();
    const scripts = new Map<ContainerName, FakeContainer>();
    const containers = matching(this.#script.pods, pod.name);
    for (const { name, image } of pod.containers) {
      const script = this.#image(image);
      this.#refuse(image, script);
      if (script.pullMilliseconds !== undefined && !this.#present.has(image))
        throw unavailable(image, "it is not on this machine");
      images.set(name, infoOf(image, script, false));
      scripts.set(name, matching(containers, name) ?? {});
    }
    checkMounts(pod);
    const volumes = new Map(
      pod.volumes.map((spec): [VolumeName, FakeVolume] => [spec.name, this.#volume(spec, pod.run)]),
    );
    this.#calls.push(`open ${pod.name}`);
    this.#pods.set(pod.name, pod.run);
    return new FakePod({
      spec: pod,
      clock: this.#clock,
      images,
      volumes,
      scripts,
      notices: this.#notices(pod),
      lost: this.#lost,
      record: (call) => this.#calls.push(call),
      gone: () => this.#pods.delete(pod.name),
    });
  }

  async sweep(run: RunId, extent: SweepExtent = "all"): Promise<SweepReport> {
    this.#alive();
    this.#calls.push(`sweep ${run}${extent === "all" ? "" : ` ${extent}`}`);
    const pods = [...this.#pods].filter(([, owner]) => owner === run);
    const claims = [...this.#claims].filter(([, { run: owner }]) => owner === run && extent === "all");
    for (const [name] of pods) this.#pods.delete(name);
    for (const [name] of claims) this.#claims.delete(name);
    return { containers: pods.length, volumes: claims.length, networks: 0 };
  }

  async hasClaim(claim: string, run?: RunId): Promise<boolean> {
    this.#alive();
    const made = this.#claims.has(run === undefined ? claim : `${run}/${claim}`);
    return (
      made || matching(Object.fromEntries((this.#script.claims ?? []).map((each) => [each, true])), claim) === true
    );
  }

  async leftovers(): Promise<readonly RunId[]> {
    this.#alive();
    const runs = [
      ...this.#pods.values(),
      ...[...this.#claims.values()].flatMap(({ run }) => (run === undefined ? [] : [run])),
    ];
    return [...new Set(runs)].toSorted();
  }

  async close(): Promise<void> {}

  #alive(): void {
    if (this.#lost.aborted) throw lostError();
  }

  #image(image: ImageRef): FakeImage {
    return matching(this.#script.images, image) ?? {};
  }

  #refuse(image: ImageRef, script: FakeImage): void {
    if (script.unauthorized !== undefined) {
      throw new LapcatError({
        code: "image.unauthorized",
        message: `the registry refused the login for ${image}: ${script.unauthorized}`,
      });
    }
    if (script.unavailable !== undefined) throw unavailable(image, script.unavailable);
  }

  #volume(spec: VolumeSpec, run: RunId): FakeVolume {
    switch (spec.kind) {
      case "scratch":
      case "host":
        return fakeVolume();
      case "files": {
        const volume = fakeVolume();
        for (const file of spec.files) volume.place(file.path, entryOf(file));
        return volume;
      }
      case "claim": {
        const key = spec.scope === "run" ? `${run}/${spec.claim}` : spec.claim;
        const found = this.#claims.get(key) ?? { volume: fakeVolume(), run: spec.scope === "run" ? run : undefined };
        this.#claims.set(key, found);
        return found.volume;
      }
    }
  }

  #notices(pod: PodSpec): readonly Diagnostic[] {
    const privileged = pod.containers.some(({ security }) => security.privileged);
    if (this.#script.privilegedRefused !== true || !privileged || this.#told.has(pod.run)) return [];
    this.#told.add(pod.run);
    return [{ code: "engine.privileged", severity: "warning", message: "this engine cannot grant privileged" }];
  }
}

function unavailable(image: ImageRef, said: string): LapcatError {
  return new LapcatError({ code: "image.unavailable", message: `the image ${image} could not be pulled: ${said}` });
}

function infoOf(image: ImageRef, script: FakeImage, pulled: boolean): ImageInfo {
  const name = parseImageName(image);
  if (name === undefined)
    throw new LapcatError({ code: "image.name", message: `${JSON.stringify(image)} is not a valid image reference` });
  const id = script.id ?? `sha256:${digestOf(formatImageName(name))}`;
  return {
    image,
    id,
    imageId: script.imageId ?? `${name.registry}/${name.repository}@${name.digest ?? id}`,
    pulled,
    entrypoint: script.entrypoint ?? [],
    cmd: script.cmd ?? ["sh"],
    user: script.user ?? "",
    workingDir: script.workingDir ?? "",
    env: script.env ?? ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  };
}

/** 64 hexadecimal digits that only depend on the text. Nothing to do with security. */
function digestOf(text: string): string {
  let digits = "";
  for (let round = 0; round < 8; round++) {
    let hash = 0x811c9dc5 ^ round;
    for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    digits += (hash >>> 0).toString(16).padStart(8, "0");
  }
  return digits;
}

function checkMounts(pod: PodSpec): void {
  const names = new Set<string>(pod.volumes.map((volume) => volume.name));
  for (const container of pod.containers) {
    for (const mount of container.mounts) {
      if (!names.has(mount.volume))
        throw new Error(`fake: ${container.name} mounts ${mount.volume}, which the pod does not have`);
      if (!mount.path.startsWith("/"))
        throw new Error(`fake: ${container.name} mounts at ${mount.path}, which is not absolute`);
      const { subPath } = mount;
      if (
        subPath !== undefined &&
        (subPath.startsWith("/") || subPath.split("/").includes("..") || partsInside(subPath) === undefined)
      ) {
        throw new LapcatError({
          code: "path.escape",
          message: `subPath ${JSON.stringify(subPath)} leads out of the volume ${mount.volume}`,
        });
      }
    }
  }
}

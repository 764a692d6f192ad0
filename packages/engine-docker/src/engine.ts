import { readFile } from "node:fs/promises";
import { type default as Docker } from "dockerode";
import { LapcatError } from "@lapcat/diagnostic";
import {
  type CancelSignal,
  type Engine,
  type EngineInfo,
  type ImageInfo,
  type ImageRef,
  type Pod,
  type PodSpec,
  type PullOptions,
  type RunId,
  type SweepExtent,
  type SweepReport,
} from "@lapcat/engine";
import { anchorImage, removeAnchorImage } from "./anchor.ts";
import { engineClaims } from "./claims.ts";
import { connect } from "./connection.ts";
import { engineError } from "./errors.ts";
import { type BindDirectories, type Host } from "./host.ts";
import { imageAccounts } from "./identity.ts";
import { engineImages } from "./images.ts";
import { type KeptVolumes, keptVolumes } from "./kept-volumes.ts";
import { openPod } from "./open-pod.ts";
import { ping, type EngineVersion } from "./ping.ts";
import { type Endpoint } from "./address.ts";
import { bindDirectories, type PlacementChoice } from "./placement.ts";
import { refusesPrivileged } from "./privileged.ts";
import { type ContainerOfRun, shellIn, type Terminal } from "./shell.ts";
import { unlessCancelled } from "./signals.ts";
import { leftoverRuns, sweepRun } from "./sweep.ts";

export interface Found {
  readonly address: string;
  readonly endpoint: Endpoint;
  readonly version: EngineVersion;
  /** Lets go of a service that we started ourselves. */
  readonly release: (() => Promise<void>) | undefined;
  /** See `Host`. */
  readonly memoryMark: string | undefined;
}

interface Known {
  readonly info: EngineInfo;
  readonly directories: BindDirectories | undefined;
}

/** An engine that speaks Docker's API. */
export class DockerEngine implements Engine {
  readonly #found: Found;
  readonly #host: Host;
  readonly #placement: PlacementChoice;
  readonly #background = new Map<RunId, Set<Promise<void>>>();
  readonly #failures = new Map<RunId, unknown>();
  #known: Promise<Known> | undefined;

  static async connect(found: Found, placement: PlacementChoice): Promise<DockerEngine> {
    const engine = new DockerEngine(found, placement, await connect(found.endpoint));
    // Asked now, so that the answer is there when the first pod needs it; who needs it is told when it failed.
    engine.#learn().catch(() => undefined);
    return engine;
  }

  constructor(found: Found, placement: PlacementChoice, docker: Docker) {
    this.#found = found;
    this.#placement = placement;
    const anchor = anchorImage(docker, async () => (await this.#learn()).info.platform.split("/")[1] ?? "");
    this.#host = {
      docker,
      product: found.version.product,
      apiVersion: found.version.apiVersion,
      images: engineImages(docker),
      anchor,
      claims: engineClaims(docker, found.version.product, anchor),
      accounts: imageAccounts(docker),
      directories: undefined,
      privilegedRefused: false,
      memoryMark: found.memoryMark,
      toldOfPrivileged: new Set(),
      background: (run, work) => this.#inBackground(run, work),
    };
  }

  async probe(signal: CancelSignal): Promise<EngineInfo> {
    try {
      await unlessCancelled(ping(this.#found.endpoint, 10_000), signal);
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw new LapcatError(
        {
          code: "engine.none",
          message: `no container engine answers at ${this.#found.address}`,
          hint: "`lapcat doctor` shows where lapcat looks",
        },
        cause,
      );
    }
    return (await unlessCancelled(this.#learn(), signal)).info;
  }

  pull(image: ImageRef, options: PullOptions, signal: CancelSignal): Promise<ImageInfo> {
    return this.#host.images.pull(image, options, signal);
  }

  async open(pod: PodSpec, signal: CancelSignal): Promise<Pod> {
    await this.#learn();
    return openPod(this.#host, pod, signal);
  }

  async sweep(run: RunId, extent: SweepExtent = "all"): Promise<SweepReport> {
    await this.#settled(run);
    // Sweeping does again what failed behind our back, and tells if that fails too.
    this.#failures.delete(run);
    const { directories } = await this.#learn();
    return sweepRun(this.#host, run, extent, directories === undefined ? [] : [directories]);
  }

  hasClaim(claim: string, run?: RunId): Promise<boolean> {
    return this.#host.claims.exists(claim, run);
  }

  async leftovers(): Promise<readonly RunId[]> {
    const { directories } = await this.#learn();
    return leftoverRuns(this.#host, directories === undefined ? [] : [directories]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#background.keys()].map((run) => this.#settled(run)));
    await this.#found.release?.();
    for (const [run, cause] of this.#failures) throw engineError(cause, `remove a pod of the run ${run}`);
  }

  /** The image of the container that holds a pod's namespaces; for pruning. */
  removeAnchorImage(): Promise<boolean> {
    return removeAnchorImage(this.#host.docker);
  }

  /** The volumes that outlive runs. */
  async keptVolumes(): Promise<KeptVolumes> {
    await this.#learn();
    return keptVolumes(this.#host);
  }

  /** A command in a container of a run that goes on, perhaps another lapcat's; its exit code. */
  shell(of: ContainerOfRun, command: readonly string[], terminal: Terminal): Promise<number> {
    return shellIn(this.#host.docker, of, command, terminal);
  }

  #learn(): Promise<Known> {
    this.#known ??= this.#ask().catch((cause: unknown) => {
      this.#known = undefined;
      throw cause;
    });
    return this.#known;
  }

  async #ask(): Promise<Known> {
    const { address, endpoint, version } = this.#found;
    try {
      const info = (await this.#host.docker.info()) as InfoAnswer;
      const directories = bindDirectories(this.#placement, endpoint.kind === "socket", {
        hostname: info.Name,
        rootDirectory: info.DockerRootDir,
        operatingSystem: info.OperatingSystem,
        securityOptions: info.SecurityOptions ?? [],
      });
      this.#host.directories = directories;
      const isLocalDocker = directories !== undefined && version.product === "docker";
      if (isLocalDocker && (await refusesPrivileged(version.apiVersion, (path) => readFile(path, "utf8"))))
        this.#host.privilegedRefused = true;
      const platform = `${info.OSType}/${architectures[info.Architecture] ?? info.Architecture}`;
      const rootless = (info.SecurityOptions ?? []).some((each) => each.includes("name=rootless"));
      return {
        directories,
        info: {
          kind: version.product,
          version: version.version,
          apiVersion: version.apiVersion,
          address,
          rootless,
          platform,
          cpus: info.NCPU,
          memory: info.MemTotal,
        },
      };
    } catch (cause) {
      throw engineError(cause, "learn about the engine");
    }
  }

  #inBackground(run: RunId, work: Promise<void>): void {
    const all = this.#background.get(run) ?? new Set();
    this.#background.set(run, all);
    const tracked = work
      .catch((cause: unknown) => {
        this.#failures.set(run, cause);
      })
      .finally(() => all.delete(tracked));
    all.add(tracked);
  }

  async #settled(run: RunId): Promise<void> {
    await Promise.all(this.#background.get(run) ?? new Set<Promise<void>>());
    this.#background.delete(run);
  }
}

interface InfoAnswer {
  readonly Name: string;
  readonly DockerRootDir: string;
  readonly OperatingSystem: string;
  readonly OSType: string;
  readonly Architecture: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly SecurityOptions?: readonly string[];
}

/** The kernel's words for what images call otherwise. */
const architectures: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

import { homedir } from "node:os";
import { join } from "node:path";
import { LapcatError } from "@lapcat/diagnostic";
import { type Engine } from "@lapcat/engine";
import { parseAddress } from "./address.ts";
import { DockerEngine, type Found } from "./engine.ts";
import { ping, type EngineVersion } from "./ping.ts";
import { type PlacementChoice } from "./placement.ts";
import { podmanBinary, serve } from "./podman-service.ts";
import {
  dockerSockets,
  fromContext,
  fromDockerHost,
  podmanSockets,
  type Candidate,
  type Environment,
  type Surroundings,
} from "./ways.ts";

/** `auto`, `docker`, `podman`, or an address such as `unix:///run/engine.sock`. */
export type EngineChoice = string;

export interface FindOptions {
  readonly env: Environment;
  readonly choice: EngineChoice;
  /** The user's home and number; the system's own when absent. */
  readonly home?: string;
  readonly uid?: number;
}

export interface OpenOptions extends Omit<FindOptions, "choice"> {
  /** `archive` never shares a directory with the engine. LAPCAT_PLACEMENT says the same. */
  readonly placement?: PlacementChoice;
}

export interface EngineFinding {
  /** `DOCKER_HOST`, `Docker's socket`, `the podman command`. */
  readonly way: string;
  readonly address: string;
  readonly verdict:
    | ({ readonly kind: "answers" } & EngineVersion)
    /** A Podman that would be started when it is needed. */
    | { readonly kind: "startable" }
    /** Nothing is there. */
    | { readonly kind: "absent"; readonly reason: string }
    /** Something is there, but it cannot be used. */
    | { readonly kind: "unusable"; readonly reason: string; readonly hint?: string };
}

const patience = 3000;

function surroundings(options: Omit<FindOptions, "choice">): Surroundings {
  const { env, home, uid } = options;
  return { env, home: home ?? env["HOME"] ?? homedir(), uid: uid ?? process.getuid?.() ?? -1 };
}

/** The places in the order they are tried; no two with one address. */
export function candidates(choice: EngineChoice, around: Surroundings): readonly Candidate[] {
  if (!["auto", "docker", "podman"].includes(choice)) {
    const { tls } = fromDockerHost({ ...around, env: { ...around.env, DOCKER_HOST: choice } })[0] ?? {
      tls: { verify: false },
    };
    return [{ way: "--engine", address: choice, product: "either", tls, explicit: true }];
  }
  const named = [...fromDockerHost(around), ...fromContext(around)];
  const all = {
    auto: () => [...named, ...dockerSockets(around), ...podmanSockets(around)],
    docker: () => [...named, ...dockerSockets(around)],
    podman: () => podmanSockets(around),
  }[choice as "auto" | "docker" | "podman"]();
  return all.filter((each, index) => all.findIndex((other) => other.address === each.address) === index);
}

/** Looks everywhere and says what is there: for `doctor`. */
export async function findEngines(options: FindOptions): Promise<readonly EngineFinding[]> {
  const around = surroundings(options);
  const findings = await Promise.all(
    candidates(options.choice, around).map(async (candidate): Promise<EngineFinding> => {
      const { way, address } = candidate;
      return { way, address, verdict: await judge(candidate, options.choice) };
    }),
  );
  const binary =
    options.choice === "docker" ? undefined : wantsBinary(options.choice) ? podmanBinary(around) : undefined;
  if (binary === undefined) return findings;
  return [
    ...findings,
    { way: "the podman command", address: `unix://${binary.socket}`, verdict: { kind: "startable" } },
  ];
}

const wantsBinary = (choice: EngineChoice): boolean => choice === "auto" || choice === "podman";

async function judge(candidate: Candidate, choice: EngineChoice): Promise<EngineFinding["verdict"]> {
  try {
    const version = await ping(parseAddress(candidate.address, candidate.tls), patience);
    if ((choice === "docker" || choice === "podman") && version.product !== choice) {
      return { kind: "unusable", reason: `it is ${version.product}, and ${choice} was asked for` };
    }
    return { kind: "answers", ...version };
  } catch (cause) {
    return verdictOf(cause);
  }
}

function verdictOf(cause: unknown): EngineFinding["verdict"] {
  if (cause instanceof LapcatError) {
    const { message, hint } = cause.diagnostic;
    return { kind: "unusable", reason: message, ...(hint === undefined ? {} : { hint }) };
  }
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ENOENT") return { kind: "absent", reason: "there is no such socket" };
  if (code === "ENOTDIR") return { kind: "absent", reason: "there is no such socket" };
  if (code === "ECONNREFUSED") return { kind: "unusable", reason: "nobody listens there", hint: "start the engine" };
  if (code === "EACCES" || code === "EPERM") {
    return {
      kind: "unusable",
      reason: "you may not open it",
      hint: "join the group that owns the socket (usually docker), or use a rootless engine",
    };
  }
  return { kind: "unusable", reason: message };
}

/** The first engine that answers. What the user named must answer: then no other is tried. Rejects with `engine.none`. */
export async function openEngine(choice: EngineChoice, options: OpenOptions): Promise<Engine> {
  const around = surroundings(options);
  const placement = options.placement ?? placementOf(options.env["LAPCAT_PLACEMENT"]);
  const tried: string[] = [];
  for (const candidate of candidates(choice, around)) {
    const verdict = await judge(candidate, choice);
    if (verdict.kind === "answers") {
      const { kind: _, ...version } = verdict;
      const found: Found = {
        address: candidate.address,
        endpoint: parseAddress(candidate.address, candidate.tls),
        version,
        release: undefined,
        memoryMark: undefined,
      };
      return DockerEngine.connect(found, placement);
    }
    if (verdict.kind === "startable") continue;
    if (candidate.explicit) {
      throw new LapcatError({
        code: "engine.none",
        message: `no container engine answers at ${candidate.address} (${candidate.way}): ${verdict.reason}`,
        hint:
          (verdict.kind === "unusable" ? verdict.hint : undefined) ??
          `start it, or do without ${candidate.way}; \`lapcat doctor\` shows what else there is`,
      });
    }
    if (verdict.kind === "unusable") tried.push(`${candidate.way} (${candidate.address}): ${verdict.reason}`);
  }
  const binary = wantsBinary(choice) ? podmanBinary(around) : undefined;
  if (binary !== undefined) {
    const version = await serve(binary, options.env, around.uid);
    const endpoint = { kind: "socket", path: binary.socket } as const;
    return DockerEngine.connect(
      {
        address: `unix://${binary.socket}`,
        endpoint,
        version,
        release: undefined,
        memoryMark: join(binary.socket, "../oom"),
      },
      placement,
    );
  }
  throw new LapcatError({
    code: "engine.none",
    message: `no container engine answers${tried.length === 0 ? "" : `: ${tried.join("; ")}`}`,
    hint: "install Docker (https://docs.docker.com/engine/install/) or Podman, or start it; `lapcat doctor` shows where lapcat looks",
  });
}

function placementOf(text: string | undefined): PlacementChoice {
  if (text === undefined || text === "" || text === "auto") return "auto";
  if (text === "bind" || text === "archive") return text;
  throw new LapcatError({
    code: "usage",
    message: `LAPCAT_PLACEMENT is ${JSON.stringify(text)}, not auto, bind or archive`,
  });
}

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TlsChoice } from "./address.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Surroundings {
  readonly env: Environment;
  readonly home: string;
  readonly uid: number;
}

/** One place where an engine may be. */
export interface Candidate {
  /** How we came by it, for `doctor`: `DOCKER_HOST`, `the context desktop`, `rootless socket`. */
  readonly way: string;
  readonly address: string;
  readonly product: "docker" | "podman" | "either";
  readonly tls: TlsChoice;
  /** The user named it: if nothing answers there, no other is tried. */
  readonly explicit: boolean;
}

const plain: TlsChoice = { verify: false };

export function fromDockerHost({ env, home }: Surroundings): readonly Candidate[] {
  const address = env["DOCKER_HOST"];
  if (address === undefined || address === "") return [];
  const verify = ![undefined, "", "0", "false"].includes(env["DOCKER_TLS_VERIFY"]);
  const tls = { verify, directory: env["DOCKER_CERT_PATH"] ?? (verify ? join(home, ".docker") : undefined) };
  return [
    {
      way: "DOCKER_HOST",
      address,
      product: "either",
      tls: tls.directory === undefined ? { verify } : { verify, directory: tls.directory },
      explicit: true,
    },
  ];
}

/** The context that the docker client would use: DOCKER_CONTEXT, or `currentContext` of its configuration. */
export function fromContext({ env, home }: Surroundings): readonly Candidate[] {
  const directory = env["DOCKER_CONFIG"] ?? join(home, ".docker");
  const named = env["DOCKER_CONTEXT"];
  const name = named ?? currentContext(join(directory, "config.json"));
  if (name === undefined || name === "" || name === "default") return [];
  const id = createHash("sha256").update(name).digest("hex");
  const endpoint = contextEndpoint(join(directory, "contexts", "meta", id, "meta.json"));
  if (endpoint === undefined) {
    if (named === undefined) return [];
    return [
      {
        way: "DOCKER_CONTEXT",
        address: `context ${name}, which does not exist`,
        product: "either",
        tls: plain,
        explicit: true,
      },
    ];
  }
  const tls = join(directory, "contexts", "tls", id, "docker");
  return [
    {
      way: `the docker context ${name}`,
      address: endpoint,
      product: "either",
      tls: existsSync(tls) ? { verify: true, directory: tls } : plain,
      explicit: named !== undefined,
    },
  ];
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Absent, or not ours to judge: `doctor` shows that the way led nowhere.
    return undefined;
  }
}

function currentContext(path: string): string | undefined {
  const config = readJson(path) as { readonly currentContext?: unknown } | undefined;
  return typeof config?.currentContext === "string" ? config.currentContext : undefined;
}

function contextEndpoint(path: string): string | undefined {
  const meta = readJson(path) as { readonly Endpoints?: { readonly docker?: { readonly Host?: unknown } } } | undefined;
  const host = meta?.Endpoints?.docker?.Host;
  return typeof host === "string" && host !== "" ? host : undefined;
}

const socket = (way: string, path: string, product: Candidate["product"]): Candidate => ({
  way,
  address: `unix://${path}`,
  product,
  tls: plain,
  explicit: false,
});

const runtimeDirectory = ({ env, uid }: Surroundings): string => env["XDG_RUNTIME_DIR"] ?? `/run/user/${uid}`;

export function dockerSockets(around: Surroundings): readonly Candidate[] {
  const { home } = around;
  if (process.platform === "win32") {
    return [
      {
        way: "Docker's named pipe",
        address: "npipe:////./pipe/docker_engine",
        product: "docker",
        tls: plain,
        explicit: false,
      },
    ];
  }
  return [
    socket("Docker's socket", "/var/run/docker.sock", "docker"),
    socket("rootless Docker's socket", `${runtimeDirectory(around)}/docker.sock`, "docker"),
    socket("Docker Desktop's socket", `${home}/.docker/run/docker.sock`, "docker"),
    socket("Docker Desktop's socket", `${home}/.docker/desktop/docker.sock`, "docker"),
    socket("Colima's socket", `${home}/.colima/default/docker.sock`, "docker"),
    socket("Colima's socket", `${home}/.config/colima/default/docker.sock`, "docker"),
    socket("OrbStack's socket", `${home}/.orbstack/run/docker.sock`, "docker"),
    socket("Rancher Desktop's socket", `${home}/.rd/docker.sock`, "docker"),
  ];
}

export function podmanSockets(around: Surroundings): readonly Candidate[] {
  const { env, uid } = around;
  const host = env["CONTAINER_HOST"];
  const named: readonly Candidate[] =
    host === undefined || host === ""
      ? []
      : [{ way: "CONTAINER_HOST", address: host, product: "podman", tls: plain, explicit: true }];
  const own = socket("Podman's own socket", `${runtimeDirectory(around)}/podman/podman.sock`, "podman");
  const system = socket("Podman's system socket", "/run/podman/podman.sock", "podman");
  const machine = socket(
    "Podman machine's socket",
    `${around.home}/.local/share/containers/podman/machine/podman.sock`,
    "podman",
  );
  return [...named, ...(uid === 0 ? [system, own] : [own, system]), machine];
}

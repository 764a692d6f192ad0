// The two servers that the demo and the end-to-end tests need, as containers: a registry with TLS and a password, holding a
// base image, and a git server with the sample app.
import { createHash, randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { container, containerCli, transfer } from "./services/container-cli.ts";
import { root } from "./stages.ts";

export interface Services {
  readonly registry: {
    /** Host and port as containers on the engine's default bridge reach it, the name in image references. */
    readonly host: string;
    /** The same registry as this machine and its engine reach it. */
    readonly localHost: string;
    readonly caFile: string;
    readonly username: string;
    readonly password: string;
    /** Credentials for both names, as `docker login` would write them. */
    readonly dockerConfigFile: string;
  };
  readonly git: { readonly url: string };
  /** Were they running already? */
  readonly reused: boolean;
  close(): Promise<void>;
}

export interface ServicesOptions {
  /** Names the containers and the state directory; services of one prefix are shared by all who ask for it. */
  readonly prefix: string;
  /** A network instead of the engine's default bridge. */
  readonly network?: string;
  /** Hears what is going on. */
  readonly say?: (message: string) => void;
}

interface State {
  readonly recipe: string;
  readonly registryAddress: string;
  readonly gitAddress: string;
  readonly registryPort: string;
  readonly username: string;
  readonly password: string;
}

export const baseImage = "base/node:24-alpine";

export const images = {
  registry: "docker.io/library/registry:2",
  tools: "docker.io/library/node:24", // upstream's has git, openssl and perl too
  base: "docker.io/library/node:24-alpine",
};
const scripts = join(root, "scripts", "services");
const app = join(root, "fixtures", "sample-app");
const registryPort = 5000;
const gitPort = 8080;

const registryConfig = `version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: /var/lib/registry}, delete: {enabled: true}}
auth: {htpasswd: {realm: lapcat, path: /services/htpasswd}}
http: {addr: ":${registryPort}", tls: {certificate: /services/server.crt, key: /services/server.key}}
`;

export function stateDirectory(prefix: string): string {
  return join(root, ".tools", "services", `${basename(containerCli)}-${prefix}`);
}

/** Not to be called twice at once for the same prefix. */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const { prefix, say = () => {} } = options;
  const directory = stateDirectory(prefix);
  const recipe = await recipeOf(options);
  const running = await runningState(prefix, directory, recipe);
  if (running !== undefined) return describe(prefix, directory, running, true);

  await stopServices(prefix);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    say("starting a registry with TLS and a password");
    const registry = await startRegistry(options, directory);
    say(`pushing a base image to it, and starting a git server with the sample app`);
    const [gitAddress] = await Promise.all([
      startGit(options, directory, registry.registryAddress),
      pushBase(directory, registry),
    ]);
    const state: State = { ...registry, gitAddress, recipe };
    writeFileSync(join(directory, "state.json"), `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
    return describe(prefix, directory, state, false);
  } catch (error) {
    await stopServices(prefix);
    throw error;
  }
}

/** Removes the services of a prefix and all they kept, whether or not they run. */
export async function stopServices(prefix: string): Promise<void> {
  const ids = await container("ps", "--all", "--quiet", "--filter", `label=dev.lapcat.services=${prefix}`);
  if (ids !== "") await container("rm", "--force", "--volumes", ...ids.split("\n"));
  rmSync(stateDirectory(prefix), { recursive: true, force: true });
}

function describe(prefix: string, directory: string, state: State, reused: boolean): Services {
  return {
    registry: {
      host: state.registryAddress,
      localHost: `127.0.0.1:${state.registryPort}`,
      caFile: join(directory, "ca.crt"),
      username: state.username,
      password: state.password,
      dockerConfigFile: join(directory, "docker", "config.json"),
    },
    git: { url: `http://${state.gitAddress}/app.git` },
    reused,
    close: () => stopServices(prefix),
  };
}

/** Everything that a running service was made from; a change of any makes it stale. */
async function recipeOf({ network = "" }: ServicesOptions): Promise<string> {
  const hash = createHash("sha256").update(network);
  hash.update(await container("image", "inspect", "--format", "{{.Id}}", ...Object.values(images)));
  for (const directory of [scripts, app]) {
    for (const file of readdirSync(directory).sort()) hash.update(file).update(readFileSync(join(directory, file)));
  }
  return hash
    .update(readFileSync(import.meta.filename))
    .digest("hex")
    .slice(0, 16);
}

/** The state as recorded, if both containers still run at the addresses it names. */
async function runningState(prefix: string, directory: string, recipe: string): Promise<State | undefined> {
  const file = join(directory, "state.json");
  if (!existsSync(file)) return undefined;
  const state = JSON.parse(readFileSync(file, "utf8")) as State;
  if (state.recipe !== recipe) return undefined;
  const filter = ["--filter", `label=dev.lapcat.services=${prefix}`];
  const ids = await container("ps", "--quiet", ...filter);
  if (ids.split("\n").length !== 2) return undefined;
  const addresses = await Promise.all(ids.split("\n").map(addressOf));
  const expected = [state.registryAddress, state.gitAddress].map((each) => each.split(":")[0]);
  return expected.every((each) => addresses.includes(each ?? "")) ? state : undefined;
}

export async function addressOf(name: string): Promise<string> {
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}";
  const [address = ""] = (await container("inspect", "--format", format, name)).split(" ");
  if (address === "") throw new Error(`the container ${name} stopped: ${await container("logs", name)}`);
  return address;
}

async function portOf(name: string, port: number): Promise<string> {
  return (await container("port", name, `${port}/tcp`)).split(":").at(-1) ?? "";
}

export function create({ prefix, network }: ServicesOptions, service: string, port: number): readonly string[] {
  return [
    ["create", "--name", `${prefix}-${service}`, "--label", `dev.lapcat.services=${prefix}`],
    ["--publish", `127.0.0.1::${port}`],
    network === undefined ? [] : ["--network", network],
  ].flat();
}

/** The certificate names the address, which exists only once the container runs: so it waits for its configuration. */
async function startRegistry(
  options: ServicesOptions,
  directory: string,
): Promise<Omit<State, "gitAddress" | "recipe">> {
  const name = `${options.prefix}-registry`;
  const wait = "until [ -s /services/config.yml ]; do sleep 0.05; done; exec registry serve /services/config.yml";
  await container(...create(options, "registry", registryPort), "--entrypoint", "sh", images.registry, "-c", wait);
  await container("start", name);
  const [address, port] = await Promise.all([addressOf(name), portOf(name, registryPort)]);

  const username = "lapcat";
  const password = randomBytes(12).toString("base64url");
  const files = await forge({ ADDRESS: address, USERNAME: username, PASSWORD: password });
  const services = join(directory, "registry", "services");
  mkdirSync(services, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(services, file), text, { mode: 0o600 });
  writeFileSync(join(directory, "ca.crt"), files["ca.crt"] ?? "");
  await container("cp", services, `${name}:/`);
  writeFileSync(join(directory, "config.yml"), registryConfig);
  await container("cp", join(directory, "config.yml"), `${name}:/services/config.yml`);

  const state = { registryAddress: `${address}:${registryPort}`, registryPort: port, username, password };
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  const auths = { [state.registryAddress]: { auth }, [`127.0.0.1:${port}`]: { auth } };
  mkdirSync(join(directory, "docker"), { recursive: true });
  writeFileSync(join(directory, "docker", "config.json"), `${JSON.stringify({ auths }, undefined, 2)}\n`, {
    mode: 0o600,
  });
  await until(name, () => answersTls(port, files["ca.crt"] ?? ""));
  return state;
}

export async function forge(input: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const env = { ...input, SALT: randomBytes(11).toString("hex") };
  const source = readFileSync(join(scripts, "forge.ts"), "utf8");
  const options = Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
  const evaluate = ["--input-type=module-typescript", "--eval", source];
  const printed = await container(
    "run",
    "--rm",
    "--network",
    "none",
    ...options,
    "--entrypoint",
    "node",
    images.tools,
    ...evaluate,
  );
  return JSON.parse(printed) as Record<string, string>;
}

async function pushBase(directory: string, state: Pick<State, "registryPort">): Promise<void> {
  const name = `127.0.0.1:${state.registryPort}/${baseImage}`;
  await container("tag", images.base, name);
  try {
    await transfer("push", name, join(directory, "docker", "config.json"));
  } finally {
    await container("rmi", name);
  }
}

async function startGit(options: ServicesOptions, directory: string, registry: string): Promise<string> {
  const name = `${options.prefix}-git`;
  const services = join(directory, "git", "services");
  cpSync(app, join(services, "app"), { recursive: true });
  for (const file of readdirSync(app).filter((each) => each.startsWith("Dockerfile"))) {
    const path = join(services, "app", file);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll("FROM registry.example/", `FROM ${registry}/`));
  }
  for (const each of ["git-server.ts", "git-backend.ts"]) cpSync(join(scripts, each), join(services, each));
  const run = ["--env", `PORT=${gitPort}`, "--entrypoint", "node", images.tools, "/services/git-server.ts"];
  await container(...create(options, "git", gitPort), ...run);
  await container("cp", services, `${name}:/`);
  await container("start", name);
  const [address, port] = await Promise.all([addressOf(name), portOf(name, gitPort)]);
  await until(name, async () => (await fetch(`http://127.0.0.1:${port}/app.git/info/refs?service=git-upload-pack`)).ok);
  return `${address}:${gitPort}`;
}

/** A registry that asks for a password answers 401. */
function answersTls(port: string, ca: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path: "/v2/", ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 401);
    }).on("error", reject);
  });
}

export async function until(name: string, ready: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (let reason = "no answer"; ; await sleep(50)) {
    try {
      if (await ready()) return;
    } catch (error) {
      reason = String(error);
    }
    if (Date.now() > deadline)
      throw new Error(`${name} is not ready after 15 s (${reason}): ${await container("logs", name)}`);
  }
}

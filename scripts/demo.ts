// The main job, shown from nothing: an engine, images, a registry and a git server; then lapcat clones, builds and pushes; then the
// image is pulled by the digest that the run reported, and asked.
//   npm run demo             a second time it is quick: what runs already is used
//   npm run demo -- --clean  removes everything that the demo made
import { spawn } from "node:child_process";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { container, containerCli, transfer } from "./services/container-cli.ts";
import { startServices, stopServices, type Services } from "./services.ts";
import { root } from "./stages.ts";

const prefix = "lapcat-demo";
/** The demo's runs are kept apart from yours. */
const home = join(root, ".tools", "demo");
const lapcat = join(root, "packages", "cli", "bin", "lapcat");
const taskImages = [
  "ghcr.io/tektoncd/github.com/tektoncd/pipeline/cmd/git-init:v0.18.1",
  "quay.io/buildah/stable:v1.17.0",
  "docker.io/library/node:24-alpine",
  "docker.io/library/registry:2",
];

/** Ends the demo with the code of the command that failed, which has said why. */
class CommandFailed extends Error {
  readonly code: number;
  constructor(command: string, code: number) {
    super(`${command} ended with ${code}`);
    this.code = code;
  }
}

/** Runs a command in front of the reader. Ctrl-C is the command's to handle; it ends, and so do we. */
async function show(command: string, ...args: readonly string[]): Promise<void> {
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  try {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, LAPCAT_HOME: home } });
    const code = await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (exit, signal) => resolve(exit ?? (signal === "SIGINT" ? 130 : 1)));
    });
    if (code !== 0) throw new CommandFailed(command.replace(`${root}/`, ""), code);
  } finally {
    process.off("SIGINT", ignore);
  }
}

async function read(command: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, LAPCAT_HOME: home },
  });
  let text = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) text += String(chunk);
  const code =
    child.exitCode ?? (await new Promise<number>((resolve) => child.on("close", (exit) => resolve(exit ?? 1))));
  if (code !== 0) throw new CommandFailed(command.replace(`${root}/`, ""), code);
  return text;
}

const phases: { readonly name: string; readonly seconds: number }[] = [];

async function phase<T>(name: string, run: () => Promise<T>): Promise<T> {
  const started = performance.now();
  console.log(`\n== ${name}`);
  const value = await run();
  const seconds = (performance.now() - started) / 1000;
  phases.push({ name, seconds });
  console.log(`   (${seconds.toFixed(1)} s)`);
  return value;
}

/** What the images that bear upstream's names really are. */
async function sayImages(): Promise<void> {
  const format = '{{index .Config.Labels "dev.lapcat.contents"}}';
  const held = await Promise.allSettled(
    taskImages.map((each) => container("image", "inspect", "--format", format, each)),
  );
  for (const [at, image] of taskImages.entries()) {
    const contents = held[at];
    const what =
      contents?.status !== "fulfilled"
        ? "upstream's, not here yet"
        : contents.value === ""
          ? "upstream's"
          : "a stand-in";
    console.log(`   ${image}: ${what}`);
  }
  const [contents] = held.flatMap((each) => (each.status === "fulfilled" && each.value !== "" ? [each.value] : []));
  if (contents !== undefined) console.log(`   A stand-in has upstream's name, and in it are: ${contents}`);
}

function runArguments({ registry, git }: Services, image: string): readonly string[] {
  return [
    ["-f", "fixtures/build-image", "--catalog", "fixtures/catalog"],
    ["-p", `git-url=${git.url}`, "-p", `image=${image}`],
    ["--docker-config", registry.dockerConfigFile, "--ca-file", registry.caFile],
  ].flat();
}

function newestRun(): string {
  const runs = join(home, "runs");
  const made = (id: string): number => statSync(join(runs, id, "run.yaml")).birthtimeMs;
  const ids = readdirSync(runs).filter((id) => existsSync(join(runs, id, "run.yaml")));
  const [newest] = ids.sort((a, b) => made(b) - made(a));
  if (newest === undefined) throw new Error(`the run left no record under ${runs}`);
  return newest;
}

/** The value of a result, wherever in a status it stands. */
function resultIn(status: unknown, name: string): string | undefined {
  if (typeof status !== "object" || status === null) return undefined;
  if ("name" in status && status.name === name && "value" in status && typeof status.value === "string")
    return status.value;
  for (const value of Object.values(status)) {
    const found = resultIn(value, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function prove(services: Services, digest: string): Promise<void> {
  const pinned = `${services.registry.localHost}/sample-app@${digest}`;
  console.log(`   ${containerCli} pull ${pinned}`);
  await transfer("pull", pinned, services.registry.dockerConfigFile);
  const id = await container("run", "--detach", "--publish", "127.0.0.1::3000", pinned);
  try {
    const port = (await container("port", id, "3000/tcp")).split(":").at(-1) ?? "";
    console.log(
      `   curl http://127.0.0.1:${port}/?name=you\n   ${await answerOf(`http://127.0.0.1:${port}/?name=you`, id)}`,
    );
  } finally {
    await container("rm", "--force", id);
    await container("rmi", pinned);
  }
}

async function answerOf(url: string, id: string): Promise<string> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    try {
      return (await (await fetch(url)).text()).trimEnd();
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error(`the app does not answer: ${await container("logs", id)}`, { cause: error });
      await sleep(50);
    }
  }
}

async function demo(): Promise<void> {
  await phase("A container engine", async () => {
    await show("sh", "scripts/engine.sh");
    console.log(`   ${containerCli} ${await container("version", "--format", "{{.Server.Version}}")}`);
  });
  await phase("Images", async () => {
    await show("bash", "scripts/images.sh");
    await sayImages();
  });
  const services = await phase("A registry and a git server", async () => {
    const started = await startServices({ prefix, say: (message) => console.log(`   ${message}`) });
    console.log(
      `   registry ${started.registry.host}, git ${started.git.url}${started.reused ? " (running already)" : ""}`,
    );
    return started;
  });
  const image = `${services.registry.host}/sample-app:latest`;
  const args = runArguments(services, image);
  const command = (verb: string): string => `   lapcat ${[verb, ...args].join(" ").replaceAll(`${root}/`, "")}\n`;
  await phase("The plan", () => {
    console.log(command("plan"));
    return show(lapcat, "plan", ...args);
  });
  await phase("The run", () => {
    console.log(command("run"));
    return show(lapcat, "run", ...args);
  });
  await phase("The proof: the image, by the digest that the run reported", async () => {
    const digest = resultIn(JSON.parse(await read(lapcat, "describe", newestRun(), "-o", "json")), "IMAGE_DIGEST");
    if (digest === undefined) throw new Error("the run has no result IMAGE_DIGEST");
    console.log(`   IMAGE_DIGEST ${digest}`);
    await prove(services, digest);
  });
  const total = phases.reduce((sum, each) => sum + each.seconds, 0);
  console.log(`\nDone in ${total.toFixed(1)} s:`);
  for (const { name, seconds } of phases) console.log(`${seconds.toFixed(1).padStart(7)} s  ${name}`);
  console.log("The servers go on running, for the next time; npm run demo -- --clean removes everything.");
}

async function clean(): Promise<void> {
  await stopServices(prefix);
  console.log("removed the registry and the git server");
  const runs = join(home, "runs");
  for (const run of existsSync(runs) ? readdirSync(runs) : []) {
    const filter = ["--filter", `label=dev.lapcat.run=${run}`];
    const containers = await container("ps", "--all", "--quiet", ...filter);
    if (containers !== "") await container("rm", "--force", "--volumes", ...containers.split("\n"));
    const volumes = await container("volume", "ls", "--quiet", ...filter);
    if (volumes !== "") await container("volume", "rm", ...volumes.split("\n"));
  }
  rmSync(home, { recursive: true, force: true });
  console.log("removed the records of the demo's runs");
  await show("bash", "scripts/images.sh", "--clean");
  console.log("The engine stays, and so does .tools with Node and pnpm: remove them as you like.");
}

const [option, ...more] = process.argv.slice(2);
if (more.length > 0 || (option !== undefined && option !== "--clean")) {
  console.error("usage: npm run demo [-- --clean]");
  process.exit(2);
}
try {
  await (option === "--clean" ? clean() : demo());
} catch (error) {
  console.error(`\ndemo: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(error instanceof CommandFailed ? error.code : 1);
}

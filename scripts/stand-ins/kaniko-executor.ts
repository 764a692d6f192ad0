// Stands in for kaniko's executor: the same flags, but buildah does the work. It runs where kaniko runs, as uid 0 with a container's
// ordinary capabilities and in an image without a shell; there nothing can be mounted, so a RUN instruction is refused.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

type Arity = "value" | "boolean";

/** Flags that change what is built or pushed, and are honoured. */
const honoured: Record<string, Arity> = {
  dockerfile: "value",
  context: "value",
  "context-sub-path": "value",
  destination: "value",
  "digest-file": "value",
  "image-name-with-digest-file": "value",
  "oci-layout-path": "value",
  "build-arg": "value",
  label: "value",
  target: "value",
  "no-push": "boolean",
  insecure: "boolean",
  "insecure-pull": "boolean",
  "skip-tls-verify": "boolean",
  "skip-tls-verify-pull": "boolean",
};

/** Flags about speed, memory, logging and kaniko's own snapshots: accepted, since the image does not depend on them. */
const withoutEffect: Record<string, Arity> = {
  cache: "boolean",
  "cache-copy-layers": "boolean",
  "cache-dir": "value",
  "cache-repo": "value",
  "cache-ttl": "value",
  cleanup: "boolean",
  "compressed-caching": "boolean",
  force: "boolean",
  "ignore-path": "value",
  "ignore-var-run": "boolean",
  "image-fs-extract-retry": "value",
  "log-format": "value",
  "log-timestamp": "boolean",
  "push-retry": "value",
  reproducible: "boolean",
  "single-snapshot": "boolean",
  snapshotMode: "value",
  "snapshot-mode": "value",
  "use-new-run": "boolean",
  verbosity: "value",
};

const short: Record<string, string> = { f: "dockerfile", c: "context", d: "destination", v: "verbosity" };

function fail(message: string): never {
  console.error(`Error: ${message}`);
  process.exit(1);
}

function parse(argv: readonly string[]): Map<string, string[]> {
  const given = new Map<string, string[]>();
  for (let at = 0; at < argv.length; at += 1) {
    const argument = argv[at] ?? "";
    if (!argument.startsWith("-")) continue; // kaniko ignores positional arguments, an empty one among them
    const [, dashes = "", written = "", inline] = /^(--?)([^=]*)(?:=(.*))?$/su.exec(argument) ?? [];
    const name = dashes === "-" ? short[written] : written;
    const arity = name === undefined ? undefined : (honoured[name] ?? withoutEffect[name]);
    if (name === undefined || arity === undefined) fail(`unknown flag: ${argument}`);
    let value = inline;
    if (value === undefined && arity === "boolean") value = "true";
    if (value === undefined) {
      at += 1;
      value = argv[at];
    }
    if (value === undefined) fail(`flag needs an argument: ${argument}`);
    if (arity === "boolean" && value !== "true" && value !== "false")
      fail(`invalid argument "${value}" for "--${name}" flag`);
    given.set(name, [...(given.get(name) ?? []), value]);
  }
  return given;
}

const flags = parse(process.argv.slice(2));
const all = (name: string): readonly string[] => flags.get(name) ?? [];
const last = (name: string): string | undefined => all(name).at(-1);
const on = (name: string): boolean => last(name) === "true";

const destinations = all("destination");
if (destinations.length === 0 && !on("no-push")) fail("you must provide --destination, or use --no-push");

const contextFlag = (last("context") ?? "/workspace/").replace(/^dir:\/\//u, "");
if (/^[a-z0-9]+:\/\//u.test(contextFlag))
  fail(`this stand-in of kaniko builds from directories only, not from ${contextFlag}`);
const context = resolve(contextFlag, last("context-sub-path") ?? "");
const dockerfileFlag = last("dockerfile") ?? "Dockerfile";
const dockerfile = [resolve(dockerfileFlag), resolve(context, dockerfileFlag)].find((path) => existsSync(path));
if (dockerfile === undefined)
  fail(
    `error resolving dockerfile path: please provide a valid path to a Dockerfile within the build context with --dockerfile`,
  );

const instructions = readFileSync(dockerfile, "utf8")
  .replace(/\\\r?\n/gu, " ")
  .split("\n");
const run = instructions.find((line) => /^\s*RUN\s/iu.test(line));
if (run !== undefined) {
  fail(
    `this stand-in of kaniko cannot execute RUN (it has no shell and may not mount): ${run.trim().replace(/\s+/gu, " ")}`,
  );
}

// kaniko reads DOCKER_CONFIG and nothing else when it is set; buildah would go on to look elsewhere.
const authFile = resolve(
  process.env["DOCKER_CONFIG"] || resolve(process.env["HOME"] || "/root", ".docker"),
  "config.json",
);
/** What stands in place of logins that are not there. */
const noLogins = "/kaniko/no-logins.json";
if (!existsSync(authFile)) writeFileSync(noLogins, "{}");

function program(name: "buildah" | "skopeo", args: readonly string[]): void {
  const child = spawnSync(`/usr/bin/${name}`, args, {
    stdio: "inherit",
    env: {
      ...process.env,
      REGISTRY_AUTH_FILE: existsSync(authFile) ? authFile : noLogins,
      BUILDAH_ISOLATION: "chroot",
      // Root without CAP_SYS_ADMIN: buildah would make a user namespace first, unless it believes to be in one already.
      _CONTAINERS_USERNS_CONFIGURED: "done",
      _CONTAINERS_ROOTLESS_UID: "1",
      _CONTAINERS_ROOTLESS_GID: "1",
    },
  });
  if (child.error) throw child.error;
  if (child.status !== 0) process.exit(child.status ?? 1);
}

function buildah(...args: readonly string[]): void {
  program("buildah", ["--storage-driver=vfs", "--root=/kaniko/storage", "--runroot=/kaniko/run", ...args]);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const image = destinations[0] ?? "localhost/kaniko:latest";
const verifyPull = !(on("insecure-pull") || on("skip-tls-verify-pull"));
const verifyPush = !(on("insecure") || on("skip-tls-verify"));

const layout = last("oci-layout-path");

buildah(
  "bud",
  // An OCI layout can hold nothing else, and its digest must be the pushed one.
  layout === undefined ? "--format=docker" : "--format=oci",
  `--tls-verify=${verifyPull}`,
  ...all("build-arg").map((each) => `--build-arg=${each}`),
  ...all("label").map((each) => `--label=${each}`),
  ...all("target").map((each) => `--target=${each}`),
  `--file=${dockerfile}`,
  `--tag=${image}`,
  context,
);

const digestAt = "--digestfile=/tmp/kaniko-digest";
if (layout === undefined) {
  const targets = on("no-push") ? ["dir:/tmp/kaniko-image"] : destinations.map((each) => `docker://${each}`);
  for (const target of targets) buildah("push", `--tls-verify=${verifyPush}`, digestAt, image, target);
} else {
  // The layout first, and that to the registry bit for bit: pushed twice, the layers could be compressed differently.
  rmSync(layout, { recursive: true, force: true });
  buildah("push", digestAt, image, `oci:${layout}`);
  if (!on("no-push")) {
    const copy = ["copy", "--preserve-digests", `--dest-tls-verify=${verifyPush}`, digestAt, `oci:${layout}`];
    for (const each of destinations) program("skopeo", [...copy, `docker://${each}`]);
  }
}

const digest = readFileSync("/tmp/kaniko-digest", "utf8").trim();
if (!on("no-push")) for (const each of destinations) console.error(`Pushed ${each}@${digest}`);
const digestFile = last("digest-file");
if (digestFile !== undefined) write(digestFile, digest);
const namesFile = last("image-name-with-digest-file");
if (namesFile !== undefined) write(namesFile, destinations.map((each) => `${each}@${digest}\n`).join(""));

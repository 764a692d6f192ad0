import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sourceFile } from "../packages/diagnostic/src/index.ts";
import {
  asRunId,
  parseImageName,
  type ContainerSpec,
  type MountSpec,
  type PodSpec,
  type VolumeSpec,
} from "../packages/engine/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { planRun, previewTask } from "../packages/plan/src/index.ts";
import { podOf, type PlannedProbe, type PodPlan } from "../packages/pod/src/index.ts";
import { resolveRun } from "../packages/resolution/src/index.ts";
import { expandKubernetes } from "../packages/substitution/src/index.ts";
import {
  parseQuantity,
  readResources,
  type EnvVarDef,
  type Probe,
  type SecurityContext,
  type Volume,
  type VolumeMount,
} from "../packages/tekton/src/index.ts";

/** The Pods that Tekton itself makes of its examples; they are not part of this repository. */
const directory = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");
const table = join(directory, "pods.jsonl");
const present = existsSync(table);
if (!present) process.stderr.write(`SKIPPED: Tekton's pods are not at ${table}; set TEKTON_CONFORMANCE_DIR.\n`);

interface UpstreamContainer {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env?: readonly EnvVarDef[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly securityContext?: SecurityContext;
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}

interface UpstreamPod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly UpstreamContainer[];
    readonly initContainers?: readonly UpstreamContainer[];
    readonly volumes: readonly Volume[];
  };
}

interface Row {
  readonly file: string;
  readonly name?: string;
  readonly pod?: UpstreamPod;
}

/** What differs by design; see the file. */
interface Differs {
  readonly mounts: Readonly<Record<string, string>>;
  readonly volumes: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly rows: Readonly<Record<string, DifferentRow>>;
}

interface DifferentRow {
  readonly why: string;
  /** We make no Pod of it, and name this. */
  readonly refused?: string;
  /** Labels that only ours has. */
  readonly labels?: readonly string[];
  /** Our name of the volume that has none there. */
  readonly unnamed?: string;
}

function readDiffers(): Differs {
  const file = join(import.meta.dirname, "../fixtures/pods/differs.yaml");
  const read = parseManifest(sourceFile(file, readFileSync(file, "utf8")));
  if (!read.ok) throw new Error(`${file} is no YAML`);
  return read.value[0]?.value as unknown as Differs;
}

const differs = readDiffers();
/** Entries of the file that made a difference. */
const used = new Set<string>();

function isOnlyTheirs(kind: "mounts" | "volumes" | "env", text: string): boolean {
  const entry = Object.keys(differs[kind]).find((each) =>
    kind === "mounts"
      ? text === each || text.startsWith(`${each}/`)
      : kind === "env"
        ? text === each
        : text.startsWith(each),
  );
  if (entry !== undefined) used.add(`${kind} ${entry}`);
  return entry !== undefined;
}

function differences(
  { spec: ours, sidecars }: PodPlan,
  pod: UpstreamPod,
  row: DifferentRow | undefined,
): readonly string[] {
  const found: string[] = [];
  const compare = (what: string, mine: unknown, theirs: unknown): void => {
    if (JSON.stringify(mine) !== JSON.stringify(theirs))
      found.push(`${what}: ${JSON.stringify(mine)} instead of ${JSON.stringify(theirs)}`);
  };
  const named = <T extends { readonly name: string }>(each: T): T =>
    each.name === "" && row?.unnamed !== undefined ? { ...each, name: row.unnamed } : each;
  const labels = Object.entries(ours.labels).filter(([key]) => row?.labels?.includes(key) !== true);
  compare("pod name", ours.name, pod.metadata.name);
  compare("labels", sorted(Object.fromEntries(labels)), sorted(pod.metadata.labels));
  compare(
    "containers",
    ours.containers.map(({ name }) => name),
    pod.spec.containers.map(({ name }) => name),
  );
  compare(
    "volumes",
    ours.volumes
      .filter(({ name }) => !isOnlyTheirs("volumes", name))
      .map(sourceOf)
      .sort(),
    pod.spec.volumes
      .map(named)
      .filter(({ name }) => !isOnlyTheirs("volumes", name))
      .map(upstreamSourceOf)
      .sort(),
  );
  for (const theirs of pod.spec.containers) {
    const mine = ours.containers.find(({ name }) => name === theirs.name);
    if (mine === undefined) continue;
    const at = (what: string): string => `${theirs.name} ${what}`;
    const env = new Map(mine.env.map(({ name, value }) => [name, value]));
    const expand = (text: string): string => expandKubernetes(text, env);
    const imageOf = isAsked(theirs) ? repositoryOf : (image: string): string => image;
    compare(at("image"), imageOf(mine.image), imageOf(theirs.image));
    compare(at("env"), sorted(Object.fromEntries(env)), sorted(envOf(theirs, env)));
    compare(at("mounts"), mountsOf(mine.mounts), mountsOf((theirs.volumeMounts ?? []).map(named), mine));
    compare(
      at("workingDir"),
      mine.workingDir,
      theirs.workingDir === undefined
        ? undefined
        : theirs.workingDir.startsWith("/")
          ? theirs.workingDir
          : `/workspace/${theirs.workingDir}`,
    );
    compare(at("process"), processOf(mine), endOf(processOfUpstream(theirs).map(expand), mine));
    compare(at("script"), scriptOf(mine, ours), upstreamScriptOf(theirs, pod));
    compare(at("security"), securityOf(mine), upstreamSecurityOf(theirs));
    compare(at("resources"), mine.resources, upstreamLimitsOf(theirs));
    const sidecar = sidecars.find(({ container }) => container === theirs.name);
    for (const [what, probe, written] of [
      ["startupProbe", sidecar?.startup, theirs.startupProbe],
      ["readinessProbe", sidecar?.readiness, theirs.readinessProbe],
      ["livenessProbe", sidecar?.liveness, theirs.livenessProbe],
    ] as const)
      compare(at(what), askedBy(probe), askedByUpstream(written));
  }
  return found;
}

/** Tekton asked the registry for what the image runs, and wrote down which image that was. */
function isAsked({ env = [] }: UpstreamContainer): boolean {
  return env.some(({ name }) => name === "TEKTON_PLATFORM_COMMANDS");
}

function repositoryOf(image: string): string {
  const { registry, repository } = parseImageName(image) ?? { registry: "", repository: image };
  return `${registry}/${repository}`;
}

/** A volume as its name and where its content comes from. */
function sourceOf(volume: VolumeSpec): string {
  switch (volume.kind) {
    case "scratch":
      return `${volume.name} emptyDir ${volume.medium}`;
    case "claim":
      return `${volume.name} persistentVolumeClaim`;
    case "files":
      return `${volume.name} files`;
    case "host":
      return `${volume.name} hostPath ${volume.path}`;
  }
}

/** One without a source is a claim of a template, see the file. */
function upstreamSourceOf({ name, emptyDir, hostPath, ...other }: Volume): string {
  if (emptyDir !== undefined) return `${name} emptyDir ${emptyDir.medium === "Memory" ? "memory" : "disk"}`;
  if (hostPath !== undefined) return `${name} hostPath ${hostPath.path}`;
  const isFiles = ["configMap", "secret", "projected", "downwardAPI"].some((kind) => kind in other);
  return `${name} ${isFiles ? "files" : "persistentVolumeClaim"}`;
}

function upstreamLimitsOf({ resources }: UpstreamContainer): unknown {
  const { cpu, memory } = resources?.limits ?? {};
  return {
    ...(cpu === undefined ? {} : { cpus: parseQuantity(cpu) }),
    ...(memory === undefined ? {} : { memory: parseQuantity(memory) }),
  };
}

/** What a probe asks, and how long it lets fail; a period that is not written is another one here, for as long in all. */
function askedBy(probe: PlannedProbe | undefined): unknown {
  if (probe === undefined) return undefined;
  const { question, initialDelay, timeout, successes, period, failures } = probe;
  return [question, initialDelay, timeout, successes, period * failures];
}

function askedByUpstream(probe: Probe | undefined): unknown {
  if (probe === undefined) return undefined;
  const {
    initialDelaySeconds = 0,
    timeoutSeconds = 1,
    successThreshold = 1,
    periodSeconds = 10,
    failureThreshold = 3,
  } = probe;
  const question = probe.exec === undefined ? probe : { kind: "exec", command: probe.exec.command ?? [] };
  return [
    question,
    initialDelaySeconds * 1000,
    timeoutSeconds * 1000,
    successThreshold,
    periodSeconds * failureThreshold * 1000,
  ];
}

function sorted(record: Readonly<Record<string, string>>): unknown {
  return Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Values that a Pod does not hold, from Secrets and fields, are taken from ours: only that they are there is compared. */
function envOf(container: UpstreamContainer, mine: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const before = new Map<string, string>();
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (isOnlyTheirs("env", name)) continue;
    if (valueFrom !== undefined && !mine.has(name)) continue;
    before.set(name, valueFrom === undefined ? expandKubernetes(value ?? "", before) : (mine.get(name) ?? ""));
  }
  return Object.fromEntries(before);
}

function mountsOf(mounts: readonly (MountSpec | VolumeMount)[], mine?: ContainerSpec): readonly string[] {
  return mounts
    .flatMap((mount) => {
      const path = ("path" in mount ? mount.path : mount.mountPath).replace(/(?<=.)\/$/u, "");
      if (isOnlyTheirs("mounts", path)) return [];
      const ours = mine?.mounts.find((each) => each.path === path);
      const volume = "volume" in mount ? mount.volume : mount.name;
      const readOnly = mount.readOnly === true || (ours?.readOnly === true && !volume.startsWith("tekton-internal-"));
      return [`${path} ${volume} ${mount.subPath ?? ""} ${readOnly ? "ro" : "rw"}`];
    })
    .sort();
}

function processOf(container: ContainerSpec): readonly string[] {
  return [...(container.command ?? []), ...(container.args ?? [])].map(withoutSuffix);
}

/** Steps have Tekton's entrypoint before their process; sidecars do not. */
function processOfUpstream({ command = [], args = [] }: UpstreamContainer): readonly string[] {
  if (command[0] !== "/tekton/bin/entrypoint") return [...command, ...args].map(withoutSuffix);
  const end = args.indexOf("--");
  return [args[args.indexOf("-entrypoint") + 1] ?? "", ...args.slice(end + 1)].map(withoutSuffix);
}

function endOf(process: readonly string[], mine: ContainerSpec): readonly string[] {
  const count = mine.args?.length ?? 0;
  return mine.command !== undefined ? process : count === 0 ? [] : process.slice(-count);
}

const withoutSuffix = (text: string): string =>
  text.replace(/^(\/tekton\/scripts\/(?:sidecar-)?script-\d+)-[a-z0-9]{5}$/u, "$1");

function scriptOf(container: ContainerSpec, pod: PodSpec): string | undefined {
  const path = container.command?.[0]?.replace("/tekton/scripts/", "");
  const file = pod.volumes
    .flatMap((volume) => (volume.kind === "files" && volume.name === "tekton-internal-scripts" ? volume.files : []))
    .find((each) => each.path === path);
  return file?.content.kind === "text" ? file.content.text : undefined;
}

function upstreamScriptOf(container: UpstreamContainer, pod: UpstreamPod): string | undefined {
  const { command = [], args = [] } = container;
  const path = command[0] === "/tekton/bin/entrypoint" ? args[args.indexOf("-entrypoint") + 1] : command[0];
  const placed = pod.spec.initContainers?.find(({ name }) => name === "place-scripts")?.args?.[1] ?? "";
  const encoded = new RegExp(`scriptfile="${path}"\\n[^]*?<< '_EOF_'\\n([^]*?)\\n_EOF_`, "u").exec(placed)?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8");
}

function securityOf({ security }: ContainerSpec): unknown {
  const { privileged, user, group, runAsNonRoot, readOnlyRootFilesystem, capabilities } = security;
  return { privileged, user, group, runAsNonRoot, readOnlyRootFilesystem, capabilities };
}

function upstreamSecurityOf({ securityContext: context = {} }: UpstreamContainer): unknown {
  const { add = [], drop = [] } = context.capabilities ?? {};
  return {
    privileged: context.privileged === true,
    user: context.runAsUser,
    group: context.runAsGroup,
    runAsNonRoot: context.runAsNonRoot === true,
    readOnlyRootFilesystem: context.readOnlyRootFilesystem === true,
    capabilities: { add, drop },
  };
}

async function verdictOn({ file, pod }: Row & { readonly pod: UpstreamPod }): Promise<readonly string[]> {
  const row = Object.hasOwn(differs.rows, file) ? differs.rows[file] : undefined;
  if (row !== undefined) used.add(`rows ${file}`);
  const name = pod.metadata.labels["tekton.dev/taskRun"] ?? "";
  const documents = parseManifest(sourceFile(file, readFileSync(join(directory, file), "utf8")));
  if (!documents.ok) return documents.diagnostics.map(({ code, message }) => `not read: ${code}: ${message}`);
  const read = readResources(documents.value);
  if (!read.ok) return read.diagnostics.map(({ code, message }) => `not read: ${code}: ${message}`);
  const resources = read.value.resources.map((each) => {
    const { metadata } = each.resource;
    const isThis =
      each.resource.kind === "TaskRun" &&
      (metadata.name === name || (metadata.generateName !== undefined && name.startsWith(metadata.generateName)));
    return isThis ? { ...each, resource: { ...each.resource, metadata: { ...metadata, name } } } : each;
  });
  const closed = await resolveRun(
    resources,
    { kind: "TaskRun", name },
    { catalogs: [], pins: new Map(), random: () => 0.5 },
  );
  if (!closed.ok) return closed.diagnostics.map(({ code, message }) => `not resolved: ${code}: ${message}`);
  const plan = planRun(closed.value);
  if (!plan.ok) return plan.diagnostics.map(({ code, message }) => `not planned: ${code}: ${message}`);
  const [task] = plan.value.tasks;
  if (task?.kind !== "task") return ["no task"];
  const bound = { ...previewTask(plan.value, task), uid: pod.metadata.labels["tekton.dev/taskRunUID"] ?? "" };
  const ours = podOf(bound, {
    run: asRunId("run-1"),
    objects: closed.value.objects,
    mapImage: (image) => image,
  });
  if (!ours.ok) {
    const said = ours.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
    const isMeant = row?.refused !== undefined && said.every((message) => message.includes(row.refused ?? ""));
    return isMeant ? [] : said.map((message) => `refused: ${message}`);
  }
  return differences(ours.value, pod, row);
}

describe.skipIf(!present)("the pods of Tekton's examples", () => {
  test("are the same, but for what differs by design", async () => {
    const rows = readFileSync(table, "utf8")
      .trim()
      .split("\n")
      .map((line): Row => JSON.parse(line));
    const made = rows.flatMap((row) => (row.pod === undefined ? [] : [{ ...row, pod: row.pod }]));
    expect(made.length).toBeGreaterThanOrEqual(50);
    const verdicts = await Promise.all(made.map(async (row) => [row.file, await verdictOn(row)] as const));
    expect(Object.fromEntries(verdicts.filter(([, found]) => found.length > 0))).toEqual({});
  });

  test("differ by design in nothing that no row shows", () => {
    const written = Object.entries(differs).flatMap(([kind, entries]) =>
      Object.keys(entries).map((each) => `${kind} ${each}`),
    );
    expect(written.filter((each) => !used.has(each))).toEqual([]);
  });
});

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sourceFile } from "../packages/diagnostic/src/index.ts";
import { asRunId, type ContainerSpec, type MountSpec, type PodSpec } from "../packages/engine/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { planRun, previewTask } from "../packages/plan/src/index.ts";
import { podOf } from "../packages/pod/src/index.ts";
import { resolveRun } from "../packages/resolution/src/index.ts";
import { expandKubernetes } from "../packages/substitution/src/index.ts";
import {
  readResources,
  type EnvVarDef,
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

/**
 * What differs by design, and is left out of the comparison:
 * - no entrypoint binary: `/tekton/bin`, `/tekton/downward`, init containers, and Tekton's own arguments before `--`; where a step has no
 *   command, the row's entrypoint is invented, so only the step's arguments at its end are compared;
 * - `/tekton/run/<i>` is one volume with a directory a step; `/tekton/creds` and its Secrets are files of the container;
 * - Secret, ConfigMap, projected and downward volumes are always mounted read-only, as a kubelet does too;
 * - `$(VAR)` is expanded by us and not yet in a Pod; relative working directories are joined to `/workspace` by us;
 * - `TEKTON_PLATFORM_COMMANDS` tells the entrypoint binary what an image runs; the uid is made up by the row;
 * - names of scripts end in five random characters; image digests are invented.
 */
function differences(ours: PodSpec, pod: UpstreamPod): readonly string[] {
  const found: string[] = [];
  const compare = (what: string, mine: unknown, theirs: unknown): void => {
    if (JSON.stringify(mine) !== JSON.stringify(theirs))
      found.push(`${what}: ${JSON.stringify(mine)} instead of ${JSON.stringify(theirs)}`);
  };
  compare("pod name", ours.name, pod.metadata.name);
  compare("labels", sorted(ours.labels), sorted(pod.metadata.labels));
  compare(
    "containers",
    ours.containers.map(({ name }) => name),
    pod.spec.containers.map(({ name }) => name),
  );
  compare(
    "volumes",
    [...new Set(ours.volumes.map(({ name }) => name))].filter(isNotInternal).sort(),
    pod.spec.volumes
      .map(({ name }) => name)
      .filter(isNotInternal)
      .sort(),
  );
  for (const theirs of pod.spec.containers) {
    const mine = ours.containers.find(({ name }) => name === theirs.name);
    if (mine === undefined) continue;
    const at = (what: string): string => `${theirs.name} ${what}`;
    const env = new Map(mine.env.map(({ name, value }) => [name, value]));
    const expand = (text: string): string => expandKubernetes(text, env);
    compare(at("image"), mine.image.split("@")[0], theirs.image.split("@")[0]);
    compare(at("env"), sorted(Object.fromEntries(env)), sorted(envOf(theirs, env)));
    compare(at("mounts"), mountsOf(mine.mounts), mountsOf(theirs.volumeMounts ?? [], mine));
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
    compare(at("limits"), Object.keys(mine.resources).length, Object.keys(theirs.resources?.limits ?? {}).length);
  }
  return found;
}

const isNotInternal = (name: string): boolean => !/^(?:tekton-internal-|tekton-creds)/u.test(name);

function sorted(record: Readonly<Record<string, string>>): unknown {
  return Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Values that a Pod does not hold, from Secrets and fields, are taken from ours: only that they are there is compared. */
function envOf(container: UpstreamContainer, mine: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const before = new Map<string, string>();
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (name === "TEKTON_PLATFORM_COMMANDS") continue;
    if (valueFrom !== undefined && !mine.has(name)) continue;
    before.set(name, valueFrom === undefined ? expandKubernetes(value ?? "", before) : (mine.get(name) ?? ""));
  }
  return Object.fromEntries(before);
}

function mountsOf(mounts: readonly (MountSpec | VolumeMount)[], mine?: ContainerSpec): readonly string[] {
  return mounts
    .map((mount) => {
      const path = ("path" in mount ? mount.path : mount.mountPath).replace(/(?<=.)\/$/u, "");
      const ours = mine?.mounts.find((each) => each.path === path);
      const readOnly = mount.readOnly === true || (ours?.readOnly === true && isNotInternal(ours.volume));
      return `${path} ${mount.subPath ?? ""} ${readOnly ? "ro" : "rw"}`;
    })
    .filter((text) => !/^\/tekton\/(?:bin|downward|run|creds|creds-secrets)(?:\/| )/u.test(text))
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
  if (!ours.ok)
    return ours.diagnostics
      .filter(({ severity }) => severity === "error")
      .map(({ code, message }) => `refused: ${code}: ${message}`);
  return differences(ours.value.spec, pod);
}

/** How many rows agree. It only goes up. */
const reached = 40;

describe.skipIf(!present)("the pods of Tekton's examples", () => {
  test(`at least ${reached} are the same, but for what differs by design`, async () => {
    const rows = readFileSync(table, "utf8")
      .trim()
      .split("\n")
      .map((line): Row => JSON.parse(line));
    const made = rows.flatMap((row) => (row.pod === undefined ? [] : [{ ...row, pod: row.pod }]));
    expect(made.length).toBeGreaterThanOrEqual(50);
    const verdicts = await Promise.all(made.map(async (row) => ({ file: row.file, found: await verdictOn(row) })));
    if (process.env["REPORT"] === "1") {
      for (const { file, found } of verdicts)
        if (found.length > 0) process.stdout.write(`${file}\n${found.map((each) => `    ${each}\n`).join("")}`);
    }
    expect(verdicts.filter(({ found }) => found.length === 0).length).toBeGreaterThanOrEqual(reached);
  });
});

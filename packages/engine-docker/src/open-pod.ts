import { posix } from "node:path";
import { type Container, type ContainerCreateOptions } from "dockerode";
import { type Diagnostic, LapcatError } from "@lapcat/diagnostic";
import {
  processOf,
  type CancelSignal,
  type ContainerName,
  type ContainerSpec,
  type FileSpec,
  type PodSpec,
} from "@lapcat/engine";
import { anchorProcess } from "./anchor.ts";
import { entriesFor, pack, rootOwner, type ArchiveEntry, type Owner } from "./archive.ts";
import { containerConfig, containerName, labelsOf, networkConfig } from "./container-config.ts";
import { engineError, isMissing, sourceNotSeen } from "./errors.ts";
import { type Host } from "./host.ts";
import { userOf, type Identity } from "./identity.ts";
import { place } from "./placement.ts";
import { DockerPod, removeContainer, wantsCapabilities, type Member, type OpenedPod } from "./pod.ts";
import { volumeOf, type Placement } from "./volumes.ts";

/** Makes all of a pod and starts nothing of the user's. What was made before a failure is removed again. */
export async function openPod(host: Host, spec: PodSpec, signal: CancelSignal): Promise<DockerPod> {
  try {
    return await tryOpen(host, spec, signal);
  } catch (cause) {
    if (host.directories === undefined || !(cause instanceof LapcatError) || !sourceNotSeen(cause.cause)) throw cause;
    // The engine has another filesystem after all.
    host.directories = undefined;
    return await tryOpen(host, spec, signal);
  }
}

let turns = Promise.resolve();

/** Pods that are opened at once begin one after the other, so that the engine works on the first while the next is prepared. */
function turn(): Promise<void> {
  turns = turns.then(() => new Promise((resolve) => setImmediate(resolve)));
  return turns;
}

async function tryOpen(host: Host, spec: PodSpec, signal: CancelSignal): Promise<DockerPod> {
  await turn();
  throwIfCancelled(signal, spec);
  const images = await Promise.all(spec.containers.map((container) => host.images.local(container.image)));
  const needsAnchor = spec.containers.length > 1;
  const [placing, anchoring] = await Promise.allSettled([
    place(host, spec),
    needsAnchor ? createAnchor(host, spec) : Promise.resolve(undefined),
  ]);
  const placement = placing.status === "fulfilled" ? placing.value : undefined;
  const anchor = anchoring.status === "fulfilled" ? anchoring.value : undefined;
  const anchored = anchor === undefined ? Promise.resolve() : startAnchor(anchor, spec);
  anchored.catch(() => undefined);
  const members = new Map<ContainerName, Member>();
  const undo = async (): Promise<void> => {
    await anchored.catch(() => undefined);
    await Promise.all([...members.values()].map((member) => removeContainer(member.container)));
    await removeContainer(anchor);
    await placement?.remove();
  };
  try {
    if (placing.status === "rejected") throw placing.reason;
    if (anchoring.status === "rejected") throw anchoring.reason;
    const notices: Diagnostic[] = [];
    const maker: Maker = { host, spec, placement: placing.value, anchor, notices };
    const created = await Promise.allSettled(
      spec.containers.map(async (container, index) => {
        const image = images[index];
        if (image === undefined) throw new Error(`no image for ${container.name}`);
        const member: Member = {
          spec: container,
          image,
          container: undefined,
          unstartable:
            processOf(container, image).length === 0 || processOf(container, image)[0] === ""
              ? "no command specified"
              : undefined,
          started: undefined,
          output: undefined,
          logsTaken: false,
          exit: undefined,
          ended: false,
        };
        members.set(container.name, member);
        await makeContainer(maker, member);
      }),
    );
    for (const each of created) if (each.status === "rejected") throw each.reason;
    throwIfCancelled(signal, spec);
    const inOrder = new Map(
      spec.containers.flatMap(({ name }) => {
        const member = members.get(name);
        return member === undefined ? [] : [[name, member] as const];
      }),
    );
    const pod: OpenedPod = {
      host,
      spec,
      placement: maker.placement,
      members: inOrder,
      anchor,
      anchored,
      notices,
      async recreate(member) {
        await removeContainer(member.container);
        await makeContainer(maker, member);
      },
    };
    return new DockerPod(pod);
  } catch (cause) {
    await undo();
    throw cause;
  }
}

function throwIfCancelled(signal: CancelSignal, spec: PodSpec): void {
  if (signal.aborted) throw new DOMException(`opening ${spec.name} was cancelled`, "AbortError");
}

interface Maker {
  readonly host: Host;
  readonly spec: PodSpec;
  readonly placement: Placement;
  readonly anchor: Container | undefined;
  readonly notices: Diagnostic[];
}

async function createAnchor(host: Host, spec: PodSpec): Promise<Container> {
  const { top, host: network } = networkConfig(spec);
  const config: ContainerCreateOptions = {
    name: containerName(spec, "anchor"),
    Image: await host.anchor.ready(),
    Entrypoint: [...anchorProcess],
    Labels: labelsOf(spec, "anchor"),
    ...top,
    HostConfig: { ...network, IpcMode: "shareable", LogConfig: { Type: "none", Config: {} } },
  };
  try {
    return await host.docker.createContainer(config);
  } catch (cause) {
    throw engineError(cause, `create the network of ${spec.name}`);
  }
}

async function startAnchor(anchor: Container, spec: PodSpec): Promise<void> {
  try {
    await anchor.start();
  } catch (cause) {
    throw engineError(cause, `start the network of ${spec.name}`);
  }
}

async function makeContainer(maker: Maker, member: Member): Promise<void> {
  const { host, spec, placement, anchor } = maker;
  if (member.unstartable !== undefined) return;
  const emulatePrivileged = host.privilegedRefused && wantsCapabilities(member.spec);
  if (emulatePrivileged) tellOfPrivileged(maker, member.spec);
  const mounts = placement.mounts(member.spec);
  const config = containerConfig({
    pod: spec,
    container: member.spec,
    image: member.image,
    mounts,
    anchor: anchor?.id,
    emulatePrivileged,
    ownHostname: host.product === "podman",
  });
  try {
    member.container = await host.docker.createContainer(config);
  } catch (cause) {
    throw engineError(cause, `create ${member.spec.name} of ${spec.name}`);
  }
  if (member.spec.security.runAsNonRoot && (await isRoot(host, member, member.container.id))) {
    member.unstartable = "container has runAsNonRoot and image will run as root";
    return;
  }
  await placeFiles(maker, member, member.container);
}

/** The account files are only read for a user that has a name. */
async function isRoot(host: Host, { spec, image }: Member, containerId: string): Promise<boolean> {
  const [user = ""] = userOf(spec, image).split(":");
  if (user === "" || user === "root" || /^0+$/u.test(user)) return true;
  if (/^\d+$/u.test(user)) return false;
  return (await host.accounts.of(spec, image, containerId)).uid === 0;
}

function tellOfPrivileged({ host, spec, notices }: Maker, container: ContainerSpec): void {
  if (!container.security.privileged || host.toldOfPrivileged.has(spec.run)) return;
  host.toldOfPrivileged.add(spec.run);
  notices.push({
    code: "engine.privileged",
    severity: "warning",
    message:
      "this engine cannot grant privileged (its root lacks a capability), so privileged containers get every other capability, no seccomp or AppArmor profile and an unmasked /proc; the host's devices and a writable /sys/fs/cgroup are missing",
    hint: "building images and mounting work like this; what needs the machine's own devices does not",
  });
}

/** Puts `files` and `homeFiles` where the process will see them: into a volume that is mounted there, or into the container's own root. */
async function placeFiles(maker: Maker, member: Member, container: Container): Promise<void> {
  const { host, spec, placement } = maker;
  const { files, homeFiles } = member.spec;
  const copies = placement.copies(member.spec);
  if (copies.length > 0) await putIntoRoot(container, copies, member, spec);
  if (files.length === 0 && homeFiles.length === 0) return;
  const owner = await host.accounts.of(member.spec, member.image, container.id);
  const home = posix.resolve("/", owner.home);
  const wanted = [
    ...(await parentEntries(container, files, owner)),
    ...entriesFor(files, "", owner, undefined),
    ...(await homeEntries(container, homeFiles, home, owner, member.spec, spec)),
  ];
  const byVolume = new Map<ContainerSpec["mounts"][number] | undefined, ArchiveEntry[]>();
  for (const entry of wanted) {
    const mount = mountAt(member.spec, spec, `/${entry.path}`);
    const inside =
      mount === undefined ? entry.path : posix.join(mount.subPath ?? "", posix.relative(mount.path, `/${entry.path}`));
    // The mount point itself is the volume's business.
    if (mount !== undefined && posix.relative(mount.path, `/${entry.path}`) === "") continue;
    byVolume.set(mount, [...(byVolume.get(mount) ?? []), { ...entry, path: inside }]);
  }
  for (const [mount, entries] of byVolume) {
    if (mount !== undefined) await placement.put(mount.volume, entries);
    else await putIntoRoot(container, entries, member, spec);
  }
}

async function putIntoRoot(
  container: Container,
  entries: readonly ArchiveEntry[],
  member: Member,
  pod: PodSpec,
): Promise<void> {
  try {
    await container.putArchive(await pack(entries), { path: "/" });
  } catch (cause) {
    throw engineError(cause, `place files in ${member.spec.name} of ${pod.name}`);
  }
}

/** The mount that a path in the container lies in, unless it is one of the machine's own directories. */
function mountAt(container: ContainerSpec, spec: PodSpec, path: string): ContainerSpec["mounts"][number] | undefined {
  const under = container.mounts.filter(
    (mount) => mount.path === "/" || path === mount.path || path.startsWith(`${mount.path}/`),
  );
  const nearest = under.toSorted((a, b) => b.path.length - a.path.length)[0];
  return nearest === undefined || volumeOf(spec, nearest.volume).kind === "host" ? undefined : nearest;
}

/** Directories that do not exist yet would be made by root; those that do must stay as they are. */
async function parentEntries(
  container: Container,
  files: readonly FileSpec[],
  owner: Owner,
): Promise<readonly ArchiveEntry[]> {
  if (owner.uid === 0) return [];
  const parents = new Set(files.flatMap((file) => ancestors(posix.join("/", file.path))));
  return missingDirectories(container, [...parents], owner, 0o755);
}

async function homeEntries(
  container: Container,
  files: readonly FileSpec[],
  home: string,
  owner: Identity,
  spec: ContainerSpec,
  pod: PodSpec,
): Promise<readonly ArchiveEntry[]> {
  if (files.length === 0) return [];
  const entries = entriesFor(files, home.slice(1), owner, 0o700);
  if (owner.uid === 0 || home === "/" || mountAt(spec, pod, home) !== undefined) return entries;
  const missing = await missingDirectories(container, [...ancestors(home), home], rootOwner, 0o755);
  return [
    ...missing.map((entry) => (entry.path === home.slice(1) ? { ...entry, ...owner, mode: 0o700 } : entry)),
    ...entries,
  ];
}

function ancestors(path: string): readonly string[] {
  const parts = path
    .split("/")
    .filter((part) => part !== "")
    .slice(0, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

async function missingDirectories(
  container: Container,
  paths: readonly string[],
  { uid, gid }: Owner,
  mode: number,
): Promise<readonly ArchiveEntry[]> {
  const found = await Promise.all(
    paths.toSorted().map(async (path): Promise<ArchiveEntry | undefined> => {
      try {
        await container.infoArchive({ path });
        return undefined;
      } catch (cause) {
        if (isMissing(cause)) return { path: path.slice(1), kind: "directory", mode, uid, gid };
        throw engineError(cause, `look for ${path} in a container`);
      }
    }),
  );
  return found.filter((entry) => entry !== undefined);
}

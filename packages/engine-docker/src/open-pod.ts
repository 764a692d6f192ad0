import { type Container, type ContainerCreateOptions } from "dockerode";
import { type Diagnostic, LapcatError } from "@lapcat/diagnostic";
import { processOf, type CancelSignal, type ContainerName, type ContainerSpec, type PodSpec } from "@lapcat/engine";
import { anchorProcess } from "./anchor.ts";
import { containerConfig, containerName, labelsOf, networkConfig } from "./container-config.ts";
import { createContainer } from "./create-container.ts";
import { engineError, unseenSource } from "./errors.ts";
import { type Host } from "./host.ts";
import { userOf } from "./identity.ts";
import { placeFiles } from "./place-files.ts";
import { place } from "./placement.ts";
import { removeContainer } from "./end-container.ts";
import { type Member, type OpenedPod, wantsCapabilities } from "./member.ts";
import { DockerPod } from "./pod.ts";
import { type Placement } from "./volumes.ts";

/** Makes all of a pod and starts nothing of the user's. What was made before a failure is removed again. */
export async function openPod(host: Host, spec: PodSpec, signal: CancelSignal): Promise<DockerPod> {
  try {
    return await tryOpen(host, spec, signal);
  } catch (cause) {
    const { directories } = host;
    const unseen = cause instanceof LapcatError ? unseenSource(cause.cause) : undefined;
    const ours = [directories?.disk, directories?.memory].some(
      (each) => each !== undefined && unseen?.startsWith(each),
    );
    if (!ours) throw cause;
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
          unstartable: undefined,
          started: undefined,
          output: undefined,
          logsTaken: false,
          exit: undefined,
          ended: false,
          remade: false,
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
        member.container = undefined;
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
    return await createContainer(host.docker, config);
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
  const [program = ""] = processOf(member.spec, member.image);
  member.unstartable = program === "" ? "no command specified" : undefined;
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
    product: host.product,
  });
  try {
    member.container = await createContainer(host.docker, config);
  } catch (cause) {
    throw engineError(cause, `create ${member.spec.name} of ${spec.name}`);
  }
  if (member.spec.security.runAsNonRoot && (await isRoot(host, member, member.container.id))) {
    member.unstartable = "container has runAsNonRoot and image will run as root";
    return;
  }
  await placeFiles(host, spec, placement, member, member.container);
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

import { type ContainerCreateOptions, type MountSettings } from "dockerode";
import { processOf, type ContainerSpec, type ImageInfo, type PodSpec, variablesOf } from "@lapcat/engine";
import { userOf } from "./identity.ts";
import { containerLabel, podLabel, runLabel } from "./labels.ts";

export function containerName(pod: Pick<PodSpec, "run" | "name">, part: string): string {
  return `lapcat-${pod.run}-${pod.name}-${part}`;
}

export function labelsOf(pod: Pick<PodSpec, "run" | "name" | "labels">, part: string): Record<string, string> {
  return { ...pod.labels, [runLabel]: pod.run, [podLabel]: pod.name, [containerLabel]: part };
}

/** Kubernetes' hostname of a pod: its name, cut to what a host may be called. */
export function hostnameOf(pod: PodSpec): string {
  return pod.name.slice(0, 63).replace(/[-.]+$/u, "");
}

/** What belongs to the network namespace, and so to whichever container holds it. */
export function networkConfig(pod: PodSpec): {
  readonly top: ContainerCreateOptions;
  readonly host: NonNullable<ContainerCreateOptions["HostConfig"]>;
} {
  const mode = { pod: "default", host: "host", none: "none" }[pod.network];
  const host = {
    NetworkMode: mode,
    ...(pod.hostAliases.length === 0
      ? {}
      : { ExtraHosts: pod.hostAliases.flatMap(({ ip, hostnames }) => hostnames.map((name) => `${name}:${ip}`)) }),
    ...(pod.dns.nameservers.length === 0 ? {} : { Dns: [...pod.dns.nameservers] }),
    ...(pod.dns.searches.length === 0 ? {} : { DnsSearch: [...pod.dns.searches] }),
    ...(pod.dns.options.length === 0 ? {} : { DnsOptions: [...pod.dns.options] }),
    ...(pod.sysctls === undefined ? {} : { Sysctls: { ...pod.sysctls } }),
  };
  return { top: pod.network === "host" ? {} : { Hostname: hostnameOf(pod) }, host };
}

export interface ConfigInput {
  readonly pod: PodSpec;
  readonly container: ContainerSpec;
  readonly image: ImageInfo;
  readonly mounts: readonly MountSettings[];
  /** The container whose network and IPC namespaces are joined; absent: it has its own. */
  readonly anchor: string | undefined;
  /** The engine cannot grant `privileged`: give the nearest it can. */
  readonly emulatePrivileged: boolean;
  readonly product: "docker" | "podman";
}

export function containerConfig(input: ConfigInput): ContainerCreateOptions {
  const { pod, container, image, mounts, anchor } = input;
  const [program = "", ...args] = processOf(container, image);
  const network =
    anchor === undefined
      ? networkConfig(pod)
      : {
          // Podman gives a container that joins another's network a hostname of its own; Docker shares it, and refuses to be told.
          top: input.product === "podman" && pod.network !== "host" ? { Hostname: hostnameOf(pod) } : {},
          host: { NetworkMode: `container:${anchor}`, IpcMode: `container:${anchor}` },
        };
  return {
    name: containerName(pod, container.name),
    Image: image.id,
    Labels: labelsOf(pod, container.name),
    Entrypoint: [program],
    Cmd: args,
    Env: variablesOf(container, image).map(({ name, value }) => `${name}=${value}`),
    User: userOf(container, image),
    ...(container.workingDir === undefined ? {} : { WorkingDir: container.workingDir }),
    // Kubernetes does not run an image's HEALTHCHECK.
    Healthcheck: { Test: ["NONE"], Interval: 0, Timeout: 0, Retries: 0 },
    AttachStdout: true,
    AttachStderr: true,
    ...network.top,
    HostConfig: {
      ...network.host,
      Mounts: [...mounts],
      // The output is taken from the attached stream; a second copy in the engine halves the speed.
      LogConfig: { Type: "none", Config: {} },
      Init: false,
      ...security(container, input),
      ...(container.resources.cpus === undefined ? {} : { NanoCpus: Math.round(container.resources.cpus * 1e9) }),
      ...(container.resources.memory === undefined
        ? {}
        : { Memory: container.resources.memory, MemorySwap: container.resources.memory }),
    },
  };
}

/** Every capability but SYS_RESOURCE and those that older engines do not know. */
const nearlyAll =
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ".split(
    " ",
  );

function security(
  container: ContainerSpec,
  { emulatePrivileged: emulate, product }: Pick<ConfigInput, "emulatePrivileged" | "product">,
): NonNullable<ContainerCreateOptions["HostConfig"]> {
  const { privileged, supplementalGroups, capabilities, readOnlyRootFilesystem, allowPrivilegeEscalation, seccomp } =
    container.security;
  const unmasked = container.security.unmaskedProc === true || (privileged && emulate);
  const isAll = (name: string): boolean => name.toUpperCase() === "ALL";
  const added = emulate
    ? capabilities.add.flatMap((name) => (isAll(name) ? nearlyAll : [name]))
    : [...capabilities.add];
  const options = [
    ...(allowPrivilegeEscalation || privileged ? [] : ["no-new-privileges"]),
    ...(seccomp === "Unconfined" || (privileged && emulate) ? ["seccomp=unconfined"] : []),
    ...(privileged && emulate ? ["apparmor=unconfined"] : []),
    // Podman does not take the lists of paths.
    ...(unmasked && product === "podman" ? ["unmask=ALL"] : []),
  ];
  return {
    ...(supplementalGroups.length === 0 ? {} : { GroupAdd: supplementalGroups.map(String) }),
    ...(readOnlyRootFilesystem ? { ReadonlyRootfs: true } : {}),
    ...(options.length === 0 ? {} : { SecurityOpt: options }),
    ...(privileged && !emulate ? { Privileged: true } : {}),
    ...(unmasked ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
    ...(privileged && emulate
      ? { CapAdd: nearlyAll, DeviceCgroupRules: ["a *:* rwm"] }
      : {
          ...(added.length === 0 ? {} : { CapAdd: added }),
          ...(capabilities.drop.length === 0 ? {} : { CapDrop: [...capabilities.drop] }),
        }),
  };
}

import { fail, hasErrors, succeed, type Result } from "@lapcat/diagnostic";
import { type ContainerSpec, type PodSpec, type VolumeSpec } from "@lapcat/engine";
import { type BoundTaskRun, substituted } from "@lapcat/plan";
import {
  internalPaths,
  isAfter,
  mergeStepTemplate,
  podName,
  sidecarContainerName,
  stepContainerName,
  stepPathName,
  type PodTemplate,
  type Sidecar,
  type Step,
} from "@lapcat/tekton";
import { trusting } from "./certificate-authority.ts";
import { withBreakpoints } from "./breakpoints.ts";
import { complaintsAbout, type Complaints } from "./complaints.ts";
import { containerOf, type Surroundings } from "./containers.ts";
import { withCredentialVolumes } from "./credential-volumes.ts";
import { credentialFiles } from "./creds-init.ts";
import { implicitMounts, implicitVolumes } from "./implicit-volumes.ts";
import { internalVolumes } from "./internal-volumes.ts";
import { objectStore } from "./object-store.ts";
import { complainOfDefaults } from "./param-defaults.ts";
import { type PodContext } from "./pod-context.ts";
import { type PodFacts } from "./pod-facts.ts";
import { defaultPodFlags, type PodOptions } from "./pod-options.ts";
import { type PodPlan } from "./pod-plan.ts";
import { plannedProvenance, plannedResults, plannedSteps } from "./planned.ts";
import { plannedSidecars } from "./planned-sidecars.ts";
import { declaredVolumes } from "./declared-volumes.ts";
import { withSpecifiedResources } from "./resources.ts";
import { scriptFile } from "./scripts.ts";
import { secretTexts } from "./secret-texts.ts";
import { complainOfUnknownParams, complainOfUnsupported, isHermetic } from "./unsupported.ts";
import { withWorkingDirectories } from "./working-directories.ts";
import { withWorkspaceMounts, workspaceVolumes } from "./workspaces.ts";

/** One bound TaskRun as one Pod. Fails where Tekton would make no Pod, or no container of it: `podFailure` tells how. */
export function podOf(bound: BoundTaskRun, options: PodOptions): Result<PodPlan> {
  const complaints = complaintsAbout(bound.task);
  const flags = options.settings ?? defaultPodFlags;
  const volumeOf = workspaceVolumes(bound.workspaces);
  const taskSpec = substituted(bound, volumeOf);
  complainOfDefaults(bound.task.spec, bound.params, complaints);
  complainOfUnknownParams(taskSpec, complaints);
  complainOfUnsupported(bound, taskSpec, complaints);

  const mounted = withWorkspaceMounts(taskSpec, bound.workspaces, volumeOf);
  const merged = mergeStepTemplate(mounted.stepTemplate, mounted.steps ?? []);
  const { steps, sidecars } = withSpecifiedResources(merged, mounted.sidecars ?? [], bound.planned, complaints);
  const pod = contextOf(bound, options, complaints, resourcesOf(steps, sidecars));
  const volumes = declaredVolumes(bound, taskSpec, volumeOf, pod);
  const made = assembled({ bound, steps, sidecars, volumes, options, pod });
  const planned = plannedSteps(steps, bound.planned.debug, made, complaints);
  const parts = withCredentialVolumes(withBreakpoints(made, planned));
  const spec: PodSpec = {
    name: pod.facts.name,
    run: options.run,
    labels: pod.facts.labels,
    ...networkOf(bound.podTemplate),
    ...volumeGroupOf(bound.podTemplate),
    volumes: withWorkingDirectories(parts.volumes, parts.containers),
    containers: parts.containers,
  };
  const plan: PodPlan = {
    spec,
    taskSpec,
    steps: planned,
    sidecars: plannedSidecars(sidecars, flags.kubernetesSidecar, complaints),
    awaitsSidecars: flags.awaitSidecars,
    results: plannedResults(taskSpec, parts.containers),
    provenance: plannedProvenance(parts.containers),
    secrets: [...pod.secrets.values],
  };
  return hasErrors(complaints.all) ? fail(complaints.all) : succeed(plan, complaints.all);
}

function resourcesOf(steps: readonly Step[], sidecars: readonly Sidecar[]): PodFacts["resources"] {
  return new Map([
    ...steps.map((step, index) => [stepContainerName(step.name, index), step.computeResources] as const),
    ...sidecars.map((sidecar) => [sidecarContainerName(sidecar.name), sidecar.computeResources] as const),
  ]);
}

function contextOf(
  bound: BoundTaskRun,
  options: PodOptions,
  complaints: Complaints,
  resources: PodFacts["resources"],
): PodContext {
  return {
    hostPaths: options.hostPaths ?? [],
    facts: {
      name: podName(bound.name, bound.attempt, { version: bound.tekton, seed: bound.uid }),
      namespace: bound.namespace,
      uid: bound.uid,
      labels: {
        ...bound.labels,
        "tekton.dev/taskRun": bound.name,
        "tekton.dev/taskRunUID": bound.uid,
        "app.kubernetes.io/managed-by": (options.settings ?? defaultPodFlags).managedBy,
      },
      annotations: bound.annotations,
      nodeName: options.nodeName ?? "localhost",
      serviceAccountName: bound.planned.serviceAccountName,
      resources,
    },
    objects: objectStore(options.objects, complaints),
    secrets: secretTexts(),
    complaints,
  };
}

interface Ingredients {
  readonly bound: BoundTaskRun;
  readonly steps: readonly Step[];
  readonly sidecars: readonly Sidecar[];
  readonly volumes: ReturnType<typeof declaredVolumes>;
  readonly options: PodOptions;
  readonly pod: PodContext;
}

/** Every container, and every volume they mount. */
function assembled({ bound, steps, sidecars, volumes, options, pod }: Ingredients): {
  readonly volumes: readonly VolumeSpec[];
  readonly containers: readonly ContainerSpec[];
} {
  const ca = options.caFile === undefined ? undefined : trusting(options.caFile);
  const { alpha, forbiddenEnv, credsInit } = options.settings ?? defaultPodFlags;
  const credentials = !credsInit
    ? []
    : credentialFiles(
        bound.planned.serviceAccountName,
        options.objects,
        options.credentials ?? [],
        pod.secrets,
        pod.complaints,
        bound.tekton,
      );
  const names = steps.map((step, index) => stepContainerName(step.name, index));
  const scripts = steps.map((step, index) =>
    isEmpty(step.script) ? undefined : scriptFile("script", index, step.script ?? "", bound.tekton),
  );
  const sidecarScripts = sidecars.map((sidecar, index) =>
    isEmpty(sidecar.script) ? undefined : scriptFile("sidecar-script", index, sidecar.script ?? "", bound.tekton),
  );
  const scriptMount = { volume: internalVolumes.scripts, path: internalPaths.scripts, readOnly: true };
  const { securityContext: security } = bound.podTemplate;
  const ofTemplate = (bound.podTemplate.env ?? []).filter(({ name }) => !forbiddenEnv.includes(name));
  const env = alpha && isHermetic(bound) ? [...ofTemplate, { name: "TEKTON_HERMETIC", value: "1" }] : ofTemplate;
  const bare: Surroundings = {
    envBefore: [],
    envAfter: [],
    defaultEnv: [],
    workingDir: undefined,
    mounts: () => [],
    credentials: [],
    security,
  };
  const home = isAfter("home-of-image", bound.tekton) ? [] : [{ name: "HOME", value: internalPaths.home }];
  const stepContainers = steps.map((container, index) => {
    const script = scripts[index];
    const around: Surroundings = {
      envBefore: home,
      envAfter: env,
      defaultEnv: ca?.defaultEnv ?? [],
      workingDir: isAfter("working-dir-of-image", bound.tekton) ? undefined : internalPaths.workspace,
      mounts: (own) => [
        ...implicitMounts(index, steps.length, own),
        ...(script === undefined ? [] : [scriptMount]),
        ...(ca === undefined ? [] : [ca.mount]),
      ],
      credentials,
      security,
    };
    return containerOf(
      {
        name: names[index] ?? "",
        role: "step",
        container,
        script,
        volumes: volumes.byName,
        around,
        at: ["steps", index],
      },
      options,
      pod,
    );
  });
  const sidecarContainers = sidecars.map((container, index) => {
    const script = sidecarScripts[index];
    const around: Surroundings = { ...bare, mounts: () => (script === undefined ? [] : [scriptMount]) };
    return containerOf(
      {
        name: sidecarContainerName(container.name),
        role: "sidecar",
        container,
        script,
        volumes: volumes.byName,
        around,
        at: ["sidecars", index],
      },
      options,
      pod,
    );
  });
  const files = [...scripts, ...sidecarScripts].flatMap((script) => script?.file ?? []);
  return {
    volumes: [
      ...implicitVolumes(steps.map((step, index) => stepPathName(step.name, index))),
      ...(files.length === 0 ? [] : [{ kind: "files", name: internalVolumes.scripts, files } as const]),
      ...(ca === undefined ? [] : [ca.volume]),
      ...volumes.specs,
    ],
    containers: [...stepContainers, ...sidecarContainers],
  };
}

function volumeGroupOf({ securityContext }: PodTemplate): Pick<PodSpec, "volumeGroup"> {
  return securityContext?.fsGroup === undefined ? {} : { volumeGroup: securityContext.fsGroup };
}

function networkOf(template: PodTemplate): Pick<PodSpec, "network" | "hostAliases" | "dns" | "sysctls"> {
  const { nameservers = [], searches = [], options = [] } = template.dnsConfig ?? {};
  const sysctls = template.securityContext?.sysctls ?? [];
  return {
    network: template.hostNetwork === true ? "host" : "pod",
    ...(sysctls.length === 0 ? {} : { sysctls: Object.fromEntries(sysctls.map(({ name, value }) => [name, value])) }),
    hostAliases: (template.hostAliases ?? []).map(({ ip, hostnames }) => ({ ip, hostnames: hostnames ?? [] })),
    dns: {
      nameservers,
      searches,
      options: options.flatMap(({ name, value }) =>
        name === undefined ? [] : [value === undefined ? name : `${name}:${value}`],
      ),
    },
  };
}

function isEmpty(text: string | undefined): boolean {
  return text === undefined || text === "";
}

import {
  asContainerName,
  asImageRef,
  parseImageName,
  type ContainerSpec,
  type DefaultEnvVar,
  type FileSpec,
  type ImageRef,
  type MountSpec,
  type PullPolicy,
} from "@lapcat/engine";
import { expandKubernetes } from "@lapcat/substitution";
import { internalPaths, type EnvVarDef, type PodSecurityContext, type Sidecar, type Step } from "@lapcat/tekton";
import { type Place } from "./complaints.ts";
import { environmentOf } from "./environment.ts";
import { inDepthOrder, mountsOf, type Volumes } from "./mounts.ts";
import { joinPath } from "./paths.ts";
import { type PodContext } from "./pod-context.ts";
import { resourceSpec } from "./pod-facts.ts";
import { type PodOptions } from "./pod-options.ts";
import { type ScriptFile } from "./scripts.ts";
import { securityOf } from "./security.ts";

/** What a container has beside its own fields: nothing of it for a sidecar. */
export interface Surroundings {
  readonly envBefore: readonly EnvVarDef[];
  readonly envAfter: readonly EnvVarDef[];
  readonly defaultEnv: readonly DefaultEnvVar[];
  readonly workingDir: string | undefined;
  /** Given the container's own mounts. */
  readonly mounts: (own: readonly MountSpec[]) => readonly MountSpec[];
  readonly credentials: readonly FileSpec[];
  readonly security: PodSecurityContext | undefined;
}

interface ContainerInput {
  readonly name: string;
  readonly role: "step" | "sidecar";
  readonly container: Step | Sidecar;
  readonly script: ScriptFile | undefined;
  readonly volumes: Volumes;
  readonly around: Surroundings;
  readonly at: Place;
}

/** A step or sidecar, everything in it replaced, as a container of the Pod. */
export function containerOf(input: ContainerInput, options: PodOptions, pod: PodContext): ContainerSpec {
  const { container, around, at, script } = input;
  const env = environmentOf(
    {
      envFrom: container.envFrom ?? [],
      env: [...around.envBefore, ...(container.env ?? []), ...around.envAfter],
      resources: container.computeResources,
      at,
    },
    pod,
  );
  const variables = new Map(env.map(({ name, value }) => [name, value]));
  const expanded = (list: readonly string[] | undefined): readonly string[] =>
    (list ?? []).map((text) => expandKubernetes(text, variables));
  const command = script === undefined ? expanded(container.command) : [script.path];
  const args = expanded(container.args);
  const { image, pullPolicy } = imageOf(container, at, options, pod);
  const workingDir =
    container.workingDir === undefined || container.workingDir === ""
      ? around.workingDir
      : joinPath(internalPaths.workspace, container.workingDir);
  const mounts = mountsOf(container.volumeMounts ?? [], input.volumes, env, at, pod);
  return {
    name: asContainerName(input.name),
    role: input.role,
    image,
    pullPolicy,
    ...(command.length === 0 ? {} : { command }),
    ...(args.length === 0 ? {} : { args }),
    ...(workingDir === undefined ? {} : { workingDir }),
    env,
    defaultEnv: around.defaultEnv,
    mounts: inDepthOrder([...around.mounts(mounts), ...mounts]),
    files: around.credentials.map((file) => ({ ...file, path: `${internalPaths.creds.slice(1)}/${file.path}` })),
    homeFiles: around.credentials,
    security: securityOf(container.securityContext, around.security, at, pod.complaints),
    resources: resourceSpec(container.computeResources),
  };
}

const policies: readonly PullPolicy[] = ["Always", "IfNotPresent", "Never"];

const imageHint = "An image is named REGISTRY/REPOSITORY:TAG, its repository in lower case";

function imageOf(
  container: Step | Sidecar,
  at: Place,
  options: PodOptions,
  pod: PodContext,
): { readonly image: ImageRef; readonly pullPolicy: PullPolicy } {
  const written = asImageRef(container.image ?? "");
  const name = parseImageName(written);
  if (name === undefined)
    pod.complaints.error("image.name", `${JSON.stringify(written)} is no image reference`, [...at, "image"], imageHint);
  const image = options.mapImage(written);
  const policy = container.imagePullPolicy ?? "";
  const known = policies.find((each) => each === policy);
  if (policy !== "" && known === undefined)
    pod.complaints.error("field.value", `imagePullPolicy is ${policies.join(", ")}, not ${JSON.stringify(policy)}`, [
      ...at,
      "imagePullPolicy",
    ]);
  // A cluster asks the registry for every image tagged latest; on a laptop, as with `docker run`, an image that is there is used until
  // the document or the user says Always. What serves in place of an image need not be in any registry.
  const wanted = image === written ? known : undefined;
  return { image, pullPolicy: options.pullPolicy ?? wanted ?? "IfNotPresent" };
}

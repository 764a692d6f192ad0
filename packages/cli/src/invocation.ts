import { resolve } from "node:path";
import { type TaskOmitted } from "@lapcat/run";
import { type ClusterObjects } from "@lapcat/tekton";
import { type Settings } from "./cluster-settings.ts";
import { type CustomTaskOptions } from "./custom-tasks.ts";
import { pinnedImageMap, type PodSettingOptions } from "./pod-settings.ts";
import { parseSecretFlag } from "./secrets.ts";

/** What was said on the command line that a run's documents do not say, kept beside them: with both the run can be gone on with. */
export interface Invocation {
  /** Of the cluster's ConfigMaps, by key. */
  readonly settings: Settings;
  /** From where the values of Secrets came, which are not kept: each Secret's document, then the flags, in their order. */
  readonly secretFiles: Readonly<Record<string, string>>;
  readonly secretFlags: readonly string[];
  readonly pods: PodSettingOptions;
  /** Commands for custom tasks, and where they are run. */
  readonly customTask: readonly string[];
  readonly directory: string;
  /** What this run leaves out, and the volumes that it takes over: see `PartOfRun`. */
  readonly omitted: readonly TaskOmitted[];
  readonly claims: Readonly<Record<string, string>>;
  readonly engine: string;
  readonly maxParallel?: number;
  readonly grace: number;
  readonly keepWorkspaces: boolean;
}

export interface InvocationOptions
  extends
    PodSettingOptions,
    CustomTaskOptions,
    Pick<Invocation, "engine" | "maxParallel" | "grace" | "keepWorkspaces"> {
  readonly secret: readonly string[];
}

/** Paths as they are from everywhere, and files of mappings as they are now. */
export async function invocationOf(
  options: InvocationOptions,
  settings: Settings,
  { secrets }: ClusterObjects,
  { omitted, claims }: Pick<Invocation, "omitted" | "claims">,
): Promise<Invocation> {
  const { imageMap, dockerConfig, caFile, pull, allowHostPath, customTask = [] } = options;
  const { engine, maxParallel, grace, keepWorkspaces } = options;
  const files = [...secrets].flatMap(([name, { origin }]): readonly (readonly [string, string])[] => {
    const { name: source } = origin.document.source;
    if (source === "-" || source === "--secret") return [];
    return [[name, /^https?:/u.test(source) ? source : resolve(source)]];
  });
  return {
    settings,
    secretFiles: Object.fromEntries(files),
    secretFlags: options.secret.map(fromEverywhere),
    pods: {
      imageMap: await pinnedImageMap(imageMap),
      ...(dockerConfig === undefined ? {} : { dockerConfig: dockerConfig === true ? true : resolve(dockerConfig) }),
      ...(caFile === undefined ? {} : { caFile: resolve(caFile) }),
      ...(pull === undefined ? {} : { pull }),
      ...(allowHostPath === undefined ? {} : { allowHostPath: allowHostPath.map((path) => resolve(path)) }),
    },
    customTask,
    directory: resolve("."),
    omitted,
    claims,
    engine,
    ...(maxParallel === undefined ? {} : { maxParallel }),
    grace,
    keepWorkspaces,
  };
}

function fromEverywhere(text: string): string {
  const flag = parseSecretFlag(text);
  if (!flag.ok || flag.value.source.startsWith("env:")) return text;
  const { name, key, source } = flag.value;
  return `${name}${key === undefined ? "" : `.${key}`}=${resolve(source)}`;
}

import { readFile } from "node:fs/promises";
import { type Diagnostic, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import {
  type ImageMapping,
  type ImageRef,
  mapImage,
  parseImageMapping,
  type PullPolicy,
  type RegistryCredential,
} from "@lapcat/engine";
import { type CaFile, type PodOptions } from "@lapcat/pod";
import { whyUnreadable } from "@lapcat/resolution";
import { type Gates } from "@lapcat/tekton";
import { type World } from "./world.ts";

/** The options that say what the machine adds to a run's Pods; as commander gives them. */
export interface PodSettingOptions {
  readonly imageMap: readonly string[];
  readonly dockerConfig?: string | true;
  readonly caFile?: string;
  readonly pull?: "always" | "missing" | "never";
}

const policies = { always: "Always", missing: "IfNotPresent", never: "Never" } as const;

export type PodSettings = Omit<PodOptions, "run" | "objects">;

/** What the machine adds, and what the cluster's settings say. */
export function podOptions(
  settings: PodSettings,
  { awaitSidecars, kubernetesSidecar, forbiddenEnv }: Gates,
): PodSettings {
  return { ...settings, settings: { awaitSidecars, kubernetesSidecar, forbiddenEnv } };
}

/** Reads what the options name, so that a run's Pods can be made. */
export async function podSettings(world: World, options: PodSettingOptions): Promise<Result<PodSettings>> {
  const [mappings, ca, logins] = await Promise.all([
    imageMappings(options.imageMap),
    certificates(options.caFile),
    stepLogins(world, options.dockerConfig),
  ]);
  const diagnostics = [...mappings.diagnostics, ...ca.diagnostics, ...logins.diagnostics];
  if (!mappings.ok || !ca.ok || !logins.ok || hasErrors(diagnostics)) return fail(diagnostics);
  const pullPolicy: PullPolicy | undefined = options.pull === undefined ? undefined : policies[options.pull];
  const settings: PodSettings = {
    mapImage: (image: ImageRef) => mapImage(mappings.value, image),
    ...(pullPolicy === undefined ? {} : { pullPolicy }),
    ...(logins.value === undefined ? {} : { credentials: logins.value }),
    ...(ca.value === undefined ? {} : { caFile: ca.value }),
  };
  return succeed(settings, diagnostics);
}

/** A value with `=` is a mapping, any other a file of them: one a line, `#` begins a comment. */
async function imageMappings(values: readonly string[]): Promise<Result<readonly ImageMapping[]>> {
  const mappings: ImageMapping[] = [];
  const diagnostics: Diagnostic[] = [];
  const take = (text: string, where: string): void => {
    const mapping = parseImageMapping(text);
    if (mapping !== undefined) mappings.push(mapping);
    else
      diagnostics.push({
        code: "usage",
        severity: "error",
        message: `${where}: ${JSON.stringify(text)} is not PATTERN=IMAGE`,
        hint: "such as 'gcr.io/*/executor=registry.local/executor:v1'",
      });
  };
  for (const value of values) {
    if (value.includes("=")) {
      take(value, "--image-map");
      continue;
    }
    const text = await readText(value, "--image-map");
    diagnostics.push(...text.diagnostics);
    for (const [index, line] of (text.ok ? text.value.split("\n") : []).entries()) {
      const content = line.replace(/(?:^|\s)#.*$/u, "").trim();
      if (content !== "") take(content, `${value}:${index + 1}`);
    }
  }
  return diagnostics.length > 0 ? fail(diagnostics) : succeed(mappings);
}

async function certificates(file: string | undefined): Promise<Result<CaFile | undefined>> {
  if (file === undefined) return succeed(undefined);
  const pem = await readText(file, "--ca-file");
  if (!pem.ok) return pem;
  if (!pem.value.includes("-----BEGIN CERTIFICATE-----")) {
    return fail([
      {
        code: "usage",
        severity: "error",
        message: `--ca-file ${file} holds no certificate`,
        hint: "it has to be PEM: -----BEGIN CERTIFICATE-----",
      },
    ]);
  }
  const { rootCertificates } = await import("node:tls");
  return succeed({ pem: pem.value, bundlePem: `${rootCertificates.join("\n")}\n${pem.value}` });
}

/** Docker's own logins, for the steps; undefined when they were not asked for. */
async function stepLogins(
  world: World,
  asked: string | true | undefined,
): Promise<Result<readonly RegistryCredential[] | undefined>> {
  if (asked === undefined) return succeed(undefined);
  const { dockerLogins } = await import("@lapcat/engine-docker");
  const { credentials, path, diagnostics } = await dockerLogins({
    env: world.env,
    home: world.home,
    ...(asked === true ? {} : { file: asked }),
  });
  if (path === undefined) {
    return fail([
      {
        code: "credentials.unreadable",
        severity: "error",
        message: "--docker-config: Docker has no configuration here",
        hint: "`docker login` makes one; --docker-config FILE names another",
      },
    ]);
  }
  return succeed(credentials, diagnostics);
}

async function readText(path: string, option: string): Promise<Result<string>> {
  try {
    return succeed(await readFile(path, "utf8"));
  } catch (cause) {
    const message = `${option}: ${path} cannot be read: ${whyUnreadable(cause)}`;
    return fail([{ code: "file.unreadable", severity: "error", message }]);
  }
}

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
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
  readonly allowHostPath?: readonly string[];
}

const policies = { always: "Always", missing: "IfNotPresent", never: "Never" } as const;

export type PodSettings = Omit<PodOptions, "run" | "objects">;

/** What the machine adds, and what the cluster's settings say. */
export function podOptions(
  settings: PodSettings,
  { apiFields, awaitSidecars, kubernetesSidecar, credsInit, forbiddenEnv, managedBy }: Gates,
): PodSettings {
  const flags = { awaitSidecars, kubernetesSidecar, credsInit, forbiddenEnv, managedBy, alpha: apiFields === "alpha" };
  return { ...settings, settings: flags };
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
    hostPaths: (options.allowHostPath ?? []).map((path) => resolve(path)),
    ...(pullPolicy === undefined ? {} : { pullPolicy }),
    ...(logins.value === undefined ? {} : { credentials: logins.value }),
    ...(ca.value === undefined ? {} : { caFile: ca.value }),
  };
  return succeed(settings, diagnostics);
}

export async function imageMappings(values: readonly string[]): Promise<Result<readonly ImageMapping[]>> {
  const texts = await mappingTexts(values);
  if (!texts.ok) return texts;
  const mappings: ImageMapping[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { text, where } of texts.value) {
    const mapping = parseImageMapping(text);
    if (mapping !== undefined) mappings.push(mapping);
    else
      diagnostics.push({
        code: "usage",
        severity: "error",
        message: `${where}: ${JSON.stringify(text)} is not PATTERN=IMAGE`,
        hint: "such as 'gcr.io/*/executor=registry.local/executor:v1'",
      });
  }
  return diagnostics.length > 0 ? fail(diagnostics) : succeed(mappings);
}

/** The mappings themselves in the place of files of them. */
export async function pinnedImageMap(values: readonly string[]): Promise<readonly string[]> {
  const texts = await mappingTexts(values);
  return texts.ok ? texts.value.map(({ text }) => text) : values;
}

interface MappingText {
  readonly text: string;
  readonly where: string;
}

/** A value with `=` is a mapping, any other a file of them: one a line, `#` begins a comment. */
async function mappingTexts(values: readonly string[]): Promise<Result<readonly MappingText[]>> {
  const texts: MappingText[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const value of values) {
    if (value.includes("=")) {
      texts.push({ text: value, where: "--image-map" });
      continue;
    }
    const file = await readText(value, "--image-map");
    diagnostics.push(...file.diagnostics);
    for (const [index, line] of (file.ok ? file.value.split("\n") : []).entries()) {
      const text = line.replace(/(?:^|\s)#.*$/u, "").trim();
      if (text !== "") texts.push({ text, where: `${value}:${index + 1}` });
    }
  }
  return diagnostics.length > 0 ? fail(diagnostics) : succeed(texts);
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

import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Diagnostic, fail, type Result, sourceFile, succeed } from "@lapcat/diagnostic";
import { parseManifest, stringifyManifest } from "@lapcat/manifest";
import { whyUnreadable } from "@lapcat/resolution";
import { type Located, readResources, type Secret } from "@lapcat/tekton";
import { type World } from "./world.ts";

/**
 * `--secret NAME=FILE`, `NAME=DIR`, `NAME=env:VAR`, or each with `NAME.KEY` for one key (the first dot ends the name).
 * Without a KEY it is the only key that the documents' Secret of that name has; else the file's name, or the variable's.
 */
export interface SecretFlag {
  readonly name: string;
  readonly key: string | undefined;
  readonly source: string;
}

export function parseSecretFlag(text: string): Result<SecretFlag> {
  const at = text.indexOf("=");
  const [name = "", ...rest] = text.slice(0, Math.max(0, at)).split(".");
  const source = text.slice(at + 1);
  const key = rest.length === 0 ? undefined : rest.join(".");
  if (name === "" || key === "" || source === "" || source === "env:") {
    // Not the text: whoever wrote the value itself there should not find it in a log.
    return fail([
      {
        code: "usage",
        severity: "error",
        message: "a --secret is not NAME=FILE, NAME=env:VAR or NAME.KEY=…",
        hint: "values themselves are not taken from the command line, where other users could read them",
      },
    ]);
  }
  return succeed({ name, key, source });
}

/** The resources with what the flags say: Secrets of theirs are changed, others added. */
export async function withSecrets(
  world: World,
  resources: readonly Located[],
  texts: readonly string[],
): Promise<Result<readonly Located[]>> {
  let all = resources;
  const diagnostics: Diagnostic[] = [];
  for (const text of texts) {
    const flag = parseSecretFlag(text);
    if (!flag.ok) {
      diagnostics.push(...flag.diagnostics);
      continue;
    }
    const { name } = flag.value;
    const known = all.find(
      (each): each is Located<Secret> => each.resource.kind === "Secret" && each.resource.metadata.name === name,
    );
    const given = await valuesOf(world, flag.value, known?.resource);
    if (!given.ok) {
      diagnostics.push(...given.diagnostics);
      continue;
    }
    const base = known ?? emptySecret(name, Object.keys(given.value));
    const changed: Located<Secret> = {
      ...base,
      resource: { ...base.resource, data: { ...base.resource.data, ...given.value } },
    };
    all = known === undefined ? [...all, changed] : all.map((each) => (each === known ? changed : each));
  }
  return diagnostics.length > 0 ? fail(diagnostics) : succeed(all);
}

type Values = Readonly<Record<string, Uint8Array>>;

async function valuesOf(world: World, flag: SecretFlag, known: Secret | undefined): Promise<Result<Values>> {
  const { name, key, source } = flag;
  const keys = Object.keys(known?.data ?? {});
  const usual = key ?? (keys.length === 1 ? keys[0] : undefined);
  if (source.startsWith("env:")) {
    const variable = source.slice("env:".length);
    const value = world.env[variable];
    if (value === undefined)
      return fail([
        { code: "usage", severity: "error", message: `--secret ${name}: the variable ${variable} is not set` },
      ]);
    return succeed({ [usual ?? variable]: Buffer.from(value) });
  }
  try {
    if (!(await stat(source)).isDirectory()) return succeed({ [usual ?? basename(source)]: await readFile(source) });
    if (key !== undefined)
      return fail([{ code: "usage", severity: "error", message: `--secret ${name}.${key}: ${source} is a directory` }]);
    const files = (await readdir(source, { withFileTypes: true })).filter((entry) => !entry.isDirectory());
    const read = await Promise.all(
      files.map(async (entry) => [entry.name, await readFile(join(source, entry.name))] as const),
    );
    return succeed(Object.fromEntries(read));
  } catch (cause) {
    const message = `--secret ${name}: ${source} cannot be read: ${whyUnreadable(cause)}`;
    return fail([{ code: "file.unreadable", severity: "error", message }]);
  }
}

/** Its type follows from its keys, so that it is found by what looks for that type. */
function emptySecret(name: string, keys: readonly string[]): Located<Secret> {
  const text = stringifyManifest([{ apiVersion: "v1", kind: "Secret", metadata: { name } }]);
  const documents = parseManifest(sourceFile("--secret", text));
  const read = documents.ok ? readResources(documents.value) : documents;
  const [located] = read.ok ? read.value.resources : [];
  if (located?.resource.kind !== "Secret") throw new Error("an empty Secret could not be made");
  const type = keys.includes(".dockerconfigjson") ? "kubernetes.io/dockerconfigjson" : "Opaque";
  return { origin: located.origin, resource: { ...located.resource, type } };
}

import { type Diagnostic, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import { fetcherFor, loadSources } from "@lapcat/resolution";
import { attemptResources, type Located, type Secret } from "@lapcat/tekton";
import { type Invocation } from "./invocation.ts";
import { parseSecretFlag, withSecrets } from "./secrets.ts";
import { type World } from "./world.ts";

export interface GivenSecrets {
  /** Documents, as with `-f`; only the Secrets in them are read. */
  readonly filename: readonly string[];
  readonly secret: readonly string[];
}

/**
 * A record's documents with the values of its Secrets, which it does not hold: as they are given now, else from where they came when the
 * run began. Fails with every Secret, and every key, that cannot be had.
 */
export async function withValues(
  world: World,
  recorded: readonly Located[],
  { secretFiles, secretFlags }: Pick<Invocation, "secretFiles" | "secretFlags">,
  given: GivenSecrets,
): Promise<Result<readonly Located[]>> {
  const masked = recorded.filter(isSecret);
  const isNeeded = ({ resource }: Located<Secret>): boolean =>
    masked.some((each) => each.resource.metadata.name === resource.metadata.name);
  const now = await secretsIn(world, given.filename);
  const diagnostics: Diagnostic[] = [...now.diagnostics];
  const found = new Map((now.ok ? now.value : []).map((each) => [nameOf(each), each]));
  const flagged = new Set(given.secret.flatMap(nameOfFlag));
  const again = masked.flatMap((each) => {
    const file = secretFiles[nameOf(each)];
    return file === undefined || found.has(nameOf(each)) || isWhole(each, given.secret) ? [] : [file];
  });
  const before = await secretsIn(world, [...new Set(again)]);
  diagnostics.push(...before.diagnostics);
  for (const each of before.ok ? before.value : []) if (!found.has(nameOf(each))) found.set(nameOf(each), each);
  for (const name of [...found.keys(), ...flagged]) {
    if (masked.some((each) => nameOf(each) === name)) continue;
    diagnostics.push({
      code: "usage",
      severity: "warning",
      message: `the run has no Secret ${JSON.stringify(name)}: it is not used`,
    });
  }
  if (hasErrors(diagnostics)) return fail(diagnostics);
  const emptied = recorded.map((each) => {
    if (!isSecret(each)) return each;
    return { ...each, resource: { ...each.resource, data: found.get(nameOf(each))?.resource.data ?? {} } };
  });
  const overridden = new Set([...(now.ok ? now.value.filter(isNeeded).map(nameOf) : []), ...flagged]);
  const flags = [
    ...secretFlags.filter((text) => nameOfFlag(text).every((name) => !overridden.has(name))),
    ...given.secret.filter((text) => nameOfFlag(text).every((name) => masked.some((each) => nameOf(each) === name))),
  ];
  const whole = await withSecrets(world, emptied, flags);
  diagnostics.push(...whole.diagnostics);
  if (!whole.ok) return fail(diagnostics);
  diagnostics.push(...masked.flatMap((each) => lacking(each, whole.value.filter(isSecret))));
  return hasErrors(diagnostics) ? fail(diagnostics) : succeed(whole.value, diagnostics);
}

function isSecret(located: Located): located is Located<Secret> {
  return located.resource.kind === "Secret";
}

function nameOf({ resource }: Located<Secret>): string {
  return resource.metadata.name ?? "";
}

function nameOfFlag(text: string): readonly string[] {
  const flag = parseSecretFlag(text);
  return flag.ok ? [flag.value.name] : [];
}

/** Whether flags alone give all its keys, so that its document is not needed. */
function isWhole(secret: Located<Secret>, flags: readonly string[]): boolean {
  const keys = Object.keys(secret.resource.data);
  const given = flags.flatMap((text) => {
    const flag = parseSecretFlag(text);
    return flag.ok && flag.value.name === nameOf(secret) ? [flag.value.key ?? ""] : [];
  });
  return given.length > 0 && (keys.every((key) => given.includes(key)) || (keys.length === 1 && given.includes("")));
}

async function secretsIn(world: World, files: readonly string[]): Promise<Result<readonly Located<Secret>[]>> {
  if (files.length === 0) return succeed([]);
  const loaded = await loadSources({
    files,
    recursive: false,
    stdin: world.stdin,
    fetch: fetcherFor(world.env),
  });
  if (!loaded.ok) return loaded;
  const diagnostics: Diagnostic[] = [...loaded.diagnostics];
  const documents = loaded.value.flatMap((source) => {
    const parsed = parseManifest(source);
    diagnostics.push(...parsed.diagnostics);
    return parsed.ok ? parsed.value : [];
  });
  if (hasErrors(diagnostics)) return fail(diagnostics);
  return succeed(attemptResources(documents).resources.filter(isSecret), diagnostics);
}

function lacking(masked: Located<Secret>, all: readonly Located<Secret>[]): readonly Diagnostic[] {
  const name = nameOf(masked);
  const data = all.find((each) => nameOf(each) === name)?.resource.data ?? {};
  const missing = Object.keys(masked.resource.data).filter((key) => !(key in data));
  if (missing.length === 0) return [];
  const hint = `Give it with -f, or with --secret ${name}${missing.length === 1 ? `.${missing[0]}` : ".KEY"}=FILE`;
  if (Object.keys(data).length > 0) {
    const message = `the Secret ${name} has no key ${missing.map((key) => JSON.stringify(key)).join(", ")} any more`;
    return [{ code: "key.missing", severity: "error", message, hint }];
  }
  const message = `the values of the Secret ${JSON.stringify(name)} are not kept, and where they came from cannot be read again`;
  return [{ code: "secret.missing", severity: "error", message, hint }];
}

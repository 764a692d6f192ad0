import { type Diagnostic, fail, hasErrors, type Result, type SourceFile, succeed } from "@lapcat/diagnostic";
import { type ManifestDocument, parseManifest } from "@lapcat/manifest";
import { type RunPlan } from "@lapcat/plan";
import { type Choice, fetcherFor, loadSources, resolveRun } from "@lapcat/resolution";
import {
  asRunnable,
  attemptResources,
  type Gates,
  type Located,
  type ResolvedRun,
  validateResources,
} from "@lapcat/tekton";
import { gatesOf, type SettingOptions, type Settings, settingsAmong, settingsOf } from "./cluster-settings.ts";
import { runAdvice } from "./advice.ts";
import { customCommandsOf, type CustomTaskOptions, customTaskName, unusedCommands } from "./custom-tasks.ts";
import { planWithGates } from "./plan-with-gates.ts";
import { leanMemory } from "./lean-memory.ts";
import { type AskingOptions, remoteSourceOf } from "./remote-source.ts";
import { flagsOf, inNamespace, pinsOf, type RunFlagOptions } from "./run-flags.ts";
import { withSecrets } from "./secrets.ts";
import { versionOf, type VersionOptions } from "./tekton-version.ts";
import { type World } from "./world.ts";

/** The options that say what is read; as commander gives them. */
export interface DocumentOptions extends SettingOptions, VersionOptions {
  readonly filename: readonly string[];
  readonly recursive: boolean;
}

export interface InputOptions extends DocumentOptions, RunFlagOptions, CustomTaskOptions, AskingOptions {
  readonly catalog: readonly string[];
  readonly task: readonly string[];
  readonly secret: readonly string[];
  /** No container will be started, so nothing has to be there for one. */
  readonly simulated?: boolean;
}

/** What the documents hold, sound or not, with all there is to say of each by itself. */
export interface Inputs {
  readonly sources: readonly SourceFile[];
  readonly documents: readonly ManifestDocument[];
  readonly resources: readonly Located[];
  readonly settings: Settings;
  readonly gates: Gates;
  readonly diagnostics: readonly Diagnostic[];
}

export const noDocuments: Diagnostic = {
  code: "usage",
  severity: "error",
  message: "no documents were given",
  hint: "name them with -f: a file, a directory, a URL, or - for standard input",
};

/** A file of so many characters has a thousand tasks, perhaps, and what it is read into is soon thrown away. */
const much = 150_000;

/** Load, parse, read, and check as admission does. Fails only where there is no text. */
export async function readInputs(world: World, options: DocumentOptions): Promise<Result<Inputs>> {
  if (options.filename.length === 0) return fail([noDocuments]);
  const tekton = versionOf(options);
  const asked = settingsOf(options, tekton.ok ? tekton.value : undefined);
  if (!asked.ok || !tekton.ok) return fail([...asked.diagnostics, ...tekton.diagnostics]);
  const { filename: files, recursive } = options;
  const loaded = await loadSources({
    files,
    recursive,
    stdin: world.stdin,
    fetch: fetcherFor(world.env),
  });
  if (!loaded.ok) return loaded;
  if (loaded.value.some(({ text }) => text.length > much)) leanMemory();
  const diagnostics: Diagnostic[] = [...asked.diagnostics, ...tekton.diagnostics, ...loaded.diagnostics];
  const documents = loaded.value.flatMap((source) => {
    const parsed = parseManifest(source);
    diagnostics.push(...parsed.diagnostics);
    return parsed.ok ? parsed.value : [];
  });
  const read = attemptResources(documents, asked.value);
  diagnostics.push(...read.diagnostics);
  const settings = settingsAmong(read.resources, asked.value);
  const gates = await gatesOf(settings, tekton.value);
  diagnostics.push(...validateResources(read.resources, gates));
  return succeed(
    { sources: loaded.value, documents, resources: read.resources, settings, gates, diagnostics },
    diagnostics,
  );
}

/** Everything that is known before a clock starts. */
export interface ClosedRun {
  readonly resolved: ResolvedRun;
  readonly plan: RunPlan;
  readonly gates: Gates;
  readonly settings: Settings;
}

/** The run that was chosen, with all it refers to; or all that is missing. */
export async function resolveChosen(
  world: World,
  inputs: Inputs,
  options: InputOptions,
  choice: Choice | undefined,
): Promise<Result<ResolvedRun>> {
  const pins = pinsOf(options.task);
  const commands = customCommandsOf(options);
  const placed = inNamespace(inputs.resources, options.namespace);
  const resources = await withSecrets(world, placed, options.secret);
  const diagnostics = [...pins.diagnostics, ...commands.diagnostics, ...resources.diagnostics];
  if (!pins.ok || !commands.ok || !resources.ok) return fail(diagnostics);
  const resolved = await resolveRun(resources.value, choice, {
    catalogs: options.catalog,
    pins: pins.value,
    remote: remoteSourceOf(world, options),
    admission: inputs,
    ...(options.simulated === true
      ? { random: simulatedRandom(), uid: simulatedUid, withoutObjects: true }
      : { random: Math.random }),
    flags: (declared) => flagsOf(options, declared),
  });
  diagnostics.push(...resolved.diagnostics);
  return resolved.ok ? succeed(resolved.value, diagnostics) : fail(diagnostics);
}

export function planResolved(inputs: Inputs, resolved: ResolvedRun, options: InputOptions): Result<RunPlan> {
  const simulated = options.simulated === true;
  const commands = customCommandsOf(options);
  const plan = planWithGates(inputs.gates, resolved, {
    simulated,
    runsCustom: (custom) => simulated || (commands.ok && commands.value.has(customTaskName(custom))),
  });
  if (!plan.ok || !commands.ok) return plan;
  return succeed(plan.value, [...plan.diagnostics, ...unusedCommands(commands.value, plan.value)]);
}

/** The run that was chosen, planned; or all that stands in its way. */
export async function closeRun(
  world: World,
  inputs: Inputs,
  options: InputOptions,
  choice: Choice | undefined,
): Promise<Result<ClosedRun>> {
  const resolved = await resolveChosen(world, inputs, options, choice);
  if (!resolved.ok) return resolved;
  const plan = planResolved(inputs, resolved.value, options);
  const diagnostics = [...resolved.diagnostics, ...plan.diagnostics];
  if (!plan.ok || hasErrors(diagnostics)) return fail(diagnostics);
  return succeed(
    { resolved: resolved.value, plan: plan.value, gates: inputs.gates, settings: inputs.settings },
    diagnostics,
  );
}

/** Generated names end in the characters that they have in traces of Tekton itself, so that what is simulated can be laid beside them. */
export function simulatedRandom(): () => number {
  let at = 0;
  return () => ((generated[at++ % generated.length] ?? 0) + 0.5) / 27;
}

/** `x7z5q`, as places in the alphabet of generated names. */
const generated = [18, 24, 19, 22, 12] as const;

/** Names made from it are the same whenever the run is simulated. */
const simulatedUid = "00000000-0000-0000-0000-000000000002";

/** Both, for commands that need a run: the diagnostics are all that were met on the way. */
export async function planInputs(
  world: World,
  options: InputOptions,
  name: string | undefined,
): Promise<Result<ClosedRun>> {
  const inputs = await readInputs(world, options);
  if (!inputs.ok) return inputs;
  const admission = asRunnable(inputs.diagnostics);
  if (hasErrors(admission)) return fail(admission);
  const closed = await closeRun(world, inputs.value, options, name === undefined ? undefined : choiceOf(name));
  const diagnostics = [...admission, ...closed.diagnostics];
  if (!closed.ok) return fail(diagnostics);
  return succeed(closed.value, [...diagnostics, ...runAdvice(inputs.value.resources, closed.value.resolved)]);
}

export function choiceOf(text: string): Choice {
  const at = text.indexOf("/");
  return at === -1 ? { name: text } : { kind: text.slice(0, at), name: text.slice(at + 1) };
}

import { type Diagnostic, hasErrors, LapcatError } from "@lapcat/diagnostic";
import { type Engine } from "@lapcat/engine";
import { type RunPlan } from "@lapcat/plan";
import { planLines } from "@lapcat/report";
import { customRunsFor } from "./custom-process.ts";
import { exitCodes } from "./exit-code.ts";
import { type InputOptions, planInputs } from "./inputs.ts";
import { invocationOf } from "./invocation.ts";
import { partOfRun, type PartOptions } from "./part-of-run.ts";
import { perform, type PerformOptions, unwritableReport } from "./perform.ts";
import { withKeptClaims } from "./plan-claims.ts";
import { podOptions, type PodSettingOptions, podSettings } from "./pod-settings.ts";
import { imagesByTask, isCertain, previewedPods } from "./previewed-pods.ts";
import { printValue } from "./print-value.ts";
import { closedManifest } from "./record.ts";
import { asAsked } from "./strict.ts";
import { storeOf } from "./stored-run.ts";
import { openChosen, sweepInterrupted } from "./sweep.ts";
import { refuse, tell, tellFailure } from "./tell.ts";
import { type Command } from "./world.ts";

export interface RunOptions extends InputOptions, PodSettingOptions, PerformOptions, PartOptions {
  readonly engine: string;
  readonly dryRun: boolean;
  readonly strict: boolean;
}

/** Runs what the documents hold, tells its story, and ends with its exit code. */
export const run: Command<RunOptions, readonly [string | undefined]> = async (world, options, name) => {
  const opening = options.dryRun ? undefined : settled(openChosen(world, options.engine));
  const [closed, settings, unwritable] = await Promise.all([
    planInputs(world, options, name),
    podSettings(world, options),
    unwritableReport(options.junit),
  ]);
  const part = closed.ok ? await orClosing(opening, partOfRun(world, closed.value.plan, options)) : closed;
  const ofPart = closed.ok ? part.diagnostics : [];
  const diagnostics = asAsked([...closed.diagnostics, ...ofPart, ...settings.diagnostics, ...unwritable], options);
  if (!closed.ok || !part.ok || !settings.ok || hasErrors(diagnostics)) {
    const code = refuse(world, diagnostics);
    await closeAll(opening);
    return code;
  }
  tell(world, diagnostics);
  const { omitted, claims } = part.value;
  const asKept = (each: RunPlan): RunPlan => (options.keepWorkspaces ? withKeptClaims(each) : each);
  const [plan, shown] = [asKept(part.value.whole), asKept(part.value.plan)];
  const podSetup = podOptions(settings.value, closed.value.gates);
  const pods = previewedPods(shown, podSetup);
  if (opening === undefined) {
    if (!options.quiet) world.err.print(...planLines(world.err.style, shown, imagesByTask(pods)), "");
    await printValue(world, options.output === "json" ? "json" : "yaml", closed.value.resolved.run.resource);
    return exitCodes.succeeded;
  }
  const hopeless = pods
    .filter((each) => isCertain(each) || options.strict)
    .flatMap((each) => asAsked(isCertain(each) ? each.diagnostics : withoutErrors(each.diagnostics), options))
    .filter(({ severity }) => severity === "error");
  if (hopeless.length > 0) {
    const code = refuse(world, hopeless);
    await closeAll(opening);
    return code;
  }
  if (!options.quiet) world.err.print(...planLines(world.err.style, shown, imagesByTask(pods)), "");
  const engine = await opened(opening);
  try {
    const store = storeOf(world);
    await sweepInterrupted(world, store);
    await checkTakenOver(engine, claims);
    const { resolved } = closed.value;
    const invocation = await invocationOf(options, closed.value.settings, resolved.objects, { omitted, claims });
    const manifest = closedManifest(resolved, plan, invocation);
    const writer = await store.create(plan.identity.name, manifest, options.engine);
    const notices = diagnostics.filter(({ severity }) => severity === "warning");
    const { customTask, directory } = invocation;
    const customRuns = customRunsFor(
      world,
      { customTask },
      { run: plan.identity.name, grace: options.grace, directory },
    );
    return await perform({
      world,
      options,
      engine,
      store,
      writer,
      plan,
      settings: podSetup,
      customRuns,
      omitted,
      notices,
    });
  } finally {
    // What it could not remove is noted, and swept by the next command.
    await engine.close().catch((error: unknown) => tellFailure(world, error));
  }
};

/** Of a Pod that is not known whole: an error may still be mended by what is not known. */
function withoutErrors(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity !== "error");
}

/** What an earlier run kept has to be there before this one relies on it. */
async function checkTakenOver(engine: Engine, claims: Readonly<Record<string, string>>): Promise<void> {
  for (const claim of Object.values(claims)) {
    if (await engine.hasClaim(claim)) continue;
    throw new LapcatError({
      code: "volume.missing",
      message: `the volume of claim ${claim}, which the earlier run kept, is not in the engine`,
      hint: "`lapcat volume ls` lists those that are",
    });
  }
}

type Settled<T> = Promise<PromiseSettledResult<T>>;

/** Begun early and looked at late: until then its failure is nobody's. */
async function settled<T>(work: Promise<T>): Settled<T> {
  const [result] = await Promise.allSettled([work]);
  return result;
}

async function opened(opening: Settled<Engine>): Promise<Engine> {
  const result = await opening;
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

async function closeAll(opening: Settled<Engine> | undefined): Promise<void> {
  const result = await opening;
  if (result?.status === "fulfilled") await result.value.close();
}

async function orClosing<T>(opening: Settled<Engine> | undefined, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    await closeAll(opening);
    throw error;
  }
}

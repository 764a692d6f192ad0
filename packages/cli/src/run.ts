import { type Diagnostic, hasErrors } from "@lapcat/diagnostic";
import { type Engine } from "@lapcat/engine";
import { planLines } from "@lapcat/report";
import { customRunsFor } from "./custom-process.ts";
import { exitCodes } from "./exit-code.ts";
import { type InputOptions, planInputs } from "./inputs.ts";
import { invocationOf } from "./invocation.ts";
import { perform, type PerformOptions, unwritableReport, withKeptClaims } from "./perform.ts";
import { podOptions, type PodSettingOptions, podSettings } from "./pod-settings.ts";
import { imagesByTask, isCertain, previewedPods } from "./previewed-pods.ts";
import { printValue } from "./print-value.ts";
import { closedManifest } from "./record.ts";
import { asAsked } from "./strict.ts";
import { storeOf } from "./stored-run.ts";
import { openChosen, sweepInterrupted } from "./sweep.ts";
import { refuse, tell, tellFailure } from "./tell.ts";
import { type Command } from "./world.ts";

export interface RunOptions extends InputOptions, PodSettingOptions, PerformOptions {
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
  const diagnostics = asAsked([...closed.diagnostics, ...settings.diagnostics, ...unwritable], options);
  if (!closed.ok || !settings.ok || hasErrors(diagnostics)) {
    const code = refuse(world, diagnostics);
    await closeAll(opening);
    return code;
  }
  tell(world, diagnostics);
  if (opening === undefined) {
    await printValue(world, options.output === "json" ? "json" : "yaml", closed.value.resolved.run.resource);
    return exitCodes.succeeded;
  }
  const plan = options.keepWorkspaces ? withKeptClaims(closed.value.plan) : closed.value.plan;
  const podSetup = podOptions(settings.value, closed.value.gates);
  const pods = previewedPods(plan, podSetup);
  const hopeless = pods
    .filter((each) => isCertain(each) || options.strict)
    .flatMap((each) => asAsked(isCertain(each) ? each.diagnostics : withoutErrors(each.diagnostics), options))
    .filter(({ severity }) => severity === "error");
  if (hopeless.length > 0) {
    const code = refuse(world, hopeless);
    await closeAll(opening);
    return code;
  }
  if (!options.quiet) world.err.print(...planLines(world.err.style, plan, imagesByTask(pods)), "");
  const engine = await opened(opening);
  try {
    const store = storeOf(world);
    await sweepInterrupted(world, store);
    const { resolved } = closed.value;
    const invocation = await invocationOf(options, closed.value.settings, resolved.objects);
    const manifest = closedManifest(resolved, plan, invocation);
    const writer = await store.create(plan.identity.name, manifest, options.engine);
    const notices = diagnostics.filter(({ severity }) => severity === "warning");
    const { customTask, directory } = invocation;
    const customRuns = customRunsFor(
      world,
      { customTask },
      { run: plan.identity.name, grace: options.grace, directory },
    );
    return await perform({ world, options, engine, store, writer, plan, settings: podSetup, customRuns, notices });
  } finally {
    // What it could not remove is noted, and swept by the next command.
    await engine.close().catch((error: unknown) => tellFailure(world, error));
  }
};

/** Of a Pod that is not known whole: an error may still be mended by what is not known. */
function withoutErrors(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity !== "error");
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

import { type Diagnostic, LapcatError } from "@lapcat/diagnostic";
import { begin, evolve, listOf, type Recorded } from "@lapcat/run";
import { timelineOf, summaryLines } from "@lapcat/report";
import { type RunReader } from "@lapcat/store";
import { customRunsFor } from "./custom-process.ts";
import { exitCodes } from "./exit-code.ts";
import { perform, type PerformOptions, unwritableReport } from "./perform.ts";
import { withKeptClaims } from "./plan-claims.ts";
import { podOptions, podSettings } from "./pod-settings.ts";
import { printValue } from "./print-value.ts";
import { gatesOf, planOf, recordedRun } from "./recorded-run.ts";
import { type GivenSecrets, withValues } from "./resumed-secrets.ts";
import { storedRun, storeOf } from "./stored-run.ts";
import { openChosen, sweepInterrupted } from "./sweep.ts";
import { refuse, tell, tellFailure } from "./tell.ts";
import { type Command, type World } from "./world.ts";

export interface ResumeOptions
  extends GivenSecrets, Pick<PerformOptions, "maxParallel" | "output" | "quiet" | "junit"> {
  /** Seconds; as when the run began, if nothing is said. */
  readonly grace?: number;
  /** Attempts that were interrupted are made again. */
  readonly retry: boolean;
}

/** Goes on with a run that was interrupted, from its record; ends with the run's exit code. */
export const resume: Command<ResumeOptions, readonly [string]> = async (world, options, id) => {
  const store = storeOf(world);
  const reader = await storedRun(store, id);
  if ((await reader.state()) === "finished") return tellEnd(world, options, reader);
  // Ours from here on: nobody else goes on with it, nor sweeps it.
  const writer = await store.resume(reader.id);
  try {
    const recorded = recordedRun(reader);
    const { invocation } = recorded;
    if (invocation === undefined) throw tooOld(reader);
    const [values, settings, unwritable] = await Promise.all([
      withValues(world, recorded.resources, invocation, options),
      podSettings(world, invocation.pods),
      unwritableReport(options.junit),
    ]);
    const diagnostics = [...values.diagnostics, ...settings.diagnostics, ...unwritable];
    if (!values.ok || !settings.ok || unwritable.length > 0) return refuse(world, diagnostics);
    tell(world, diagnostics);
    const [plan, gates, log] = await Promise.all([
      planOf({ ...recorded, resources: values.value }),
      gatesOf(recorded),
      reader.events(),
    ]);
    const engine = await openChosen(world, invocation.engine);
    try {
      await sweepInterrupted(world, store);
      const { customTask, directory } = invocation;
      const { maxParallel = invocation.maxParallel, grace = invocation.grace } = options;
      return await perform({
        world,
        options: {
          ...options,
          grace,
          keepWorkspaces: invocation.keepWorkspaces,
          ...(maxParallel === undefined ? {} : { maxParallel }),
        },
        engine,
        store,
        writer,
        plan: invocation.keepWorkspaces ? withKeptClaims(plan) : plan,
        settings: podOptions(settings.value, gates),
        customRuns: customRunsFor(world, { customTask }, { run: plan.identity.name, grace, directory }),
        notices: diagnostics.filter(isWarning),
        omitted: invocation.omitted,
        resumed: { log, retry: options.retry },
      });
    } finally {
      await engine.close().catch((error: unknown) => tellFailure(world, error));
    }
  } finally {
    await writer[Symbol.asyncDispose]();
  }
};

/** The same once more, and the same exit code, without doing anything. */
async function tellEnd(world: World, options: ResumeOptions, reader: RunReader): Promise<number> {
  const log = await reader.events();
  const timeline = timelineOf(log);
  world.err.print(`the run ${reader.id} has ended already: nothing is left to do`);
  switch (options.output) {
    case "text":
      world.out.print(...summaryLines(world.out.style, timeline));
      break;
    case "name":
      world.out.print(reader.id);
      break;
    case "json":
    case "yaml":
      await printValue(world, options.output, listOf(log.reduce(evolve, begin(await planOf(recordedRun(reader))))));
      break;
  }
  if (log.some(isCancel)) return exitCodes.interrupted;
  return timeline.outcome?.status === "True" ? exitCodes.succeeded : exitCodes.failed;
}

const isCancel = ({ event }: Recorded): boolean => event.type === "cancel.requested";
const isWarning = ({ severity }: Diagnostic): boolean => severity === "warning";

function tooOld({ id }: RunReader): LapcatError {
  return new LapcatError({
    code: "store.damaged",
    message: `the record of run ${id} does not say how the run was begun: an older lapcat wrote it`,
    hint: "resume it with that one, or start a new run",
  });
}

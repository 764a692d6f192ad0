import { readFile } from "node:fs/promises";
import { type Diagnostic, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import { failureOf, type RunFailure } from "@lapcat/plan";
import { type Choice } from "@lapcat/resolution";
import { extendTimeline, emptyTimeline, linesOfEvent, summaryLines } from "@lapcat/report";
import { listOf, type Outcomes, type RunList, simulate as play, type Simulated } from "@lapcat/run";
import { asRunnable, type Condition } from "@lapcat/tekton";
import { exitCodes } from "./exit-code.ts";
import {
  choiceOf,
  type InputOptions,
  type Inputs,
  planResolved,
  readInputs,
  resolveChosen,
  simulatedRandom,
} from "./inputs.ts";
import { partOfRun, type PartOptions } from "./part-of-run.ts";
import { printValue } from "./print-value.ts";
import { refuse, tell } from "./tell.ts";
import {
  awaitingCondition,
  cancelledCondition,
  chosenRun,
  remoteFailure,
  pendingCondition,
  unresolvedFailure,
  unstarted,
} from "./unstarted.ts";
import { version } from "./version.ts";
import { type Command, type World } from "./world.ts";

export interface SimulateOptions extends InputOptions, PartOptions {
  readonly outcomes?: string;
  readonly output: "text" | "json" | "yaml";
}

/** The control flow of runs without a container: what is scripted to fail, hang or be cancelled does, and all else succeeds. */
export const simulate: Command<SimulateOptions, readonly [string | undefined]> = async (world, options, name) => {
  const [inputs, outcomes] = await Promise.all([readInputs(world, options), scriptOf(options.outcomes)]);
  if (!inputs.ok || !outcomes.ok) return refuse(world, [...inputs.diagnostics, ...outcomes.diagnostics]);
  const admission = asRunnable(inputs.value.diagnostics);
  if (hasErrors(admission)) return refuse(world, admission);
  const told: Diagnostic[] = [...admission];
  const played: Played[] = [];
  for (const choice of choicesOf(inputs.value, name)) {
    const one = await playOne(world, inputs.value, { ...options, simulated: true }, choice, outcomes.value);
    told.push(...one.diagnostics);
    if (!one.ok) return refuse(world, told);
    played.push(one.value);
  }
  tell(world, told);
  if (options.output === "text") for (const each of played) world.out.print(...storyLines(world, each));
  else await printValue(world, options.output, { apiVersion: "v1", kind: "List", items: played.flatMap(itemsOf) });
  return played.every(hasSucceeded) ? exitCodes.succeeded : exitCodes.failed;
};

/** A run that was played, or one of which a cluster would start nothing. */
type Played = Simulated | { readonly unstarted: RunList["items"][number] };

async function playOne(
  world: World,
  inputs: Inputs,
  options: SimulateOptions,
  choice: Choice | undefined,
  outcomes: Outcomes,
): Promise<Result<Played>> {
  const resolved = await resolveChosen(world, inputs, options, choice);
  const run = resolved.ok ? resolved.value.run.resource : chosenRun(inputs.resources, choice, simulatedRandom());
  const nothing = (condition: Omit<Condition, "type"> | undefined, told: readonly Diagnostic[]): Result<Played> =>
    run === undefined || condition === undefined
      ? fail(told)
      : succeed({ unstarted: unstarted(run, condition, start) }, told);
  const failing = (failure: RunFailure | undefined): Omit<Condition, "type"> | undefined =>
    failure && { status: "False", ...failure };
  const pending = run && pendingCondition(run);
  if (pending !== undefined) return nothing(pending, []);
  const cancelled = run && cancelledCondition(run);
  if (!resolved.ok) {
    const met = resolved.diagnostics;
    const lost = run && (unresolvedFailure(inputs.resources, run) ?? remoteFailure(run, met));
    const condition = run && (cancelled ?? awaitingCondition(run, met) ?? failing(lost));
    return nothing(condition, met);
  }
  const plan = planResolved(inputs, resolved.value, options);
  const told = [...resolved.diagnostics, ...plan.diagnostics];
  if (!plan.ok)
    return nothing(
      cancelled ??
        (resolved.value.kind === "PipelineRun" ? failing(failureOf(resolved.value, inputs.gates.tekton)) : undefined),
      told,
    );
  const part = await partOfRun(world, plan.value, options);
  if (!part.ok) return fail([...told, ...part.diagnostics]);
  const { whole, omitted } = part.value;
  return succeed(play(whole, outcomes, start, version, omitted), [...told, ...part.diagnostics]);
}

function hasSucceeded(played: Played): boolean {
  return "state" in played && played.state.finished?.status === "True";
}

/** Always the same moment: what is simulated twice is the same twice. */
const start = Date.UTC(2000, 0, 1);

/** The one that was named; else every run there is; else what `run` would choose. */
function choicesOf({ resources }: Inputs, name: string | undefined): readonly (Choice | undefined)[] {
  if (name !== undefined) return [choiceOf(name)];
  const runs = resources.flatMap(({ resource: { kind, metadata } }): readonly Choice[] =>
    kind === "PipelineRun" || kind === "TaskRun" ? [{ kind, name: metadata.name ?? metadata.generateName ?? "" }] : [],
  );
  return runs.length > 0 ? runs : [undefined];
}

async function scriptOf(file: string | undefined): Promise<Result<Outcomes>> {
  if (file === undefined) return succeed({});
  const refused = (message: string): Result<Outcomes> => fail([{ code: "usage", severity: "error", message }]);
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return succeed(value as Outcomes);
    return refused(`--outcomes ${file} holds no object: it is {"TASK": {"exitCode": 1}, …}`);
  } catch (cause) {
    return refused(`--outcomes ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** As `run` prints it, each child with the round in which it was created. */
function itemsOf(played: Played): readonly unknown[] {
  if ("unstarted" in played) return [played.unstarted];
  return listOf(played.state).items.map((item) => {
    const wave = played.waves.get(item.metadata.name ?? "");
    if (wave === undefined) return item;
    const annotations = { ...item.metadata.annotations, "lapcat.dev/wave": `${wave}` };
    return { ...item, metadata: { ...item.metadata, annotations } };
  });
}

function storyLines(world: World, played: Played): readonly string[] {
  const { style } = world.out;
  if ("unstarted" in played) {
    const { kind, metadata, status } = played.unstarted;
    const { reason = "", message = "" } = status.conditions[0] ?? {};
    return [`${kind} ${metadata.name ?? ""} ${reason}: ${message}`];
  }
  let timeline = emptyTimeline();
  const lines = played.log.flatMap((recorded) => {
    timeline = extendTimeline(timeline, recorded);
    return linesOfEvent(style, timeline, recorded).filter((line) => !line.startsWith("  its output:"));
  });
  return [...lines, ...summaryLines(style, timeline)];
}

import { readFile } from "node:fs/promises";
import { type Diagnostic, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import { type Choice } from "@lapcat/resolution";
import { extendTimeline, emptyTimeline, linesOfEvent, summaryLines } from "@lapcat/report";
import { listOf, type Outcomes, type RunList, simulate as play, type Simulated } from "@lapcat/run";
import { asRunnable } from "@lapcat/tekton";
import { exitCodes } from "./exit-code.ts";
import { choiceOf, closeRun, type InputOptions, type Inputs, readInputs } from "./inputs.ts";
import { printValue } from "./print-value.ts";
import { refuse, tell } from "./tell.ts";
import { version } from "./version.ts";
import { type Command, type World } from "./world.ts";

export interface SimulateOptions extends InputOptions {
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
  const played: Simulated[] = [];
  for (const choice of choicesOf(inputs.value, name)) {
    const closed = await closeRun(world, inputs.value, { ...options, simulated: true }, choice);
    told.push(...closed.diagnostics);
    if (!closed.ok) return refuse(world, told);
    played.push(play(closed.value.plan, outcomes.value, start, version));
  }
  tell(world, told);
  if (options.output === "text") for (const each of played) world.out.print(...storyLines(world, each));
  else await printValue(world, options.output, listOfAll(played));
  return played.every(({ state }) => state.finished?.status === "True") ? exitCodes.succeeded : exitCodes.failed;
};

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
function listOfAll(played: readonly Simulated[]): RunList {
  const items = played.flatMap(({ state, waves }) =>
    listOf(state).items.map((item) => {
      const wave = waves.get(item.metadata.name ?? "");
      if (wave === undefined) return item;
      const annotations = { ...item.metadata.annotations, "lapcat.dev/wave": `${wave}` };
      return { ...item, metadata: { ...item.metadata, annotations } };
    }),
  );
  return { apiVersion: "v1", kind: "List", items: items as RunList["items"] };
}

function storyLines(world: World, { log }: Simulated): readonly string[] {
  const { style } = world.out;
  let timeline = emptyTimeline();
  const lines = log.flatMap((recorded) => {
    timeline = extendTimeline(timeline, recorded);
    return linesOfEvent(style, timeline, recorded).filter((line) => !line.startsWith("  its output:"));
  });
  return [...lines, ...summaryLines(style, timeline)];
}

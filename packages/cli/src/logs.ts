import { didYouMean, LapcatError } from "@lapcat/diagnostic";
import {
  emptyTimeline,
  extendTimeline,
  isNamed,
  logPrefix,
  type StepLine,
  type Timeline,
  timelineOf,
  toldFact,
} from "@lapcat/report";
import { type LogKey, type LogLine, type RunReader } from "@lapcat/store";
import { exitCodes } from "./exit-code.ts";
import { leanMemory } from "./lean-memory.ts";
import { storedRun, storeOf } from "./stored-run.ts";
import { type Command, type World } from "./world.ts";

export interface LogsOptions {
  readonly follow: boolean;
  readonly timestamps: boolean;
}

interface Selection {
  readonly task: string | undefined;
  readonly step: string | undefined;
}

interface Container {
  readonly key: LogKey;
  readonly prefix: string;
}

/** What the steps of a run printed: of all, of one task, or of one step. */
export const logs: Command<LogsOptions, readonly [string, string | undefined, string | undefined]> = async (
  world,
  options,
  id,
  task,
  step,
) => {
  leanMemory();
  const reader = await storedRun(storeOf(world), id);
  const selection = { task, step };
  if (options.follow) {
    await follow(world, reader, selection, options);
    return exitCodes.succeeded;
  }
  const timeline = timelineOf(await reader.events());
  checkSelection(timeline, selection);
  const kept = new Set((await reader.logKeys()).map(keyText));
  for (const { key, prefix } of containersOf(world, timeline, selection)) {
    if (kept.has(keyText(key))) await printLog(world, gathered(textsOf(reader.readLog(key), prefix, options)));
  }
  return exitCodes.succeeded;
};

/** Prints each container's output from when it starts; those that run at once take turns by the line. */
async function follow(world: World, reader: RunReader, selection: Selection, options: LogsOptions): Promise<void> {
  const { closed } = world.out;
  const printing: Promise<void>[] = [];
  let timeline = emptyTimeline();
  for await (const recorded of reader.follow(closed)) {
    timeline = extendTimeline(timeline, recorded);
    const { event } = toldFact(timeline, recorded.event);
    if (event.type !== "step.started" && event.type !== "sidecar.started" && event.type !== "custom-run.started")
      continue;
    const started = containersOf(world, timeline, selection).find(
      ({ key }) => key.taskRun === event.taskRun && key.attempt === event.attempt && key.container === event.container,
    );
    if (started !== undefined)
      printing.push(printLog(world, textsOf(reader.followLog(started.key, closed), started.prefix, options)));
  }
  await Promise.all(printing);
  checkSelection(timeline, selection);
}

/** In the order the attempts began, and in each the steps before the sidecars. */
function containersOf(world: World, timeline: Timeline, { task, step }: Selection): readonly Container[] {
  return timeline.attempts
    .filter((attempt) => task === undefined || isNamed(attempt, task))
    .flatMap((attempt) =>
      attempt.steps
        .filter((each) => step === undefined || isStep(each, step))
        .map(({ name, container }) => ({
          key: { taskRun: attempt.taskRun, attempt: attempt.attempt, container },
          prefix: step === undefined ? logPrefix(world.out.style, timeline.kind, attempt.task, name) : "",
        })),
    );
}

const isStep = (step: StepLine, name: string): boolean => step.name === name || step.container === name;
const keyText = (key: LogKey): string => `${key.taskRun} ${key.attempt} ${key.container}`;

/** Rejects what names nothing of the run. */
function checkSelection(timeline: Timeline, { task, step }: Selection): void {
  if (task === undefined) return;
  const attempts = timeline.attempts.filter((attempt) => isNamed(attempt, task));
  if (attempts.length === 0) {
    const skipped = timeline.skipped.find((each) => each.task === task);
    if (skipped !== undefined) throw noSuch(`task ${task} was skipped: ${skipped.reason}`, []);
    throw noSuch(
      `no task ${task} has run`,
      timeline.attempts.map((each) => each.task),
      task,
    );
  }
  if (step === undefined) return;
  const steps = attempts.flatMap((attempt) => attempt.steps);
  if (!steps.some((each) => isStep(each, step)))
    throw noSuch(
      `task ${task} has no step ${step}`,
      steps.map((each) => each.name),
      step,
    );
}

function noSuch(message: string, names: readonly string[], word = ""): LapcatError {
  const unique = [...new Set(names)];
  const near = didYouMean(word, unique);
  const hint = near === undefined ? `there are: ${unique.join(", ")}` : `did you mean ${near}?`;
  return new LapcatError({ code: "usage", message, ...(unique.length === 0 ? {} : { hint }) });
}

async function* textsOf(
  lines: AsyncIterable<LogLine>,
  prefix: string,
  { timestamps }: LogsOptions,
): AsyncGenerator<string> {
  for await (const { at, text } of lines)
    yield timestamps ? `${prefix}${new Date(at).toISOString()} ${text}\n` : `${prefix}${text}\n`;
}

/** Few writes where there is much to say and nobody waits for the single line. */
async function* gathered(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let held = "";
  for await (const text of texts) {
    held += text;
    if (held.length < 32 * 1024) continue;
    yield held;
    held = "";
  }
  yield held;
}

async function printLog(world: World, texts: AsyncIterable<string>): Promise<void> {
  for await (const text of texts) {
    if (world.out.closed.aborted) return;
    await world.out.write(text);
  }
}

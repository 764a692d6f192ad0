import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Diagnostic,
  formatDiagnostic,
  LapcatError,
  type Result,
  sourceFile,
} from "../packages/diagnostic/src/index.ts";
import { asRunId } from "../packages/engine/src/index.ts";
import {
  FakeEngine,
  type FakeScript,
  manualSignal,
  virtualClock,
  type VirtualClock,
} from "../packages/engine/src/fake.ts";
import { type CustomProcess, execute } from "../packages/executor/src/index.ts";
import { parseManifest, stringifyManifest } from "../packages/manifest/src/index.ts";
import { type Life } from "./life.ts";
import { planRun, asPipelineTaskName, asTaskRunName } from "../packages/plan/src/index.ts";
import { type PodFlags } from "../packages/pod/src/index.ts";
import { resolveRun } from "../packages/resolution/src/index.ts";
import {
  begin,
  evolve,
  listOf,
  type Recorded,
  type RunEvent,
  type RunState,
  versionOf,
  whereabouts,
  type TaskOmitted,
} from "../packages/run/src/index.ts";
import { readResources, type TektonVersion, type RunResult } from "../packages/tekton/src/index.ts";

/** When the user did what, in milliseconds; and what was given on the command line. */
export interface User {
  readonly cancelAt?: number;
  readonly hurryAt?: number;
  readonly maxParallel?: number;
  readonly tekton?: TektonVersion;
  readonly settings?: PodFlags;
  readonly resultLimit?: number;
  /** Tasks that are left out, and the results that were given in their place. */
  readonly omitted?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Programs for custom tasks, by kind. */
  readonly customTasks?: Readonly<Record<string, ScriptedCommand>>;
}

/** What a program prints when it starts, and how it ends. */
interface ScriptedCommand {
  readonly stdout?: string;
  readonly stderr?: string;
  /** Milliseconds; without it, it ends when it is told to. */
  readonly after?: number;
  readonly exitCode?: number;
  /** Only SIGKILL ends it. */
  readonly stubborn?: boolean;
}

/** A run that was interrupted: what its log told, how long ago that is, and whether its attempts are made again. */
export interface Interrupted {
  readonly log: readonly Recorded[];
  readonly since: number;
  readonly retry: boolean;
}

export interface Conversation {
  readonly events: string;
  readonly status: string;
  /** What the log says, and what the executor says at its end: they have to agree. */
  readonly folded: RunState;
  readonly state: RunState | undefined;
  readonly log: readonly Recorded[];
  /** What the engine was asked, in order. */
  readonly calls: readonly string[];
}

const start = Date.UTC(2026, 10, 22, 12, 0, 0);

/** A folder of `fixtures/conversations`: what the user wrote, run on the engine that the folder describes. */
export function converse(folder: string, interrupted?: Interrupted, more: FakeScript = {}): Promise<Conversation> {
  const { written, script, user } = scenarioIn(folder);
  const again = { claims: ["*"], ...withRetries(script), ...more };
  return play(written, interrupted === undefined ? script : again, user, interrupted);
}

export interface Scenario {
  readonly written: string;
  readonly script: FakeScript;
  readonly user: User;
}

export function scenarioIn(folder: string): Scenario {
  return {
    written: readFileSync(join(folder, "pipeline.yaml"), "utf8"),
    script: readYaml<FakeScript>(join(folder, "engine.yaml")),
    user: readYaml<User>(join(folder, "user.yaml")),
  };
}

function omittedTask(task: string, results: Readonly<Record<string, string>>): TaskOmitted {
  const given = Object.entries(results).map(([name, value]): RunResult => ({ name, type: "string", value }));
  const taskRuns = [{ name: asTaskRunName(task), results: given }];
  return {
    type: "task.omitted",
    task: asPipelineTaskName(task),
    ...(given.length > 0 && { given: { status: "Succeeded", reason: "Succeeded", finished: true, taskRuns } }),
  };
}

/** An attempt that is made in the place of an interrupted one does what that one would have done. */
export function withRetries(script: FakeScript): FakeScript {
  const pods = Object.entries(script.pods ?? {});
  return {
    ...script,
    pods: Object.fromEntries([...pods.map(([name, each]) => [`${name}-retry*`, each]), ...pods]),
  };
}

/** What outlives a lapcat. */
export interface Machine {
  readonly clock: VirtualClock;
  readonly engine: FakeEngine;
}

// Real turns of the event loop: digests and files are not made in microtasks.
export function machineOf(script: FakeScript, now: number = start): Machine {
  const clock = virtualClock(now, () => new Promise((resolve) => setImmediate(resolve)));
  return { clock, engine: new FakeEngine(script, clock) };
}

/** What a user wrote, run on an engine that follows the script, on a virtual clock. */
export async function play(
  written: string,
  script: FakeScript,
  user: User,
  interrupted?: Interrupted,
): Promise<Conversation> {
  const now = (interrupted?.log.at(-1)?.at ?? start) + (interrupted?.since ?? 0);
  return playOn(machineOf(script, now), written, user, interrupted);
}

/** The same on a machine that perhaps another lapcat had before; `life` may end in the middle. */
export async function playOn(
  machine: Machine,
  written: string,
  user: User,
  interrupted?: Interrupted,
  life?: Life,
): Promise<Conversation> {
  const source = sourceFile("pipeline.yaml", written);
  const resources = sound(readResources(sound(parseManifest(source)))).resources;
  const resolved = sound(await resolveRun(resources, undefined, { catalogs: [], pins: new Map(), random: () => 0.5 }));
  const plan = sound(
    planRun(resolved, {
      resultLimit: user.resultLimit,
      ...(user.tekton === undefined ? {} : { tekton: user.tekton }),
      runsCustom: ({ kind }) => user.customTasks?.[kind] !== undefined,
    }),
  );

  const { clock, engine } = machine;
  const recorded: Recorded[] = [...(interrupted?.log ?? [])];
  const lines: string[] = [];
  const stamp = (at: number): string => ((at - start) / 1000).toFixed(3).padStart(8);
  const running = execute({
    plan,
    runId: asRunId(plan.identity.name),
    engine: life?.engine(engine) ?? engine,
    clock: life?.clock(clock) ?? clock,
    version: "0.1.0",
    grace: 10_000,
    podOptions: {
      mapImage: (image) => image,
      ...(user.settings === undefined ? {} : { settings: user.settings }),
    },
    omitted: Object.entries(user.omitted ?? {}).map(([task, results]) => omittedTask(task, results)),
    customRuns: {
      start: (customRun) => {
        lines.push(`${stamp(clock.now())}     given: ${JSON.stringify(customRun.spec)}`);
        const kind = customRun.spec.customRef?.kind ?? customRun.spec.customSpec?.kind ?? "";
        return scriptedProcess(user.customTasks?.[kind] ?? {}, clock);
      },
    },
    ...(interrupted === undefined ? {} : { resumed: interrupted }),
    ...(user.maxParallel === undefined ? {} : { maxParallel: user.maxParallel }),
    cancel: signalAt(clock, user.cancelAt),
    hurry: signalAt(clock, user.hurryAt),
    events: {
      append(event, at) {
        const appended = (): Recorded => {
          const fact: Recorded = { v: versionOf(event), seq: recorded.length, at, event };
          recorded.push(fact);
          lines.push(`${stamp(at)} ${words(event)}`);
          return fact;
        };
        return life === undefined ? appended() : life.now(appended);
      },
    },
    logs: {
      openLog: ({ taskRun, container }) => ({
        async write(stream, bytes, at) {
          for (const line of Buffer.from(bytes).toString().trimEnd().split("\n"))
            lines.push(`${stamp(at)}     ${taskRun} ${container} ${stream}| ${line}`);
        },
        end: () => Promise.resolve(),
      }),
    },
  });
  let state: RunState | undefined;
  try {
    state = await clock.runUntil(life === undefined ? running : Promise.race([running, life.over]));
  } catch (error) {
    if (!(error instanceof LapcatError)) throw error;
    for (const each of error.diagnostics) lines.push(`failed: ${formatDiagnostic(each, { colour: false })}`);
  }
  const left = await engine.leftovers().then(
    (runs) => (runs.length === 0 ? "nothing is left in the engine" : `left in the engine: ${runs.join(", ")}`),
    () => "the engine does not answer",
  );
  lines.push(left);
  const folded = recorded.reduce(evolve, begin(plan));
  return {
    events: `${lines.join("\n")}\n`,
    status: recorded.length === 0 ? "" : statusText(folded),
    folded,
    state,
    log: recorded,
    calls: engine.calls,
  };
}

/** A program that keeps to its script. */
function scriptedProcess(command: ScriptedCommand, clock: VirtualClock): CustomProcess {
  const { stdout = "", stderr = "", after, exitCode = 0, stubborn = false } = command;
  const killed = manualSignal();
  let signalled: "SIGTERM" | "SIGKILL" | undefined;
  const over = new Promise<void>((resolve) => {
    killed.addEventListener("abort", () => resolve());
    if (after !== undefined) void clock.sleep(after, killed).then(resolve);
  });
  const printed = async function* (text: string): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
    await over;
  };
  return {
    stdout: printed(stdout),
    stderr: printed(stderr),
    ended: over.then(() =>
      signalled === undefined ? { kind: "exited", exitCode } : { kind: "killed", signal: signalled },
    ),
    kill: (signal) => {
      if (signal === "SIGTERM" && stubborn) return;
      signalled ??= signal;
      killed.cancel();
    },
  };
}

/** What `-o json` shows, without the specs: they say again what was written. */
function statusText(state: RunState): string {
  return stringifyManifest(
    listOf(state).items.map(({ kind, metadata, status }) => {
      const shown = Object.entries(status).filter(
        ([field]) => !["taskSpec", "pipelineSpec", "provenance"].includes(field),
      );
      return { kind, name: metadata.name, status: Object.fromEntries(shown) };
    }),
  );
}

/** The text of a user's file as values; the fake's script is data. */
function readYaml<T extends object>(file: string): T {
  if (!existsSync(file)) return {} as T;
  const [document] = sound(parseManifest(sourceFile(file, readFileSync(file, "utf8"))));
  return (document?.value ?? {}) as T;
}

function sound<T>(result: Result<T>): T {
  if (!result.ok)
    throw new Error(result.diagnostics.map((each: Diagnostic) => formatDiagnostic(each, { colour: false })).join("\n"));
  return result.value;
}

function signalAt(clock: VirtualClock, at: number | undefined): ReturnType<typeof manualSignal> {
  const signal = manualSignal();
  if (at !== undefined) void clock.sleep(at, manualSignal()).then(() => signal.cancel());
  return signal;
}

/** A fact on one line; a Task's whole spec is shown in the status. */
function words(told: RunEvent): string {
  const { path, event } = whereabouts(told);
  const { type, ...facts } = event;
  const shown = Object.entries(facts).map(([name, value]) => {
    if (name === "taskSpec" || name === "uid") return "";
    if (type === "pod.created" && event.type === "pod.created" && name === "containers")
      return event.containers.map((each) => ` ${each.name}(${each.image})`).join("");
    return ` ${name}=${typeof value === "string" && /^[\w./:@-]+$/u.test(value) ? value : JSON.stringify(value)}`;
  });
  const of = path.length === 0 ? "" : ` of=${path.at(-1)}`;
  return `${type}${of}${shown.join("")}`;
}
